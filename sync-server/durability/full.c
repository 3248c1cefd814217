/*
 * A disk without room: while the file $FULL_DISK exists, no file whose path contains what is written in it gets longer (ENOSPC). What is
 * there may be written over, as on a real one. Loaded by LD_PRELOAD.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* Whether the disk is full now, and for which paths. */
static int read_match(char *match, size_t size) {
  const char *switch_file = getenv("FULL_DISK");
  int fd = switch_file == NULL ? -1 : open(switch_file, O_RDONLY);
  if (fd < 0) return 0;
  ssize_t length = read(fd, match, size - 1);
  close(fd);
  match[length > 0 ? length : 0] = 0;
  return length > 0;
}

static int is_full(int fd, off_t end) {
  char path[4096], link[64], match[64];
  struct stat is;
  if (!read_match(match, sizeof match)) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  if (strstr(path, match) == NULL || fstat(fd, &is) != 0 || !S_ISREG(is.st_mode) || end <= is.st_size) return 0;
  errno = ENOSPC;
  return 1;
}

static off_t size_of(const struct iovec *parts, int count) {
  off_t size = 0;
  for (int i = 0; i < count; i++) size += parts[i].iov_len;
  return size;
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) {
  ssize_t (*real)(int, const void *, size_t, off_t) = dlsym(RTLD_NEXT, "pwrite");
  return is_full(fd, at + count) ? -1 : real(fd, bytes, count, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t at) { return pwrite(fd, bytes, count, at); }

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) {
  ssize_t (*real)(int, const struct iovec *, int, off_t) = dlsym(RTLD_NEXT, "pwritev");
  return is_full(fd, at + size_of(parts, count)) ? -1 : real(fd, parts, count, at);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off_t at) { return pwritev(fd, parts, count, at); }

ssize_t write(int fd, const void *bytes, size_t count) {
  ssize_t (*real)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
  off_t at = lseek(fd, 0, SEEK_CUR);
  return at >= 0 && is_full(fd, at + count) ? -1 : real(fd, bytes, count);
}

/* Returns its error and leaves errno alone. */
int posix_fallocate(int fd, off_t at, off_t count) {
  int (*real)(int, off_t, off_t) = dlsym(RTLD_NEXT, "posix_fallocate");
  return is_full(fd, at + count) ? ENOSPC : real(fd, at, count);
}

int posix_fallocate64(int fd, off_t at, off_t count) { return posix_fallocate(fd, at, count); }
