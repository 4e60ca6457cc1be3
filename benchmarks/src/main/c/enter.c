/* One command in a running container, from start to exit. */
#include "peer.h"

#include <linux/close_range.h>
#include <sys/prctl.h>

enum { FORKED = -2 };

struct forked {
	int32_t kind, error;
	int64_t pid;
};

static struct groups groups;
static int container, kinds;

void enter_prepare(int argc, char **argv)
{
	if (argc < 3)
		fail("enter PID FLAGS COMMAND");
	container = CALL(pidfd_open, atoi(argv[0]), 0);
	kinds = strtol(argv[1], NULL, 0);
	prepare_process(argv[2], 0);
	for (char **argument = argv + 3; *argument; argument += 3) {
		struct group *group = &groups.each[groups.count++];
		if (groups.count > MOST_GROUPS || !argument[1] || !argument[2])
			fail("--group VERSION DIRECTORY");
		group->version = atoi(argument[1]);
		int directory = CALL(openat, AT_FDCWD, argument[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		group->entry = group->version == 2 ? directory :
						     CALL(openat, directory, "tasks", O_WRONLY | O_CLOEXEC);
	}
}

static void run_command(int report) __attribute__((noreturn));
static void run_command(int report)
{
	clean_start();
	become_the_command(report);
}

/* A PID namespace holds for children only: a sibling, which is a child of the first process as well, goes on. */
static void enter_container(int report) __attribute__((noreturn));
static void enter_container(int report)
{
	CALL(close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC);
	CALL(prctl, PR_SET_DUMPABLE, 0);
	attach_v1(&groups);
	CALL(setns, container, kinds);
	struct clone_args arguments = { .flags = CLONE_PARENT };
	enter_v2(&groups, &arguments);
	long pid = clone_process(&arguments);
	if (pid == 0)
		run_command(report);
	if (pid < 0) {
		errno = -pid;
		fail("clone3");
	}
	const struct forked forked = { FORKED, 0, pid };
	CALL(write, report, &forked, sizeof forked);
	CALL(exit_group, 0);
	__builtin_unreachable();
}

void enter_once(void)
{
	const uint64_t all_signals = ~UINT64_C(0);
	uint64_t signals;
	int report[2], first;
	struct forked forked;

	CALL(pipe2, report, O_CLOEXEC);
	CALL(rt_sigprocmask, SIG_SETMASK, &all_signals, &signals, 8);
	struct clone_args arguments = {
		.flags = CLONE_PIDFD | CLONE_CLEAR_SIGHAND,
		.pidfd = (uintptr_t)&first,
		.exit_signal = SIGCHLD,
	};
	long pid = clone_process(&arguments);
	if (pid == 0)
		enter_container(report[1]);
	if (pid < 0) {
		errno = -pid;
		fail("clone3");
	}
	CALL(rt_sigprocmask, SIG_SETMASK, &signals, NULL, 8);
	CALL(close, report[1]);
	/* READY of the one that goes on, then what the first one says of it: that one waited for the exec. */
	await_ready(report[0]);
	if (CALL(read, report[0], &forked, sizeof forked) != sizeof forked)
		fail("nothing was said of the process that goes on");
	CALL(close, report[0]);
	int second = CALL(pidfd_open, forked.pid, 0);
	reap(first);
	reap(second);
}
