/*
 * What a container costs without Java: a C program that makes the same system calls as Belljar does.
 *
 *   peer start ROOT COMMAND [--net] [--proc-only] [--prepared] GROUP...   a container, from start to exit
 *   peer enter PID FLAGS COMMAND GROUP...          a command in the running container whose first process is PID
 *   peer spawn COMMAND [ARGUMENT]...               any other program
 *   peer group STEP ...                            one step with a group, see group.c
 *   peer sample KIND=FILE...                       100 readings of a group's files, see sample.c
 *
 * GROUP is "--group VERSION DIRECTORY [FILE=VALUE]...": start makes a group in DIRECTORY and sets its limits, enter
 * attaches to the group DIRECTORY. FLAGS are the CLONE_NEW* bits to enter.
 *
 * It does its work once for each byte that it reads from its standard input, and answers each with the nanoseconds
 * that took, as eight bytes in the machine's order. With a number in the environment variable PEER_REPEAT it does it
 * that often, unasked.
 */
#include "peer.h"

#include <spawn.h>
#include <time.h>

extern char **environ;
static char **spawned;
static posix_spawn_file_actions_t no_streams;

void fail(const char *what)
{
	dprintf(2, "peer: %s: %s\n", what, strerror(errno));
	_exit(70);
}

long checked(const char *call, long result)
{
	if (result < 0)
		fail(call);
	return result;
}

static void spawn_prepare(int argc, char **argv)
{
	if (argc < 1)
		fail("spawn what?");
	spawned = argv;
	posix_spawn_file_actions_init(&no_streams);
	posix_spawn_file_actions_addopen(&no_streams, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&no_streams, 1, "/dev/null", O_WRONLY, 0);
}

static void spawn_once(void)
{
	pid_t pid;
	int status;

	errno = posix_spawnp(&pid, spawned[0], &no_streams, NULL, spawned, environ);
	if (errno != 0)
		fail(spawned[0]);
	if (waitpid(pid, &status, 0) != pid || status != 0) {
		dprintf(2, "peer: %s: status 0x%x\n", spawned[0], status);
		_exit(70);
	}
}

static uint64_t nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * UINT64_C(1000000000) + now.tv_nsec;
}

static void nothing(void)
{
}

static const struct mode {
	const char *name;
	void (*prepare)(int argc, char **argv);
	void (*once)(void);
	void (*before)(void); /* not measured, as little as what comes after */
	void (*after)(void);
} modes[] = {
	{ "start", start_prepare, start_once, start_before, nothing },
	{ "enter", enter_prepare, enter_once, nothing, nothing },
	{ "spawn", spawn_prepare, spawn_once, nothing, nothing },
	{ "sample", sample_prepare, sample_once, nothing, nothing },
	{ "group", group_prepare, group_once, group_before, group_after },
};

static void serve(const struct mode *mode)
{
	char request;

	while (read(0, &request, 1) == 1) {
		mode->before();
		uint64_t begin = nanoseconds();
		mode->once();
		uint64_t took = nanoseconds() - begin;
		mode->after();
		if (write(1, &took, sizeof took) != sizeof took)
			return;
	}
}

int main(int argc, char **argv)
{
	const char *repeat = getenv("PEER_REPEAT");

	for (size_t i = 0; argc > 1 && i < sizeof modes / sizeof *modes; i++) {
		if (strcmp(argv[1], modes[i].name) == 0) {
			modes[i].prepare(argc - 2, argv + 2);
			for (long left = repeat ? atol(repeat) : 0; left > 0; left--)
				modes[i].once();
			if (!repeat)
				serve(&modes[i]);
			return 0;
		}
	}
	dprintf(2, "usage: peer start|enter|spawn|group|sample ...\n");
	return 64;
}
