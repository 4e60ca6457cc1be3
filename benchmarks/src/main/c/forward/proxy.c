/* Port forwarders that Belljar's is compared with: they listen in the namespace they are started in and connect in
   another. "threads" has two threads for each connection that block in splice; "epoll" is one thread for all.

   proxy threads|epoll NAMESPACE ADDRESS PORT PIPE   prints the port of 127.0.0.1 it listens on, and runs until it is killed;
                                                     PIPE is the size of its pipes in bytes, 0 for the usual one */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 4096, MOST = 1 << 20, EVENTS = 64, STACK = 64 << 10 };

static struct sockaddr_in target;
static int pipe_size;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static int check(int result, const char *what)
{
	if (result < 0)
		fail(what);
	return result;
}

static int listen_outside(void)
{
	struct sockaddr_in name = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof name;
	int fd = check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
	check(bind(fd, (struct sockaddr *)&name, size), "bind");
	check(listen(fd, BACKLOG), "listen");
	check(getsockname(fd, (struct sockaddr *)&name, &size), "getsockname");
	printf("%d\n", ntohs(name.sin_port));
	fflush(stdout);
	return fd;
}

static void make_pipe(int ends[2], int flags)
{
	check(pipe2(ends, O_CLOEXEC | flags), "pipe2");
	if (pipe_size)
		check(fcntl(ends[1], F_SETPIPE_SZ, pipe_size), "fcntl");
}

/* The sockets that it accepts stay in the namespace of the listener; those it makes are inside. */
static int connect_inside(int flags)
{
	const int one = 1;
	int fd = check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (connect(fd, (struct sockaddr *)&target, sizeof target) < 0) {
		close(fd);
		return -1;
	}
	if (flags)
		check(fcntl(fd, F_SETFL, flags), "fcntl");
	return fd;
}

static void refuse(int fd)
{
	const struct linger reset = { 1, 0 };
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	close(fd);
}

/* A thread for each direction. */

struct connection {
	int fd[2];
	int directions; /* that have not ended */
};

struct direction {
	struct connection *connection;
	int from;
};

static void *move(void *argument)
{
	struct direction *direction = argument;
	struct connection *connection = direction->connection;
	int from = connection->fd[direction->from], to = connection->fd[!direction->from], ends[2];
	free(direction);
	make_pipe(ends, 0);
	for (;;) {
		ssize_t held = splice(from, NULL, ends[1], NULL, MOST, SPLICE_F_MOVE);
		if (held <= 0)
			break;
		while (held > 0) {
			ssize_t sent = splice(ends[0], NULL, to, NULL, held, SPLICE_F_MOVE);
			if (sent <= 0)
				goto end;
			held -= sent;
		}
	}
end:
	shutdown(to, SHUT_WR);
	close(ends[0]);
	close(ends[1]);
	if (__atomic_sub_fetch(&connection->directions, 1, __ATOMIC_ACQ_REL) == 0) {
		close(connection->fd[0]);
		close(connection->fd[1]);
		free(connection);
	}
	return NULL;
}

static void run_threads(int listener)
{
	pthread_attr_t attributes;
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, STACK);
	for (;;) {
		int outside = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (outside < 0)
			continue;
		int inside = connect_inside(0);
		if (inside < 0) {
			refuse(outside);
			continue;
		}
		struct connection *connection = malloc(sizeof *connection);
		*connection = (struct connection){ { outside, inside }, 2 };
		for (int from = 0; from < 2; from++) {
			pthread_t thread;
			struct direction *direction = malloc(sizeof *direction);
			*direction = (struct direction){ connection, from };
			errno = pthread_create(&thread, &attributes, move, direction);
			if (errno)
				fail("pthread_create");
		}
	}
}

/* One thread for all: whatever is ready is moved until it is not. */

struct side {
	struct relay *relay;
	int fd, pipe[2];  /* what was read from fd and not written to the other one is in the pipe */
	ssize_t held;
	int ended;
};

struct relay {
	struct side side[2];
	int closed;
	struct relay *next; /* of those to be freed */
};

static struct relay *finished;

static void finish(struct relay *relay)
{
	if (relay->closed)
		return;
	relay->closed = 1;
	for (int i = 0; i < 2; i++) {
		close(relay->side[i].fd);
		close(relay->side[i].pipe[0]);
		close(relay->side[i].pipe[1]);
	}
	relay->next = finished;
	finished = relay;
}

static void pump(struct side *from, struct side *to)
{
	const int flags = SPLICE_F_MOVE | SPLICE_F_NONBLOCK;
	while (!from->ended) {
		if (from->held == 0) {
			ssize_t count = splice(from->fd, NULL, from->pipe[1], NULL, MOST, flags);
			if (count < 0 && errno == EAGAIN)
				return;
			if (count <= 0) {
				from->ended = 1;
				shutdown(to->fd, SHUT_WR);
				break;
			}
			from->held = count;
		}
		ssize_t count = splice(from->pipe[0], NULL, to->fd, NULL, from->held, flags);
		if (count < 0 && errno == EAGAIN)
			return;
		if (count <= 0) {
			from->ended = to->ended = 1;
			break;
		}
		from->held -= count;
	}
	if (from->ended && to->ended)
		finish(from->relay);
}

static void accept_all(int listener, int epoll)
{
	for (;;) {
		int outside = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (outside < 0)
			return;
		int inside = connect_inside(O_NONBLOCK);
		if (inside < 0) {
			refuse(outside);
			continue;
		}
		struct relay *relay = calloc(1, sizeof *relay);
		const int fd[2] = { outside, inside };
		for (int i = 0; i < 2; i++) {
			struct side *side = &relay->side[i];
			struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
						     .data.ptr = side };
			side->relay = relay;
			side->fd = fd[i];
			make_pipe(side->pipe, O_NONBLOCK);
			check(epoll_ctl(epoll, EPOLL_CTL_ADD, fd[i], &event), "epoll_ctl");
		}
	}
}

static void run_epoll(int listener)
{
	struct epoll_event events[EVENTS], waiting = { .events = EPOLLIN, .data.ptr = NULL };
	int epoll = check(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
	check(fcntl(listener, F_SETFL, O_NONBLOCK), "fcntl");
	check(epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &waiting), "epoll_ctl");
	for (;;) {
		int count = epoll_wait(epoll, events, EVENTS, -1);
		for (int i = 0; i < count; i++) {
			struct side *side = events[i].data.ptr;
			if (!side) {
				accept_all(listener, epoll);
				continue;
			}
			struct relay *relay = side->relay;
			struct side *other = &relay->side[side == &relay->side[0]];
			if (!relay->closed && events[i].events & ~EPOLLOUT)
				pump(side, other);
			if (!relay->closed && events[i].events & EPOLLOUT)
				pump(other, side);
		}
		while (finished) {
			struct relay *next = finished->next;
			free(finished);
			finished = next;
		}
	}
}

int main(int argc, char **argv)
{
	if (argc != 6) {
		fputs("proxy threads|epoll NAMESPACE ADDRESS PORT PIPE\n", stderr);
		return 2;
	}
	struct rlimit files;
	signal(SIGPIPE, SIG_IGN);
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	target = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(atoi(argv[4])) };
	if (inet_pton(AF_INET, argv[3], &target.sin_addr) != 1)
		fail(argv[3]);
	pipe_size = atoi(argv[5]);
	int listener = listen_outside();
	int inside = check(open(argv[2], O_RDONLY | O_CLOEXEC), argv[2]);
	check(setns(inside, CLONE_NEWNET), "setns");
	if (strcmp(argv[1], "threads") == 0)
		run_threads(listener);
	else
		run_epoll(listener);
	return 0;
}
