/*
 * The same readings of a group as CgroupSampler takes: every key and number of each file, from descriptors kept open.
 *
 *   sample KIND=FILE...      KIND is "number", "flat" (lines of key and number), "devices" (lines of device and
 *                            key=number) or "rows" (lines of device, key and number)
 *
 * A key is first compared with the one that came at its place before.
 */
#include "peer.h"

enum { MOST_FILES = 16, MOST_KEYS = 256, SAMPLES = 100, BUFFER = 8192 };

struct keys {
	int count;
	struct {
		int length; /* with the character after it */
		char text[64];
	} each[MOST_KEYS];
};

struct table {
	struct keys devices; /* one without a name for files that are not by device */
	struct keys keys;
	uint64_t values[MOST_KEYS][MOST_KEYS];
};

static struct {
	char kind;
	int fd;
	uint64_t number;
	struct table *table;
} files[MOST_FILES];
static int file_count;
static char buffer[BUFFER];

void sample_prepare(int argc, char **argv)
{
	for (; file_count < argc && file_count < MOST_FILES; file_count++) {
		char *name = strchr(argv[file_count], '=');

		files[file_count].kind = argv[file_count][0];
		files[file_count].fd = open(name + 1, O_RDONLY | O_CLOEXEC);
		if (files[file_count].fd < 0)
			fail(name + 1);
		files[file_count].table = calloc(1, sizeof(struct table));
	}
}

/* The key that the text goes on with, with the separator after it; -1 when there is none. */
static int find(struct keys *keys, int hint, const char *at, const char *end, char separator)
{
	for (int tried = 0; tried < keys->count; tried++) {
		int key = hint + tried;

		if (key >= keys->count)
			key -= keys->count;
		if (end - at >= keys->each[key].length && memcmp(at, keys->each[key].text, keys->each[key].length) == 0)
			return key;
	}
	const char *stop = memchr(at, separator, end - at);
	if (!stop || keys->count == MOST_KEYS || stop + 1 - at > 64)
		return -1;
	keys->each[keys->count].length = stop + 1 - at;
	memcpy(keys->each[keys->count].text, at, stop + 1 - at);
	return keys->count++;
}

static const char *number(const char *at, const char *end, uint64_t *value)
{
	uint64_t result = 0;

	for (; at < end && *at >= '0' && *at <= '9'; at++)
		result = result * 10 + (*at - '0');
	*value = result;
	return at;
}

static const char *line_end(const char *at, const char *end)
{
	const char *newline = memchr(at, '\n', end - at);

	return newline ? newline : end;
}

static void flat(struct table *table, const char *at, const char *end)
{
	for (int key = -1; at < end; at++) {
		key = find(&table->keys, key + 1, at, end, ' ');
		if (key < 0)
			return;
		at = number(at + table->keys.each[key].length, end, &table->values[0][key]);
	}
}

static void by_device(struct table *table, const char *at, const char *end, char separator)
{
	int device = 0;
	int key = -1;

	for (const char *stop; at < end; at = stop + 1) {
		stop = line_end(at, end);
		if (*at < '0' || *at > '9')
			continue;
		device = find(&table->devices, separator == '=' ? device + 1 : device, at, stop, ' ');
		if (device < 0)
			return;
		at += table->devices.each[device].length;
		for (key = separator == '=' ? -1 : key; at < stop; at++) {
			key = find(&table->keys, key + 1, at, stop, separator);
			if (key < 0)
				break;
			at = number(at + table->keys.each[key].length, stop, &table->values[device][key]);
		}
	}
}

static void sample(void)
{
	for (int i = 0; i < file_count; i++) {
		ssize_t length = pread(files[i].fd, buffer, sizeof buffer, 0);

		if (length < 0)
			fail("pread");
		switch (files[i].kind) {
		case 'f':
			flat(files[i].table, buffer, buffer + length);
			break;
		case 'd':
			by_device(files[i].table, buffer, buffer + length, '=');
			break;
		case 'n':
			number(buffer, buffer + length, &files[i].number);
			break;
		default:
			by_device(files[i].table, buffer, buffer + length, ' ');
		}
	}
}

void sample_once(void)
{
	for (int i = 0; i < SAMPLES; i++)
		sample();
}
