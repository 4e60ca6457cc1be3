// Makes 100,000 symbolic links in 5,000 directories on a detached tmpfs, by calls relative to open directories: the
// limit that InputTree is measured against. links THREADS ROUNDS prints the milliseconds of each round, less the freeing.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { DIRECTORIES = 5000, LINKS = 20 };

static int top;
static int next;

static void die(const char *what) {
  perror(what);
  exit(1);
}

static void *fill(void *unused) {
  char directory[32], name[32], target[64];
  while (1) {
    int from = __atomic_fetch_add(&next, 16, __ATOMIC_RELAXED);
    if (from >= DIRECTORIES) return NULL;
    for (int d = from; d < from + 16 && d < DIRECTORIES; d++) {
      sprintf(directory, "in/d%d", d);
      int fd = openat(top, directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
      if (fd < 0) die(directory);
      for (int i = 0; i < LINKS; i++) {
        sprintf(name, "l%d", i);
        sprintf(target, "/usr/share/store/target%d", i);
        if (symlinkat(target, fd, name)) die(name);
      }
      close(fd);
    }
  }
}

int main(int argc, char **argv) {
  int threads = atoi(argv[1]), rounds = atoi(argv[2]);
  for (int round = 0; round < rounds; round++) {
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    int context = syscall(SYS_fsopen, "tmpfs", 1);
    syscall(SYS_fsconfig, context, 1, "nr_inodes", "0", 0);
    syscall(SYS_fsconfig, context, 6, NULL, NULL, 0);
    top = syscall(SYS_fsmount, context, 1, 0);
    if (top < 0) die("fsmount");
    mkdirat(top, "in", 0755);
    char directory[32];
    for (int d = 0; d < DIRECTORIES; d++) {
      sprintf(directory, "in/d%d", d);
      if (mkdirat(top, directory, 0755)) die(directory);
    }
    next = 0;
    pthread_t others[16];
    for (int i = 1; i < threads; i++) pthread_create(&others[i], NULL, fill, NULL);
    fill(NULL);
    for (int i = 1; i < threads; i++) pthread_join(others[i], NULL);
    clock_gettime(CLOCK_MONOTONIC, &b);
    printf("%.1f\n", (b.tv_sec - a.tv_sec) * 1e3 + (b.tv_nsec - a.tv_nsec) / 1e6);
    close(context);
    close(top);
  }
}
