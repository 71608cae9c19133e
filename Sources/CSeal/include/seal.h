// Linking with --entry=seal_start is enough: the program is sealed before it begins.
#pragma once
