// Linking this is enough: the seal is made before main.
#pragma once
