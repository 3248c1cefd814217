/* A disk whose syncs do not return while the file $STUCK_SYNC exists. Loaded by LD_PRELOAD. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static void wait_for_disk(void) {
  const char *switch_file = getenv("STUCK_SYNC");
  while (switch_file != NULL && access(switch_file, F_OK) == 0) usleep(10000);
}

int fsync(int fd) {
  int (*real)(int) = dlsym(RTLD_NEXT, "fsync");
  wait_for_disk();
  return real(fd);
}

int fdatasync(int fd) {
  int (*real)(int) = dlsym(RTLD_NEXT, "fdatasync");
  wait_for_disk();
  return real(fd);
}
