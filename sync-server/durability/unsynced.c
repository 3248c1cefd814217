/*
 * A disk that loses power: keeps, beside each file, a twin that holds only what fsync or fdatasync asked for. After the
 * kill the test puts the twins in place of the files. Loaded by LD_PRELOAD; files are those whose path contains
 * $UNSYNCED_MATCH. Truncation counts at the next sync, as writes do.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int path_of(int fd, char *path, size_t size) {
  char link[64];
  const char *match = getenv("UNSYNCED_MATCH");
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, size - 8);
  if (length <= 0 || match == NULL) return 0;
  path[length] = 0;
  return strstr(path, match) != NULL && strstr(path, ".synced") == NULL && strstr(path, "-shm") == NULL;
}

/* Whole files are copied: slow, plain, and right. The rename keeps a kill in the middle from cutting the twin. */
static void keep(int fd) {
  char path[4096], twin[4110], draft[4120], buffer[65536];
  if (!path_of(fd, path, sizeof path)) return;
  snprintf(twin, sizeof twin, "%s.synced", path);
  snprintf(draft, sizeof draft, "%s.new", twin);
  pthread_mutex_lock(&lock);
  int from = open(path, O_RDONLY), to = open(draft, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ssize_t count;
  while (from >= 0 && to >= 0 && (count = read(from, buffer, sizeof buffer)) > 0)
    if (write(to, buffer, count) != count) abort();
  if (from >= 0) close(from);
  if (to >= 0) close(to);
  if (from >= 0 && to >= 0) rename(draft, twin);
  pthread_mutex_unlock(&lock);
}

int fsync(int fd) {
  int (*real)(int) = dlsym(RTLD_NEXT, "fsync");
  int result = real(fd);
  if (result == 0) keep(fd);
  return result;
}

int fdatasync(int fd) {
  int (*real)(int) = dlsym(RTLD_NEXT, "fdatasync");
  int result = real(fd);
  if (result == 0) keep(fd);
  return result;
}
