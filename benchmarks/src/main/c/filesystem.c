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

static int open_null(int dev)
{
	return CALL(openat, dev, "null", O_PATH | O_NOFOLLOW | O_CLOEXEC);
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

static void build_full(const char *directory)
{
	const unsigned restricted =
		MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

	CALL(mount, NULL, "/", NULL, MS_REC | MS_SLAVE, NULL);
	int proc = make("proc", NULL, restricted);
	int sys = make("sysfs", NULL, restricted);
	int root = enter_root(directory);
	int umask = CALL(umask, 0);
	place(proc, root, "proc");
	place(sys, root, "sys");
	int null = open_null(make_dev(root));
	verify_null(null);
	syscall(SYS_mkdirat, root, "tmp", 01777); /* EEXIST */
	CALL(umask, umask);
	protect_proc(proc);
	mask(proc, sys, null, -1);
}

static void build_with_proc_only(const char *directory)
{
	CALL(mount, NULL, "/", NULL, MS_REC | MS_SLAVE, NULL);
	int proc = make("proc", NULL, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	int null = copy_null();
	int root = enter_root(directory);
	int umask = CALL(umask, 0);
	place(proc, root, "proc");
	verify_null(null);
	CALL(umask, umask);
	protect_proc(proc);
	mask(proc, -1, null, null);
}

void build_root(const char *directory, int proc_only)
{
	if (proc_only)
		build_with_proc_only(directory);
	else
		build_full(directory);
}
