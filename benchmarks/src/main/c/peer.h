/* What the parts of the C peer share. */
#ifndef PEER_H
#define PEER_H

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* A system call that must succeed, made without libc's wrapper so that none adds calls of its own. */
#define CALL(name, ...) checked(#name, syscall(SYS_##name, ##__VA_ARGS__))

enum { MOST_GROUPS = 16, MOST_LIMITS = 4 };

/* The container's control group in one hierarchy. */
struct group {
	int version;
	int parent; /* descriptor of the group that it is made in */
	const char *limits[MOST_LIMITS][2]; /* file, value */
	int limit_count;
	int entry; /* descriptor: version 1 of its tasks file, version 2 of its directory */
};

struct groups {
	struct group each[MOST_GROUPS];
	int count;
	const char *name;
};

/* Prints what failed and ends the process. */
void fail(const char *what);
long checked(const char *call, long result);

/* start.c: one container from start to exit. */
void start_prepare(int argc, char **argv);
void start_before(void);
void start_once(void);

/* enter.c: one command in a running container from start to exit. */
void enter_prepare(int argc, char **argv);
void enter_once(void);

/* group.c: one step with a group, and what must come before and after it. */
void group_prepare(int argc, char **argv);
void group_before(void);
void group_once(void);
void group_after(void);

/* sample.c: readings of a group. */
void sample_prepare(int argc, char **argv);
void sample_once(void);

/* process.c: what every process of a container does first and last, and how it is waited for. */
void prepare_process(const char *command, int lonely_network);
void clean_start(void);
void attach_v1(const struct groups *groups);
void become_the_command(int report) __attribute__((noreturn));
void await_ready(int report);
void reap(int pidfd);
void enter_v2(const struct groups *groups, struct clone_args *arguments);

/* filesystem.c: the container's root, /proc, and unless that is to be all /sys and /dev, masked. */
void build_root(const char *directory, int proc_only);
int prepare_root(const char *directory, int proc_only);
void complete_root(int prepared, int proc_only);

/*
 * Like vfork(2): the child runs on the caller's stack, so this must be inlined into a function that does not
 * return in the child, and must not be a call itself.
 */
static inline __attribute__((always_inline)) long clone_process(struct clone_args *arguments)
{
	arguments->flags |= CLONE_VM | CLONE_VFORK;
#if defined(__x86_64__)
	long result;
	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"((long)SYS_clone3), "D"(arguments), "S"(sizeof *arguments)
			 : "rcx", "r11", "memory");
#elif defined(__aarch64__)
	register long number __asm__("x8") = SYS_clone3;
	register long result __asm__("x0") = (long)arguments;
	register long size __asm__("x1") = sizeof *arguments;
	__asm__ volatile("svc 0" : "+r"(result) : "r"(number), "r"(size) : "memory");
#else
#error "x86-64 or aarch64"
#endif
	return result;
}

#endif
