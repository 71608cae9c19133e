// order SYMBOLS COMMAND [ARGUMENT...]: which functions a program calls and which variables they name,
// in the order of the first time, for the linker (ld.lld --symbol-ordering-file).
//
// A page fault on a file maps the 64 KiB around it, so functions that are called together should lie
// together. The command is run one instruction at a time (ptrace(2), PTRACE_SINGLESTEP) with the
// process it clones, and the symbol of each instruction is looked up in SYMBOLS, the output of
// `nm -n`. A variable is named by a distance from the instruction (x86-64, RIP-relative addressing)
// or by its address (32 bits): whatever four bytes of an instruction could be either is looked up. A
// wrong guess puts a variable that nobody needs among the others. Three groups are printed: what both processes call, what only the first does, what only
// the second does. A static program that is not position-independent: addresses are as in the file.
//
// When the first process has ended, those it leaves (init, which waits for `start`) are let go.
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

struct symbol {
  uint64_t address;
  char *name;
  unsigned first;  // when it was called first, by anybody; 0 is never
  char callers;    // bit 0: the first process, bit 1: another
  char type;       // nm(1)
};
static struct symbol *symbols;
static size_t count;
static const char functions[] = "tTwWi", variables[] = "bBdDVu";

static void read_symbols(const char *path) {
  FILE *file = fopen(path, "r");
  if (!file) exit(1);
  static char line[1 << 20], name[1 << 20];
  char type;
  unsigned long address;
  while (fgets(line, sizeof line, file)) {
    // Undefined ones have no address.
    if (sscanf(line, "%lx %c %s", &address, &type, name) != 3) continue;
    if (!strchr(functions, type) && !strchr(variables, type)) continue;
    symbols = realloc(symbols, (count + 1) * sizeof *symbols);
    symbols[count++] = (struct symbol){address, strdup(name), 0, 0, type};
  }
  fclose(file);
}

// All names of the function or variable that an address lies in, if it is one.
static void used(uint64_t address, const char *types, unsigned now, char caller) {
  size_t low = 0, high = count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (symbols[middle].address <= address) low = middle + 1; else high = middle;
  }
  for (size_t i = low; i > 0 && symbols[i - 1].address == symbols[low - 1].address; i--) {
    struct symbol *symbol = &symbols[i - 1];
    if (!strchr(types, symbol->type)) continue;
    if (!symbol->first) symbol->first = now;
    symbol->callers |= caller;
  }
}

// Instructions seen already, a bit an address below 64 MiB, for each of the two callers.
static unsigned char seen[2][(64 << 20) / 8];

// The variables that the instruction at an address names.
static void names(pid_t pid, uint64_t at, unsigned now, char caller) {
  if (at >= 64 << 20 || seen[caller - 1][at / 8] >> at % 8 & 1) return;
  seen[caller - 1][at / 8] |= (unsigned char)(1 << at % 8);
  unsigned char code[16];
  for (unsigned i = 0; i < sizeof code; i += 8) {
    long word = ptrace(PTRACE_PEEKTEXT, pid, at + i, 0);
    memcpy(code + i, &word, 8);
  }
  // One to seven bytes of prefixes and operation, four of the address, none to four behind it.
  for (unsigned i = 1; i <= 7; i++) {
    int32_t number;
    memcpy(&number, code + i, 4);
    for (unsigned behind = 0; behind <= 4; behind++) {
      used(at + i + 4 + behind + (uint64_t)(int64_t)number, variables, now, caller);
    }
    used((uint32_t)number, variables, now, caller);
  }
}

static int earlier(const void *a, const void *b) {
  const struct symbol *x = a, *y = b;
  int group = (x->callers == 3 ? 0 : x->callers) - (y->callers == 3 ? 0 : y->callers);
  return group ? group : x->first < y->first ? -1 : x->first > y->first;
}

// The processes that are watched beside the first.
static pid_t others[64];
static int other_count;

static void remember(pid_t pid) {
  for (int i = 0; i < other_count; i++)
    if (others[i] == pid) return;
  if (other_count < 64) others[other_count++] = pid;
}

static void forget(pid_t pid) {
  for (int i = 0; i < other_count; i++)
    if (others[i] == pid) others[i--] = others[--other_count];
}

int main(int argc, char **argv) {
  if (argc < 3) return fprintf(stderr, "usage: order SYMBOLS COMMAND [ARGUMENT...]\n"), 2;
  read_symbols(argv[1]);
  // Both on one CPU: a step is then a switch and no message between two.
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(0, &one);
  sched_setaffinity(0, sizeof one, &one);
  pid_t first = fork();
  if (first == 0) {
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    execv(argv[2], argv + 2);
    _exit(127);
  }
  int status, code = 1, ended = 0;
  waitpid(first, &status, 0);
  ptrace(PTRACE_SETOPTIONS, first, 0,
         PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL);
  ptrace(PTRACE_SINGLESTEP, first, 0, 0);
  for (unsigned now = 1; ; now++) {
    pid_t pid = waitpid(-1, &status, __WALL);
    if (pid < 0) break;
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
      forget(pid);
      if (pid != first) continue;
      code = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
      ended = 1;
      // ptrace(2): only a process that is stopped can be detached. Detached, it goes on.
      for (int i = 0; i < other_count; i++) kill(others[i], SIGSTOP);
      continue;
    }
    if (pid != first) remember(pid);
    if (ended && WSTOPSIG(status) == SIGSTOP) {
      forget(pid);
      ptrace(PTRACE_DETACH, pid, 0, 0);
      continue;
    }
    // An execve of another process is the container's program: it has other addresses.
    if (status >> 16 == PTRACE_EVENT_EXEC && pid != first) {
      forget(pid);
      ptrace(PTRACE_DETACH, pid, 0, 0);
      continue;
    }
    struct user_regs_struct registers;
    if (ptrace(PTRACE_GETREGS, pid, 0, &registers) == 0) {
      used(registers.rip, functions, now, pid == first ? 1 : 2);
      names(pid, registers.rip, now, pid == first ? 1 : 2);
    }
    int signal = WSTOPSIG(status);
    ptrace(PTRACE_SINGLESTEP, pid, 0, signal == SIGTRAP || signal == SIGSTOP ? 0 : signal);
  }
  qsort(symbols, count, sizeof *symbols, earlier);
  for (size_t i = 0; i < count; i++)
    if (symbols[i].first) puts(symbols[i].name);
  return code;
}
