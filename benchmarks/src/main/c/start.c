/* One container, from start to exit. */
#include "peer.h"

#include <linux/close_range.h>
#include <net/if.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>

static const char *root;
static uint64_t namespaces = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC;
static int proc_only, bare, net_ready, ready_net = -1, prepared = -1, mountinfo;
static struct groups groups;

static void parse_group(char ***argument)
{
	struct group *group = &groups.each[groups.count++];

	if (groups.count > MOST_GROUPS || !(*argument)[1] || !(*argument)[2])
		fail("--group VERSION DIRECTORY [FILE=VALUE]...");
	group->version = atoi((*argument)[1]);
	group->parent = CALL(openat, AT_FDCWD, (*argument)[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*argument += 3;
	for (; **argument && strncmp(**argument, "--", 2) != 0; ++*argument) {
		const char **limit = group->limits[group->limit_count++];
		if (group->limit_count > MOST_LIMITS || !strchr(**argument, '='))
			fail("--group VERSION DIRECTORY [FILE=VALUE]...");
		limit[0] = strtok(**argument, "=");
		limit[1] = strtok(NULL, "");
	}
}

void start_prepare(int argc, char **argv)
{
	static char name[32];

	if (argc < 2)
		fail("start ROOT COMMAND");
	root = argv[0];
	snprintf(name, sizeof name, "c-peer-%d", getpid());
	groups.name = name;
	for (char **argument = argv + 2; *argument;) {
		if (strcmp(*argument, "--net") == 0) {
			namespaces |= CLONE_NEWNET;
			argument++;
		} else if (strcmp(*argument, "--bare") == 0) {
			bare = 1;
			argument++;
		} else if (strcmp(*argument, "--net-ready") == 0) {
			net_ready = 1;
			argument++;
		} else if (strcmp(*argument, "--proc-only") == 0) {
			proc_only = 1;
			argument++;
		} else if (strcmp(*argument, "--prepared") == 0) {
			prepared = 0;
			argument++;
		} else if (strcmp(*argument, "--group") == 0) {
			parse_group(&argument);
		} else {
			fail(*argument);
		}
	}
	if (bare)
		namespaces &= CLONE_NEWNET | CLONE_NEWPID;
	if (prepared == 0) {
		mountinfo = CALL(openat, AT_FDCWD, "/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
		prepared = prepare_root(root, proc_only);
		namespaces &= ~(uint64_t)CLONE_NEWNS;
	}
	prepare_process(argv[1], net_ready || namespaces & CLONE_NEWNET ? 1 : 0);
}

/* A path of the container's group in one hierarchy. */
static const char *path(const char *file)
{
	static char path[256];

	snprintf(path, sizeof path, "%s/%s", groups.name, file);
	return path;
}

static void make_groups(void)
{
	for (int i = 0; i < groups.count; i++) {
		struct group *group = &groups.each[i];
		CALL(mkdirat, group->parent, groups.name, 0755);
		for (int j = 0; j < group->limit_count; j++) {
			const char *value = group->limits[j][1];
			int file = CALL(openat, group->parent, path(group->limits[j][0]), O_WRONLY | O_CLOEXEC);
			CALL(write, file, value, strlen(value));
			CALL(close, file);
		}
	}
	for (int i = 0; i < groups.count; i++) {
		struct group *group = &groups.each[i];
		group->entry = group->version == 2 ? CALL(openat, group->parent, groups.name,
							  O_RDONLY | O_DIRECTORY | O_CLOEXEC) :
						     CALL(openat, group->parent, path("tasks"), O_WRONLY | O_CLOEXEC);
	}
}

/* Whether the kernel killed a process of it for lack of memory. */
static void read_oom_counter(const struct group *group)
{
	char text[8192];

	for (int i = 0; i < group->limit_count; i++) {
		if (strncmp(group->limits[i][0], "memory.", 7) != 0)
			continue;
		int file = CALL(openat, group->parent,
				path(group->version == 1 ? "memory.oom_control" : "memory.events"),
				O_RDONLY | O_CLOEXEC);
		CALL(read, file, text, sizeof text);
		CALL(close, file);
	}
}

static void remove_groups(void)
{
	for (int i = 0; i < groups.count; i++)
		CALL(close, groups.each[i].entry);
	for (int i = 0; i < groups.count; i++)
		read_oom_counter(&groups.each[i]);
	for (int i = 0; i < groups.count; i++)
		CALL(unlinkat, groups.each[i].parent, groups.name, AT_REMOVEDIR);
}

static void bring_loopback_up(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int socket = CALL(socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	CALL(ioctl, socket, SIOCSIFFLAGS, &lo);
	CALL(close, socket);
}

/* What is not timed: with --net-ready, to make the namespace that the container is going to enter. */
void start_before(void)
{
	if (!net_ready)
		return;
	int home = CALL(openat, AT_FDCWD, "/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	CALL(unshare, CLONE_NEWNET);
	bring_loopback_up();
	ready_net = CALL(openat, AT_FDCWD, "/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	CALL(setns, home, CLONE_NEWNET);
	CALL(close, home);
}

static void isolate(void)
{
	CALL(sethostname, "belljar", 7);
	if (prepared < 0)
		build_root(root, proc_only);
	else
		complete_root(prepared, proc_only);
}

static void run_container(int report) __attribute__((noreturn));
static void run_container(int report)
{
	CALL(close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC);
	CALL(prctl, PR_SET_DUMPABLE, 0);
	clean_start();
	attach_v1(&groups);
	if (net_ready)
		CALL(setns, ready_net, CLONE_NEWNET);
	if (namespaces & CLONE_NEWNET)
		bring_loopback_up();
	if (!bare)
		isolate();
	become_the_command(report);
}

static void prepare_again_if_mounts_changed(void)
{
	struct pollfd poll = { .fd = mountinfo, .events = POLLPRI };
	const struct timespec at_once = { 0 };

	if (CALL(ppoll, &poll, 1, &at_once, NULL, 8) != 0) {
		CALL(close, prepared);
		prepared = prepare_root(root, proc_only);
	}
}

static void await_exec(int report)
{
	char more;

	if (CALL(read, report, &more, 1) != 0)
		fail("more was said after all was ready");
	CALL(close, report);
}

void start_once(void)
{
	const uint64_t all_signals = ~UINT64_C(0);
	uint64_t signals;
	int report[2], pidfd;

	make_groups();
	if (prepared >= 0)
		prepare_again_if_mounts_changed();
	CALL(pipe2, report, O_CLOEXEC);
	CALL(rt_sigprocmask, SIG_SETMASK, &all_signals, &signals, 8);
	struct clone_args arguments = {
		.flags = namespaces | CLONE_PIDFD | CLONE_CLEAR_SIGHAND,
		.pidfd = (uintptr_t)&pidfd,
		.exit_signal = SIGCHLD,
	};
	enter_v2(&groups, &arguments);
	long pid = clone_process(&arguments);
	if (pid == 0)
		run_container(report[1]);
	if (pid < 0) {
		errno = -pid;
		fail("clone3");
	}
	CALL(rt_sigprocmask, SIG_SETMASK, &signals, NULL, 8);
	CALL(close, report[1]);
	if (net_ready)
		CALL(close, ready_net);
	await_ready(report[0]);
	await_exec(report[0]);
	reap(pidfd);
	remove_groups();
}
