// peak PROGRAM [ARGUMENT...]: what a command took, on standard output: the most memory that any of
// its processes had resident, in KiB, and the page faults of all (getrusage(2), ru_maxrss and
// ru_minflt of the children, which include theirs).
//
// A program of its own, since a process begins with the peak of the one that starts it: this one is
// as small as a C program gets. Nothing is printed unless the command ends with code 0.
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc < 2) return fprintf(stderr, "usage: peak PROGRAM [ARGUMENT...]\n"), 125;
  pid_t pid = fork();
  if (pid == 0) {
    dup2(2, 1);
    execv(argv[1], argv + 1);
    _exit(127);
  }
  int status;
  struct rusage usage;
  if (pid < 0 || wait4(pid, &status, 0, &usage) < 0) return 125;
  if (!WIFEXITED(status) || WEXITSTATUS(status)) return 1;
  return printf("%ld %ld\n", usage.ru_maxrss, usage.ru_minflt) < 0;
}
