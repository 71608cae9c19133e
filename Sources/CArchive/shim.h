// libarchive(3), its reading half, linked statically: the shared library would bring libxml2 and
// with it ICU into the start of every command. What writes tar pulls all formats in, and is our own
// (Sources/Images/TarWriter.swift).
#include <archive.h>
#include <archive_entry.h>
