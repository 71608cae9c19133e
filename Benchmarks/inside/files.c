// Files: names, and bytes.
#define _GNU_SOURCE
#include "inside.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { chunk_size = 1 << 20 };

static void *buffer(uint64_t bytes) {
  void *memory = NULL;
  // open(2), O_DIRECT: the buffer's address must be a multiple of the device's block.
  if (posix_memalign(&memory, 4096, bytes)) die("malloc(3)", "a buffer");
  memset(memory, 0x5a, bytes);
  return memory;
}

static uint64_t read_all(const char *path, uint64_t bytes) {
  char *memory = buffer(chunk_size);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) die("open(2)", path);
  uint64_t start = now_ns(), sum = 0;
  while (sum < bytes) {
    ssize_t count = read(fd, memory, chunk_size);
    if (count <= 0) die("read(2)", path);
    sum += (uint64_t)count;
  }
  uint64_t took = now_ns() - start;
  close(fd);
  free(memory);
  return took;
}

int reread(const char *path, uint64_t bytes) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) die("open(2)", path);
  // What is in the page cache is charged to whoever brought it there first: away with it.
  if (posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED)) die("posix_fadvise(2)", path);
  close(fd);
  put("read", read_all(path, bytes));
  return 0;
}

static uint64_t write_all(const char *path, int flags, uint64_t bytes, uint64_t chunk) {
  char *memory = buffer(chunk);
  int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0644);
  if (fd < 0) die("open(2)", path);
  uint64_t start = now_ns();
  for (uint64_t sum = 0; sum < bytes; sum += chunk)
    if (write(fd, memory, chunk) != (ssize_t)chunk) die("write(2)", path);
  uint64_t took = now_ns() - start;
  close(fd);
  free(memory);
  return took;
}

// The file is written over, not anew: no block has to be found for it.
int write_direct(const char *path, uint64_t bytes, uint64_t chunk) {
  put("written", write_all(path, O_DIRECT, bytes, chunk));
  return 0;
}

// As cp(1) of coreutils 9 does it, without its own start.
int copy(const char *from, const char *to) {
  uint64_t start = now_ns();
  int source = open(from, O_RDONLY | O_CLOEXEC);
  if (source < 0) die("open(2)", from);
  int target = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (target < 0) die("open(2)", to);
  ssize_t count;
  while ((count = copy_file_range(source, NULL, target, NULL, 1 << 30, 0)) > 0) {}
  if (count < 0) die("copy_file_range(2)", from);
  close(target);
  put("took", now_ns() - start);
  return 0;
}

int data(const char *directory, uint64_t bytes) {
  char path[4096];
  snprintf(path, sizeof path, "%s/data", directory);
  put("written", write_all(path, O_TRUNC, bytes, chunk_size));
  put("read", read_all(path, bytes));
  if (unlink(path) < 0) die("unlink(2)", path);
  return 0;
}

int metadata(const char *directory, uint64_t count) {
  char path[4096], other[4096];
  struct stat status;
  uint64_t times[5];
  for (int step = 0; step < 4; step++) {
    times[step] = now_ns();
    for (uint64_t i = 0; i < count; i++) {
      snprintf(path, sizeof path, "%s/file-%llu", directory, (unsigned long long)i);
      snprintf(other, sizeof other, "%s/name-%llu", directory, (unsigned long long)i);
      int fd;
      switch (step) {
        case 0:
          fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
          if (fd < 0 || close(fd) < 0) die("open(2)", path);
          break;
        case 1:
          if (stat(path, &status) < 0) die("stat(2)", path);
          break;
        case 2:
          if (rename(path, other) < 0) die("rename(2)", path);
          break;
        default:
          if (unlink(other) < 0) die("unlink(2)", other);
      }
    }
  }
  times[4] = now_ns();
  put("create", (times[1] - times[0]) / count);
  put("stat", (times[2] - times[1]) / count);
  put("rename", (times[3] - times[2]) / count);
  put("unlink", (times[4] - times[3]) / count);
  return 0;
}
