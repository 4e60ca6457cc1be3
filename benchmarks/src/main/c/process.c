/* What every process of a container does first and last, and how it is waited for. */
#include "peer.h"

#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>

enum { LAST_SIGNAL = 64, DESCRIPTOR_LIMIT = 1024, READY_SIZE = 16 };

/* Docker's default set, less MKNOD, and NET_RAW only in a network without a link to the outside. */
static const int kept_capabilities[] = {
	CAP_CHOWN,  CAP_DAC_OVERRIDE, CAP_FOWNER,	    CAP_FSETID,	    CAP_KILL,	     CAP_SETGID,
	CAP_SETUID, CAP_SETPCAP,      CAP_NET_BIND_SERVICE, CAP_SYS_CHROOT, CAP_AUDIT_WRITE, CAP_SETFCAP,
};

static const char *command;
static uint64_t kept;
static int last_capability, null, self;

void prepare_process(const char *program, int lonely_network)
{
	command = program;
	for (size_t i = 0; i < sizeof kept_capabilities / sizeof *kept_capabilities; i++)
		kept |= UINT64_C(1) << kept_capabilities[i];
	if (lonely_network)
		kept |= UINT64_C(1) << CAP_NET_RAW;
	while (prctl(PR_CAPBSET_READ, last_capability + 1) >= 0)
		last_capability++;
	null = CALL(openat, AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC);
	self = CALL(pidfd_open, getpid(), 0);
}

void clean_start(void)
{
	const char default_action[32] = { 0 };
	const uint64_t no_signals = 0;
	struct rlimit64 limit;

	CALL(setsid);
	for (int signal = 1; signal <= LAST_SIGNAL; signal++)
		syscall(SYS_rt_sigaction, signal, default_action, NULL, 8); /* EINVAL for SIGKILL and SIGSTOP */
	CALL(rt_sigprocmask, SIG_SETMASK, &no_signals, NULL, 8);
	CALL(prlimit64, 0, RLIMIT_NOFILE, NULL, &limit);
	limit.rlim_cur = DESCRIPTOR_LIMIT;
	CALL(prlimit64, 0, RLIMIT_NOFILE, &limit, NULL);
	CALL(umask, 022);
	CALL(keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
}

void attach_v1(const struct groups *groups)
{
	for (int i = 0; i < groups->count; i++)
		if (groups->each[i].version == 1)
			CALL(write, groups->each[i].entry, "0", 1);
}

/* Lets a clone begin in the group of the version 2 tree, if there is one. */
void enter_v2(const struct groups *groups, struct clone_args *arguments)
{
	for (int i = 0; i < groups->count; i++) {
		if (groups->each[i].version == 2) {
			arguments->flags |= CLONE_INTO_CGROUP;
			arguments->cgroup = groups->each[i].entry;
		}
	}
}

static void become_root_with_less(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ .effective = (uint32_t)kept, .permitted = (uint32_t)kept },
		{ .effective = kept >> 32, .permitted = kept >> 32 },
	};

	for (int capability = 0; capability <= last_capability; capability++)
		if (!(kept >> capability & 1))
			CALL(prctl, PR_CAPBSET_DROP, capability);
	CALL(setgroups, 0, NULL);
	CALL(setresgid, 0, 0, 0);
	CALL(setresuid, 0, 0, 0);
	CALL(capset, &header, data);
}

static void end_with_the_launcher(void)
{
	struct pollfd poll = { .fd = self, .events = POLLIN };
	const struct timespec at_once = { 0 };

	CALL(prctl, PR_SET_PDEATHSIG, SIGKILL);
	if (CALL(ppoll, &poll, 1, &at_once, NULL, 8) != 0)
		_exit(71);
}

void become_the_command(int report)
{
	const struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	const char ready[READY_SIZE] = { -1, -1, -1, -1 };
	char *const argv[] = { (char *)command, NULL };
	char *const envp[] = { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", NULL };

	for (int stream = 0; stream < 3; stream++)
		CALL(dup3, null, stream, 0);
	become_root_with_less();
	int directory = CALL(openat2, AT_FDCWD, "/", &how, sizeof how);
	CALL(fchdir, directory);
	end_with_the_launcher();
	CALL(prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	CALL(write, report, ready, sizeof ready);
	CALL(execve, command, argv, envp);
	_exit(72);
}

/* Waits until there is nothing left to do but the exec. */
void await_ready(int report)
{
	char ready[READY_SIZE];

	if (CALL(read, report, ready, sizeof ready) != sizeof ready)
		fail("the process ended early");
}

void reap(int pidfd)
{
	siginfo_t info;

	CALL(waitid, P_PIDFD, pidfd, &info, WEXITED | __WALL, NULL);
	if (info.si_code != CLD_EXITED || info.si_status != 0) {
		dprintf(2, "peer: the process ended with code %d, status %d\n", info.si_code, info.si_status);
		_exit(70);
	}
	CALL(close, pidfd);
}
