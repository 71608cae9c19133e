// The runtime's own file, out of a container's reach (CVE-2019-5736).
//
// A process that is about to become a container's program can be tricked into executing the runtime
// once more inside (a script whose first line is "#!/proc/self/exe"), and whoever is root there can
// open /proc/PID/exe and write to the host's file when that has ended. So the commands that go into
// containers run from a private, read-only mount of the file: writing through it is EROFS, whatever
// the permissions, and so is writing through any /proc/PID/exe that leads to it.
//
//   seal_start                     the program's entry (Package.swift), before the C library's
//     statfs(2)                    sealed already? then on to _start
//     open_tree(2) CLONE           a mount of the file alone, in no namespace
//     mount_setattr(2)             read-only
//     execveat(2) AT_EMPTY_PATH    this program again, from there
//   _start                         C library, Swift, main
//
// The program is executed twice, so the first time ends before anything is initialised: no C
// library, no Swift. Nothing here may call a function of theirs; their string functions are chosen
// (IRELATIVE) by code that has not run yet. When the kernel does not let us (no CAP_SYS_ADMIN) the
// program goes on: who may not mount may not write to root's file either.

#include "seal.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#ifndef __NR_open_tree
#define __NR_open_tree 428
#endif
#ifndef __NR_mount_setattr
#define __NR_mount_setattr 442
#endif
#define AT_EMPTY_PATH 0x1000

// syscall(2) as the kernel has it: at most five arguments, a negative result is the error.
#if defined(__x86_64__)
static inline long call(long number, long a, long b, long c, long d, long e) {
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                   : "rcx", "r11", "memory");
  return result;
}
// The stack begins with argc (System V ABI, "Process Initialization"); rdx must be 0 in _start.
__asm__(".globl seal_start\n.type seal_start, @function\n"
        "seal_start:\n"
        "  mov %rsp, %rdi\n"
        "  call seal\n"
        "  xor %edx, %edx\n"
        "  jmp _start\n");
#elif defined(__aarch64__)
static inline long call(long number, long a, long b, long c, long d, long e) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  __asm__ volatile("svc 0"
                   : "+r"(x0)
                   : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4)
                   : "memory");
  return x0;
}
__asm__(".globl seal_start\n.type seal_start, %function\n"
        "seal_start:\n"
        "  mov x0, sp\n"
        "  bl seal\n"
        "  mov x0, #0\n"
        "  b _start\n");
#else
#error "seal.c: write the entry for this machine"
#endif

static int is(const char *word, const char *name) {
  while (*word && *word == *name) word++, name++;
  return *word == *name;
}

static int goes_into_containers(char **argv) {
  for (char **word = argv + 1; word[0] && word[-1]; word++)
    if (is(*word, "run") || is(*word, "create") || is(*word, "exec")) return 1;
  return 0;
}

// Called by seal_start with what the kernel put on the stack: argc, argv…, NULL, envp…, NULL.
__attribute__((used, no_stack_protector, no_builtin)) void seal(long *stack) {
  char **argv = (char **)(stack + 1), **envp = argv + stack[0] + 1;
  const long self = (long)"/proc/self/exe", empty = (long)"";
  struct statfs fs;
  if (stack[0] < 2 || !goes_into_containers(argv)) return;
  if (call(__NR_statfs, self, (long)&fs, 0, 0, 0) < 0 || fs.f_flags & 1 /* ST_RDONLY */) return;
  long tree = call(__NR_open_tree, AT_FDCWD, self, 1 /* CLONE */ | O_CLOEXEC, 0, 0);
  if (tree < 0) return;
  uint64_t attributes[4] = {1 /* MOUNT_ATTR_RDONLY */, 0, 0, 0};
  if (call(__NR_mount_setattr, tree, empty, AT_EMPTY_PATH, (long)attributes, sizeof attributes) ==
      0)
    call(__NR_execveat, tree, empty, (long)argv, (long)envp, AT_EMPTY_PATH);
  call(__NR_close, tree, 0, 0, 0, 0);
}
