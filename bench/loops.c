/*
 * loops KIND SECONDS [PATH]: does one known thing over and over, and prints for each slice of
 * 10 ms what one call took in nanoseconds; the last line is the number of calls.
 * KIND: open exec connect getppid; open32 by the 32-bit call; uring-nop and uring-open, a request
 * of its own each; datagram, sent and received on loopback by sockets that were connected before;
 * and new: opens of names never used before, below PATH.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SLICE 10000000ULL
#define MOST_SLICES 100000

static const char *path = "/etc/hostname";
static int connection;
static struct sockaddr_in peer = {.sin_family = AF_INET};
static unsigned long number;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void open_known(void)
{
	int file = open(path, O_RDONLY);

	if (file < 0)
		fail(path);
	close(file);
}

static void open_new(void)
{
	char name[4096];

	snprintf(name, sizeof(name), "%s/%lx", path, number++);
	int file = open(name, O_CREAT | O_WRONLY, 0600);
	if (file < 0)
		fail(name);
	close(file);
	unlink(name);
}

static void exec_known(void)
{
	char *words[] = {(char *)path, NULL}, *none[] = {NULL};
	pid_t child;

	if (posix_spawn(&child, path, NULL, NULL, words, none) != 0 || waitpid(child, NULL, 0) < 0)
		fail(path);
}

/* A datagram socket: the whole way of connect(), and nothing is sent. */
static void connect_known(void)
{
	if (connect(connection, (struct sockaddr *)&peer, sizeof(peer)) < 0)
		fail("connect");
}

static void datagram(void)
{
	static int ends[2] = {-1, -1};
	char byte = 0;

	if (ends[0] < 0) {
		struct sockaddr_in name = {.sin_family = AF_INET};
		socklen_t size = sizeof(name);

		name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		ends[0] = socket(AF_INET, SOCK_DGRAM, 0);
		ends[1] = socket(AF_INET, SOCK_DGRAM, 0);
		if (bind(ends[0], (struct sockaddr *)&name, size) < 0 ||
		    getsockname(ends[0], (struct sockaddr *)&name, &size) < 0 ||
		    connect(ends[1], (struct sockaddr *)&name, size) < 0)
			fail("sockets");
	}
	if (send(ends[1], &byte, 1, 0) != 1 || recv(ends[0], &byte, 1, 0) != 1)
		fail("datagram");
}

static void get_parent(void)
{
	syscall(SYS_getppid);
}

static void open_32(void)
{
	/* Where 32 bits reach, as the program is not position-independent. */
	static char low[4096];
	long file;

	if (!low[0])
		strncpy(low, path, sizeof(low) - 1);
	asm volatile("int $0x80"
		     : "=a"(file)
		     : "a"(5), "b"(low), "c"(O_RDONLY), "d"(0)
		     : "memory", "r8", "r9", "r10", "r11");
	if ((int)file < 0)
		fail(path);
	close(file);
}

/* One request into a ring, and its result; what liburing would do. */
static int request(const struct io_uring_sqe *what)
{
	static struct io_uring_params params;
	static struct io_uring_sqe *entries;
	static char *queue;
	static int ring = -1;

	if (ring < 0) {
		ring = syscall(SYS_io_uring_setup, 4, &params);
		if (ring < 0)
			fail("io_uring_setup");
		/* One mapping holds both queues (IORING_FEAT_SINGLE_MMAP, 5.4). */
		queue =
		    mmap(NULL, params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe),
			 PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
		entries = mmap(NULL, params.sq_entries * sizeof(*entries), PROT_READ | PROT_WRITE,
			       MAP_SHARED, ring, IORING_OFF_SQES);
		if (queue == MAP_FAILED || entries == MAP_FAILED)
			fail("mmap of the ring");
	}
	unsigned *tail = (unsigned *)(queue + params.sq_off.tail);
	unsigned *head = (unsigned *)(queue + params.cq_off.head);
	unsigned place = *tail & (params.sq_entries - 1);
	struct io_uring_cqe *done = (void *)(queue + params.cq_off.cqes);

	entries[place] = *what;
	((unsigned *)(queue + params.sq_off.array))[place] = place;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		fail("io_uring_enter");
	int result = done[*head & (params.cq_entries - 1)].res;
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	return result;
}

static void uring_nop(void)
{
	request(&(struct io_uring_sqe){.opcode = IORING_OP_NOP});
}

static void uring_open(void)
{
	int file = request(&(struct io_uring_sqe){.opcode = IORING_OP_OPENAT,
						  .fd = AT_FDCWD,
						  .addr = (unsigned long)path,
						  .open_flags = O_RDONLY});

	if (file < 0) {
		errno = -file;
		fail(path);
	}
	close(file);
}

static const struct {
	const char *kind;
	void (*call)(void);
	int batch; /* calls between two looks at the clock */
} loops[] = {
    {"open", open_known, 64},	    {"new", open_new, 16},	    {"exec", exec_known, 1},
    {"connect", connect_known, 64}, {"getppid", get_parent, 1024},  {"open32", open_32, 64},
    {"uring-nop", uring_nop, 256},  {"uring-open", uring_open, 64}, {"datagram", datagram, 64},
};

static unsigned long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

int main(int argc, char **argv)
{
	static double slices[MOST_SLICES];
	unsigned long long calls = 0, start, end;
	int count = 0, chosen = -1;

	for (unsigned i = 0; argc > 2 && i < sizeof(loops) / sizeof(*loops); i++)
		if (strcmp(loops[i].kind, argv[1]) == 0)
			chosen = i;
	if (chosen < 0) {
		fprintf(stderr, "usage: loops KIND SECONDS [PATH]\n");
		return 1;
	}
	if (argc > 3)
		path = argv[3];
	connection = socket(AF_INET, SOCK_DGRAM, 0);
	peer.sin_port = htons(47300);
	peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

	loops[chosen].call(); /* the one that is new */
	start = now();
	end = start + (unsigned long long)(atof(argv[2]) * 1e9);
	while (start < end && count < MOST_SLICES) {
		unsigned long long in_slice = 0, time;
		do {
			for (int i = 0; i < loops[chosen].batch; i++)
				loops[chosen].call();
			in_slice += loops[chosen].batch;
			time = now();
		} while (time - start < SLICE);
		slices[count++] = (double)(time - start) / in_slice;
		calls += in_slice;
		start = time;
	}
	for (int i = 0; i < count; i++)
		printf("%.2f\n", slices[i]);
	printf("%llu\n", calls + 1);
	return 0;
}
