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
//     mmap(2) MAP_FIXED            every segment once more, from there: the same bytes in the same
//                                  place, and nothing is left that maps the file as it was executed
//     prctl(2) PR_SET_MM_MAP       /proc/self/exe is the mount's file from now on
//   _start                         C library, Swift, main
//
// prctl needs Linux with CONFIG_CHECKPOINT_RESTORE, and no mapping of the old file; where it says no
// the program executes itself from the mount instead: execveat(2) AT_EMPTY_PATH.
//
// All of it before anything is initialised: no C library, no Swift. Nothing here may call a function
// of theirs; their string functions are chosen (IRELATIVE) by code that has not run yet. Nothing may
// be written to static memory either, which is mapped anew. When the kernel does not let us (no
// CAP_SYS_ADMIN) the program goes on: who may not mount may not write to root's file either.

#include "seal.h"

#include <elf.h>
#include <fcntl.h>
#include <linux/prctl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#ifndef __NR_open_tree
#define __NR_open_tree 428
#endif
#ifndef __NR_mount_setattr
#define __NR_mount_setattr 442
#endif
#define AT_EMPTY_PATH 0x1000

#define EARLY __attribute__((no_stack_protector, no_builtin))

// syscall(2) as the kernel has it; a negative result is the error.
#if defined(__x86_64__)
static inline long call(long number, long a, long b, long c, long d, long e, long f) {
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
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
static inline long call(long number, long a, long b, long c, long d, long e, long f) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc 0"
                   : "+r"(x0)
                   : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
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

EARLY static int is(const char *word, const char *name) {
  while (*word && *word == *name) word++, name++;
  return *word == *name;
}

EARLY static int goes_into_containers(char **argv) {
  for (char **word = argv + 1; word[0] && word[-1]; word++)
    if (is(*word, "run") || is(*word, "create") || is(*word, "exec")) return 1;
  return 0;
}

// Where the linker put the file's header (ld(1), __ehdr_start), and with it the segments' table.
extern const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));

// The segments once more, from another descriptor of the same file: elf(5), PT_LOAD.
//
// What execve(2) did is done again: the rest of a writable segment's last page is cleared, since
// variables begin there that have no bytes in the file. The pages behind it are not the file's.
EARLY static long map_again(long fd, uint64_t page, struct prctl_mm_map *map) {
  const Elf64_Phdr *part = (const Elf64_Phdr *)((const char *)&__ehdr_start + __ehdr_start.e_phoff);
  for (int left = __ehdr_start.e_phnum; left > 0; left--, part++) {
    if (part->p_type != PT_LOAD) continue;
    const uint64_t start = part->p_vaddr, end = start + part->p_filesz, before = start % page;
    const int protection = (part->p_flags & PF_R ? PROT_READ : 0) |
                           (part->p_flags & PF_W ? PROT_WRITE : 0) |
                           (part->p_flags & PF_X ? PROT_EXEC : 0);
    const long result = call(__NR_mmap, start - before, end - start + before, protection,
                             MAP_PRIVATE | MAP_FIXED, fd, part->p_offset - before);
    if (result < 0) return result;
    if (part->p_flags & PF_X) map->start_code = start, map->end_code = end;
    if (!(part->p_flags & PF_W)) continue;
    map->start_data = start, map->end_data = end;
    for (volatile char *byte = (volatile char *)end; (uint64_t)byte % page; byte++) *byte = 0;
  }
  return 0;
}

EARLY static uint64_t behind(const char *string) {
  while (*string) string++;
  return (uint64_t)string + 1;
}

// A descriptor to read from, of one that open_tree(2) gave, which is O_PATH.
EARLY static long open_again(long tree) {
  char path[] = "/proc/self/fd/\0\0\0\0\0\0\0\0\0\0";
  char *place = path + sizeof "/proc/self/fd/" - 1;
  for (long rest = tree; rest /= 10;) place++;
  for (long rest = tree; *place != '/'; rest /= 10) *place-- = '0' + rest % 10;
  return call(__NR_openat, AT_FDCWD, (long)path, O_RDONLY | O_CLOEXEC, 0, 0, 0);
}

// Makes the mount's file the one that this process runs.
//
// PR_SET_MM_MAP wants everything that proc_pid_stat(5) tells of a process; all but the file is said
// to be what it was.
EARLY static long exchange(long tree, long *stack, char **argv, char **envp) {
  uint64_t page = 0;
  char **end = envp;
  while (*end) end++;
  for (const Elf64_auxv_t *entry = (const Elf64_auxv_t *)(end + 1); entry->a_type; entry++)
    if (entry->a_type == AT_PAGESZ) page = entry->a_un.a_val;
  struct prctl_mm_map map = {
      .brk = call(__NR_brk, 0, 0, 0, 0, 0, 0),
      .start_stack = (uint64_t)stack,
      .arg_start = (uint64_t)argv[0],
      .arg_end = behind(argv[stack[0] - 1]),
      .env_start = behind(argv[stack[0] - 1]),
      .env_end = envp < end ? behind(end[-1]) : behind(argv[stack[0] - 1]),
  };
  map.start_brk = map.brk;
  long file = open_again(tree), result = file;
  if (page && file >= 0 && (result = map_again(file, page, &map)) == 0) {
    map.exe_fd = file;
    result = call(__NR_prctl, PR_SET_MM, PR_SET_MM_MAP, (long)&map, sizeof map, 0, 0);
  }
  if (file >= 0) call(__NR_close, file, 0, 0, 0, 0, 0);
  return result;
}

// Called by seal_start with what the kernel put on the stack: argc, argv…, NULL, envp…, NULL.
EARLY __attribute__((used)) void seal(long *stack) {
  char **argv = (char **)(stack + 1), **envp = argv + stack[0] + 1;
  const long self = (long)"/proc/self/exe", empty = (long)"";
  struct statfs fs;
  if (stack[0] < 2 || !goes_into_containers(argv)) return;
  if (call(__NR_statfs, self, (long)&fs, 0, 0, 0, 0) < 0 || fs.f_flags & 1 /* ST_RDONLY */) return;
  long tree = call(__NR_open_tree, AT_FDCWD, self, 1 /* CLONE */ | O_CLOEXEC, 0, 0, 0);
  if (tree < 0) return;
  uint64_t attributes[4] = {1 /* MOUNT_ATTR_RDONLY */, 0, 0, 0};
  if (call(__NR_mount_setattr, tree, empty, AT_EMPTY_PATH, (long)attributes, sizeof attributes, 0) ==
      0) {
    if (exchange(tree, stack, argv, envp) < 0)
      call(__NR_execveat, tree, empty, (long)argv, (long)envp, AT_EMPTY_PATH, 0);
  }
  call(__NR_close, tree, 0, 0, 0, 0, 0);
}
