/* A disk whose every sync takes $SLOW_SYNC_MS longer: what a commit costs where the disk is not this fast. Loaded by LD_PRELOAD. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void wait_more(void) {
  const char *text = getenv("SLOW_SYNC_MS");
  long ms = text == NULL ? 0 : atol(text);
  struct timespec time = {ms / 1000, ms % 1000 * 1000000};
  while (nanosleep(&time, &time) != 0) {
  }
}

int fsync(int fd) {
  int (*real)(int) = dlsym(RTLD_NEXT, "fsync");
  wait_more();
  return real(fd);
}

int fdatasync(int fd) {
  int (*real)(int) = dlsym(RTLD_NEXT, "fdatasync");
  wait_more();
  return real(fd);
}
