// What the parts of `inside` share: each prints its figures, `name value` a line.
#pragma once
#include <stdint.h>

// CLOCK_MONOTONIC, and what this thread has run; nanoseconds.
uint64_t now_ns(void);
uint64_t cpu_ns(void);
// Memory that a child's writes are seen in.
void *shared(uint64_t bytes);
void put(const char *name, uint64_t value);
// The call, the object, the error; ends the program.
void die(const char *call, const char *object);
// An argument that must be a number.
uint64_t number(const char *text);

int calls(const char *kind, uint64_t count);
int burn(uint64_t processes, const char *begin, uint64_t window, int64_t pin, int64_t home);
int burst(uint64_t work, uint64_t gap, uint64_t count);
int compute(uint64_t count, int64_t pin);
int allocate(uint64_t bytes, int ends_itself);
int reread(const char *path, uint64_t bytes);
int write_direct(const char *path, uint64_t bytes, uint64_t chunk);
int forks(uint64_t most);
// With a network namespace for the child, or without.
int netns(int has_namespace);
int churn(const char *kind, uint64_t count);
// Processes that each make so many namespaces of one kind, all at once.
int unshares(const char *kind, uint64_t callers, uint64_t count);
int copy(const char *from, const char *to);
int metadata(const char *directory, uint64_t count);
int data(const char *directory, uint64_t bytes);
