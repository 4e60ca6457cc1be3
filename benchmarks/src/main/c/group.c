/*
 * Single steps with a group, as CgroupDirectory takes them.
 *
 *   group make|remove PARENT NAME          makes or removes a group of this name
 *   group attach GROUP OTHER FILE          writes 0 to a file of GROUP: itself joins; then it goes to OTHER
 *   group move GROUP OTHER FILE            a child of its own, which sleeps, is moved from one to the other
 *
 * What is needed before or after a step is not measured.
 */
#include "peer.h"

#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

static const char *step;
static const char *name;
static int parent;
static int groups[2];
static const char *file;
static char pid[24] = "0";
static int turn;

static int directory(const char *path)
{
	return CALL(openat, AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

void group_prepare(int argc, char **argv)
{
	if (argc < 3)
		fail("group STEP ...");
	step = argv[0];
	if (strcmp(step, "make") == 0 || strcmp(step, "remove") == 0) {
		parent = directory(argv[1]);
		name = argv[2];
		return;
	}
	groups[0] = directory(argv[1]);
	groups[1] = directory(argv[2]);
	file = argv[3];
	if (strcmp(step, "move") == 0) {
		pid_t child = fork();

		if (child == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			for (;;)
				pause();
		}
		snprintf(pid, sizeof pid, "%d", child);
	}
}

static int made;

/* As CgroupDirectory.create: made, opened, and marked as made by this library. */
static void make(void)
{
	CALL(mkdirat, parent, name, 0755);
	made = CALL(openat, parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CALL(fsetxattr, made, "user.belljar.made", "1", 1L, 0L);
}

static void take_away(void)
{
	CALL(unlinkat, parent, name, AT_REMOVEDIR);
}

static void join(int group)
{
	int fd = CALL(openat, group, file, O_WRONLY | O_CLOEXEC);

	CALL(write, fd, pid, strlen(pid));
	CALL(close, fd);
}

/* Moves the process to the group it is not in. */
static void move(void)
{
	turn = !turn;
	join(groups[turn]);
}

void group_before(void)
{
	if (strcmp(step, "remove") == 0) {
		make();
		CALL(close, made);
	}
}

void group_once(void)
{
	if (strcmp(step, "make") == 0)
		make();
	else if (strcmp(step, "remove") == 0)
		take_away();
	else if (strcmp(step, "attach") == 0)
		join(groups[0]);
	else
		move();
}

void group_after(void)
{
	if (strcmp(step, "make") == 0) {
		CALL(close, made);
		take_away();
	} else if (strcmp(step, "attach") == 0) {
		join(groups[1]);
	}
}
