#include "allocations.h"

#include <errno.h>
#include <stddef.h>

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

static uint64_t count;

static void another(void) { __atomic_fetch_add(&count, 1, __ATOMIC_RELAXED); }

uint64_t micro_allocations(void) { return __atomic_load_n(&count, __ATOMIC_RELAXED); }

__attribute__((noinline)) void drydock_micro_measured(void (*run)(void)) {
  run();
  // Not the function's last act, or it would be a jump and callgrind would see no return.
  __asm__ volatile("");
}

void *malloc(size_t n) {
  another();
  return __libc_malloc(n);
}

void *calloc(size_t n, size_t size) {
  another();
  return __libc_calloc(n, size);
}

void *realloc(void *old, size_t n) {
  another();
  return __libc_realloc(old, n);
}

void *aligned_alloc(size_t alignment, size_t n) {
  another();
  return __libc_memalign(alignment, n);
}

int posix_memalign(void **out, size_t alignment, size_t n) {
  another();
  void *got = __libc_memalign(alignment, n);
  if (!got) return ENOMEM;
  *out = got;
  return 0;
}
