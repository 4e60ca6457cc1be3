/* The container's root, /proc, /sys and /dev, in Belljar's order. */
#include "peer.h"

#include <linux/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define MNT_DETACH 2
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif

static int make(const char *type, const char *const options[][2], unsigned attributes)
{
	int context = CALL(fsopen, type, FSOPEN_CLOEXEC);

	for (; options && (*options)[0]; options++)
		CALL(fsconfig, context, FSCONFIG_SET_STRING, (*options)[0], (*options)[1], 0);
	CALL(fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	return CALL(fsmount, context, FSMOUNT_CLOEXEC, attributes);
}

/* A mount of the host's null device, for a root without /dev. */
static int copy_null(void)
{
	struct mount_attr restrictions = {
		.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
		.propagation = MS_PRIVATE,
	};
	int null = CALL(open_tree, AT_FDCWD, "/dev/null", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	CALL(mount_setattr, null, "", AT_EMPTY_PATH | AT_RECURSIVE, &restrictions, sizeof restrictions);
	return null;
}

static int copy(int mount)
{
	return CALL(open_tree, mount, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
}

static void place(int mount, int directory, const char *path)
{
	CALL(move_mount, mount, "", directory, path, MOVE_MOUNT_F_EMPTY_PATH);
}

/* Whether there is a path to place it on. */
static int placed(int mount, int directory, const char *path)
{
	return syscall(SYS_move_mount, mount, "", directory, path, MOVE_MOUNT_F_EMPTY_PATH) == 0;
}

static int enter_root(const char *path)
{
	struct mount_attr restrictions = {
		.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
		.propagation = MS_PRIVATE,
	};
	int root = CALL(open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);

	CALL(mount_setattr, root, "", AT_EMPTY_PATH | AT_RECURSIVE, &restrictions, sizeof restrictions);
	place(root, AT_FDCWD, "/");
	CALL(fchdir, root);
	CALL(pivot_root, ".", ".");
	CALL(umount2, ".", MNT_DETACH);
	return root;
}

static void make_devices(int dev)
{
	static const struct {
		const char *name;
		int major, minor;
	} devices[] = { { "null", 1, 3 },   { "zero", 1, 5 },	 { "full", 1, 7 },
			{ "random", 1, 8 }, { "urandom", 1, 9 }, { "tty", 5, 0 } };
	static const char *const links[][2] = { { "fd", "/proc/self/fd" },
						{ "stdin", "/proc/self/fd/0" },
						{ "stdout", "/proc/self/fd/1" },
						{ "stderr", "/proc/self/fd/2" },
						{ "ptmx", "pts/ptmx" } };
	static const char *const directories[] = { "pts", "shm", "mqueue" };

	for (size_t i = 0; i < sizeof devices / sizeof *devices; i++)
		CALL(mknodat, dev, devices[i].name, S_IFCHR | 0666, makedev(devices[i].major, devices[i].minor));
	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		CALL(symlinkat, links[i][1], dev, links[i][0]);
	for (size_t i = 0; i < sizeof directories / sizeof *directories; i++)
		CALL(mkdirat, dev, directories[i], 0755);
}

static int make_dev(int root)
{
	static const char *const dev_options[][2] = { { "mode", "755" }, { "size", "64k" }, { NULL } };
	static const char *const pts_options[][2] = {
		{ "ptmxmode", "0666" }, { "mode", "0620" }, { "gid", "5" }, { NULL }
	};
	const unsigned harmless = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	int dev = make("tmpfs", dev_options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);

	make_devices(dev);
	place(dev, root, "dev");
	place(make("devpts", pts_options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC), dev, "pts");
	place(make("tmpfs", NULL, harmless), dev, "shm");
	place(make("mqueue", NULL, harmless), dev, "mqueue");
	return dev;
}

static int open_null(int directory, const char *path)
{
	return CALL(openat, directory, path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

static void verify_null(int null)
{
	struct statx status;

	CALL(statx, null, "", AT_EMPTY_PATH, STATX_TYPE, &status);
	if (!S_ISCHR(status.stx_mode) || status.stx_rdev_major != 1 || status.stx_rdev_minor != 3)
		fail("/dev/null is not the null device");
}

static void protect_proc(int proc)
{
	static const char *const paths[] = { "bus", "fs", "irq", "sys", "sysrq-trigger" };
	struct mount_attr writable = { .attr_clr = MOUNT_ATTR_RDONLY };

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		int part = syscall(SYS_open_tree, proc, paths[i], OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
		if (part >= 0)
			place(part, proc, paths[i]);
	}
	CALL(mount_setattr, proc, "", AT_EMPTY_PATH, &writable, sizeof writable);
}

/* Places copies of a mount on those of the paths that there are; a copy that found no place is used for the next. */
static void cover(int source, int spare, int proc, const char *const *in_proc, int sys, const char *const *in_sys)
{
	for (; *in_proc; in_proc++) {
		if (spare < 0)
			spare = copy(source);
		if (placed(spare, proc, *in_proc))
			spare = -1;
	}
	for (; sys >= 0 && *in_sys; in_sys++) {
		if (spare < 0)
			spare = copy(source);
		if (placed(spare, sys, *in_sys))
			spare = -1;
	}
}

static void mask(int proc, int sys, int null, int spare)
{
	static const char *const none[] = { NULL };
	static const char *const files[] = { "kcore",	    "keys",	   "latency_stats", "timer_list",
					     "timer_stats", "sched_debug", "interrupts",    NULL };
	static const char *const directories[] = { "acpi", "asound", "scsi", NULL };
	static const char *const sys_directories[] = { "devices/virtual/powercap", "firmware", NULL };
	static const char *const options[][2] = { { "mode", "755" }, { NULL } };

	cover(null, spare, proc, files, sys, none);
	int empty = make("tmpfs", options,
			 MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	cover(empty, empty, proc, directories, sys, sys_directories);
}

static const unsigned restricted =
	MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

static void furnish_fully(int root, int proc, int sys)
{
	int umask = CALL(umask, 0);

	place(proc, root, "proc");
	place(sys, root, "sys");
	int null = open_null(make_dev(root), "null");
	verify_null(null);
	syscall(SYS_mkdirat, root, "tmp", 01777); /* EEXIST */
	protect_proc(proc);
	mask(proc, sys, null, -1);
	CALL(umask, umask);
}

static void furnish_with_proc_only(int root, int proc, int null, int spare)
{
	int umask = CALL(umask, 0);

	place(proc, root, "proc");
	verify_null(null);
	protect_proc(proc);
	mask(proc, -1, null, spare);
	CALL(umask, umask);
}

void build_root(const char *directory, int proc_only)
{
	CALL(mount, NULL, "/", NULL, MS_REC | MS_SLAVE, NULL);
	int proc = make("proc", NULL, restricted);
	if (proc_only) {
		int null = copy_null();
		furnish_with_proc_only(enter_root(directory), proc, null, null);
	} else {
		int sys = make("sysfs", NULL, restricted);
		furnish_fully(enter_root(directory), proc, sys);
	}
}

/* A null device where the container's /proc will hide it. */
static void keep_null(int root)
{
	static const char *const options[][2] = { { "mode", "755" }, { NULL } };
	int cover = make("tmpfs", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	struct mount_attr read_only = { .attr_set = MOUNT_ATTR_RDONLY };

	CALL(mknodat, cover, "null", S_IFCHR | 0666, makedev(1, 3));
	CALL(mount_setattr, cover, "", AT_EMPTY_PATH, &read_only, sizeof read_only);
	place(cover, root, "proc");
}

/* What all starts have in common: a mount namespace to copy. Not a part of a start. */
int prepare_root(const char *directory, int proc_only)
{
	int ready[2];
	char path[64], byte = 0;

	CALL(pipe2, ready, O_CLOEXEC);
	pid_t pid = fork();
	if (pid == 0) {
		CALL(unshare, CLONE_NEWNS);
		CALL(mount, NULL, "/", NULL, MS_REC | MS_SLAVE, NULL);
		int root = enter_root(directory);
		if (proc_only)
			keep_null(root);
		CALL(write, ready[1], &byte, 1);
		pause();
	}
	if (pid < 0)
		fail("fork");
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		fail("the mounts could not be prepared");
	close(ready[0]);
	snprintf(path, sizeof path, "/proc/%d/ns/mnt", pid);
	int prepared = CALL(openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return prepared;
}

void complete_root(int prepared, int proc_only)
{
	CALL(setns, prepared, CLONE_NEWNS);
	CALL(unshare, CLONE_NEWNS);
	int root = CALL(openat, AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int proc = make("proc", NULL, restricted);
	if (proc_only)
		furnish_with_proc_only(root, proc, open_null(root, "proc/null"), -1);
	else
		furnish_fully(root, proc, make("sysfs", NULL, restricted));
}
