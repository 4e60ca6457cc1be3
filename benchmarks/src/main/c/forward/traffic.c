/* Makes and measures connections through a forwarder, or without.

   traffic serve NAMESPACE ADDRESS PORT    a thread for each connection: the first byte says what it does: 's' reads to the
                                           end and sends a byte, 'e' sends back what comes; runs until it is killed
   traffic stream PORT CONNECTIONS MEGABYTES     prints MB/s of so many in each connection at once
   traffic pingpong PORT ROUNDS                  prints p50 in us of a byte and its answer
   traffic connect PORT ROUNDS                   prints p50 in us of a connection and its first answer
   traffic burst PORT CONNECTIONS KILOBYTES      connects all, then sends and gets back in each: prints connections/s */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 256 << 10, STACK = 64 << 10, DEADLINE = 120 };

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static long check(long result, const char *what)
{
	if (result < 0)
		fail(what);
	return result;
}

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec * 1e-9;
}

static pthread_t start(void *(*run)(void *), void *argument)
{
	pthread_t thread;
	pthread_attr_t attributes;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK);
	errno = pthread_create(&thread, &attributes, run, argument);
	if (errno)
		fail("pthread_create");
	return thread;
}

static void write_all(int fd, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t count = check(write(fd, bytes, size), "write");
		bytes += count;
		size -= count;
	}
}

static void *serve(void *argument)
{
	int fd = (int)(long)argument, one = 1;
	char kind, *buffer = malloc(CHUNK);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (read(fd, &kind, 1) == 1) {
		ssize_t count;
		while ((count = read(fd, buffer, CHUNK)) > 0)
			if (kind == 'e')
				write_all(fd, buffer, count);
		if (count == 0 && kind == 's')
			write_all(fd, "x", 1);
	}
	free(buffer);
	close(fd);
	return NULL;
}

static void run_server(const char *namespace, const char *address, int port)
{
	struct sockaddr_in name = { .sin_family = AF_INET, .sin_port = htons(port) };
	inet_pton(AF_INET, address, &name.sin_addr);
	check(setns(check(open(namespace, O_RDONLY | O_CLOEXEC), namespace), CLONE_NEWNET), "setns");
	int one = 1, listener = check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	check(bind(listener, (struct sockaddr *)&name, sizeof name), "bind");
	check(listen(listener, 4096), "listen");
	puts("ready");
	fflush(stdout);
	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			pthread_detach(start(serve, (void *)(long)fd));
	}
}

static int port;
static long size;

static int connection(char kind)
{
	struct sockaddr_in name = { .sin_family = AF_INET,
				    .sin_port = htons(port),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int one = 1, fd = check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
	check(connect(fd, (struct sockaddr *)&name, sizeof name), "connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	write_all(fd, &kind, 1);
	return fd;
}

static void *stream(void *argument)
{
	int fd = (int)(long)argument;
	char byte, *buffer = calloc(1, CHUNK);
	for (long left = size; left > 0; left -= CHUNK)
		write_all(fd, buffer, CHUNK);
	shutdown(fd, SHUT_WR);
	if (read(fd, &byte, 1) != 1)
		fail("the server's byte");
	free(buffer);
	close(fd);
	return NULL;
}

static void run_streams(int connections)
{
	pthread_t threads[connections];
	double begin = now();
	for (int i = 0; i < connections; i++)
		threads[i] = start(stream, (void *)(long)connection('s'));
	for (int i = 0; i < connections; i++)
		pthread_join(threads[i], NULL);
	printf("%.1f\n", connections * (size / 1e6) / (now() - begin));
}

static int compare(const void *a, const void *b)
{
	double difference = *(const double *)a - *(const double *)b;
	return (difference > 0) - (difference < 0);
}

static void print_median(double *times, int count)
{
	qsort(times, count, sizeof *times, compare);
	printf("%.2f\n", times[count / 2] * 1e6);
}

static void ping(int fd)
{
	char byte = 'p';
	write_all(fd, &byte, 1);
	if (read(fd, &byte, 1) != 1)
		fail("the answer");
}

static void run_pingpong(int rounds)
{
	double *times = calloc(rounds, sizeof *times);
	int fd = connection('e');
	for (int i = 0; i < rounds; i++) {
		double begin = now();
		ping(fd);
		times[i] = now() - begin;
	}
	print_median(times, rounds);
}

static void run_connects(int rounds)
{
	double *times = calloc(rounds, sizeof *times);
	for (int i = 0; i < rounds; i++) {
		double begin = now();
		int fd = connection('e');
		ping(fd);
		times[i] = now() - begin;
		close(fd);
	}
	print_median(times, rounds);
}

/* All are connected before the first sends, and none is closed before the last has its bytes back. */
static void run_burst(int connections)
{
	struct pollfd *all = calloc(connections, sizeof *all);
	long *sent = calloc(connections, sizeof *sent), *got = calloc(connections, sizeof *got);
	char *buffer = calloc(1, CHUNK);
	double begin = now();
	for (int i = 0; i < connections; i++) {
		all[i] = (struct pollfd){ .fd = connection('e'), .events = POLLIN | POLLOUT };
		check(fcntl(all[i].fd, F_SETFL, O_NONBLOCK), "fcntl");
	}
	for (int left = connections; left > 0;) {
		check(poll(all, connections, DEADLINE * 1000), "poll");
		if (now() - begin > DEADLINE) {
			fprintf(stderr, "%d connections are not complete\n", left);
			exit(1);
		}
		for (int i = 0; i < connections; i++) {
			if (all[i].revents & POLLOUT && sent[i] < size) {
				long count = write(all[i].fd, buffer, size - sent[i] < CHUNK ? size - sent[i] : CHUNK);
				sent[i] += count > 0 ? count : 0;
				if (sent[i] == size)
					all[i].events = POLLIN;
			}
			if (all[i].revents & (POLLIN | POLLHUP | POLLERR)) {
				long count = read(all[i].fd, buffer, CHUNK);
				if (count == 0 || (count < 0 && errno != EAGAIN))
					fail("a connection ended early");
				got[i] += count > 0 ? count : 0;
				if (got[i] == size) {
					left--;
					all[i].events = 0;
				}
			}
		}
	}
	printf("%.1f\n", connections / (now() - begin));
}

int main(int argc, char **argv)
{
	struct rlimit files;
	signal(SIGPIPE, SIG_IGN);
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	const char *what = argc > 1 ? argv[1] : "";
	if (strcmp(what, "serve") == 0 && argc == 5)
		run_server(argv[2], argv[3], atoi(argv[4]));
	if (argc < 4) {
		fputs("traffic serve|stream|pingpong|connect|burst ...\n", stderr);
		return 2;
	}
	port = atoi(argv[2]);
	int count = atoi(argv[3]);
	size = argc > 4 ? atol(argv[4]) : 0;
	if (strcmp(what, "stream") == 0) {
		size <<= 20;
		run_streams(count);
	} else if (strcmp(what, "pingpong") == 0) {
		run_pingpong(count);
	} else if (strcmp(what, "connect") == 0) {
		run_connects(count);
	} else if (strcmp(what, "burst") == 0) {
		size <<= 10;
		run_burst(count);
	}
	return 0;
}
