// What the Swift library does before main and no command of the runtime needs.
//
// Two of its object files have constructors. One looks for this program's arguments by reading
// /proc/self/maps (CommandLine.cpp; ours are in Linux/Process.swift). The other looks for
// swift-backtrace beside this program, in a dozen places (Backtrace.cpp), and would print traces of
// the stack. A linker takes an object file out of an archive only for a symbol that it still lacks,
// so with these definitions both stay outside, and nothing of theirs runs.

#include <stddef.h>

// stdlib/public/CommandLineSupport: what CommandLine.arguments would be made of.
char **_swift_stdlib_getUnsafeArgvArgc(int *count);
char **_swift_stdlib_getUnsafeArgvArgc(int *count) {
  static char *none[] = {NULL};
  *count = 0;
  return none;
}

void _swift_stdlib_overrideUnsafeArgvArgc(char **arguments, int count);
void _swift_stdlib_overrideUnsafeArgvArgc(char **arguments, int count) {
  (void)arguments, (void)count;
}

// stdlib/public/runtime/BacktracePrivate.h: a structure of switches, all of them off. It is longer
// than what is read of it here.
char _swift_backtraceSettings[512] __attribute__((aligned(16)));

// What swiftrt.o asks for to have that file linked.
_Bool _swift_backtrace_isThunkFunction(const char *name);
_Bool _swift_backtrace_isThunkFunction(const char *name) {
  (void)name;
  return 0;
}
