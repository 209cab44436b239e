/* An io_uring without liburing, for a few requests. Where the kernel cannot: status 77. */
#ifndef RING_H
#define RING_H

#include <linux/io_uring.h>
#include <sys/mman.h>
#include "provoke.h"

#define RING_ENTRIES 64

struct ring {
	int fd;
	char *submissions;
	char *completions;
	struct io_uring_sqe *entries;
	struct io_uring_params params;
};

static inline struct ring ring_made(unsigned flags)
{
	struct ring ring = {.params = {.flags = flags, .sq_thread_idle = 1000}};

	ring.fd = syscall(SYS_io_uring_setup, RING_ENTRIES, &ring.params);
	if (ring.fd < 0) {
		/* Forbidden by kernel.io_uring_disabled, or flags of later kernels. */
		if (errno == EPERM || errno == EINVAL)
			errno = ENOSYS;
		fail("io_uring_setup");
	}
	size_t queue = ring.params.sq_off.array + ring.params.sq_entries * sizeof(unsigned);
	size_t done =
	    ring.params.cq_off.cqes + ring.params.cq_entries * sizeof(struct io_uring_cqe);
	ring.submissions =
	    mmap(NULL, queue, PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd, IORING_OFF_SQ_RING);
	ring.completions =
	    mmap(NULL, done, PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd, IORING_OFF_CQ_RING);
	ring.entries = mmap(NULL, RING_ENTRIES * sizeof(*ring.entries), PROT_READ | PROT_WRITE,
			    MAP_SHARED, ring.fd, IORING_OFF_SQES);
	if (ring.submissions == MAP_FAILED || ring.completions == MAP_FAILED ||
	    ring.entries == MAP_FAILED)
		fail("mmap of the ring");
	return ring;
}

/* Submits all at once and waits for so many completions; the first error among them, or 0. */
static inline int ring_submit(struct ring *ring, const struct io_uring_sqe *what, unsigned count,
			      unsigned completions)
{
	unsigned flags = IORING_ENTER_GETEVENTS;

	for (unsigned i = 0; i < count; i++) {
		ring->entries[i] = what[i];
		((unsigned *)(ring->submissions + ring->params.sq_off.array))[i] = i;
	}
	__atomic_store_n((unsigned *)(ring->submissions + ring->params.sq_off.tail), count,
			 __ATOMIC_RELEASE);
	if (ring->params.flags & IORING_SETUP_SQPOLL)
		flags |= IORING_ENTER_SQ_WAKEUP;
	must(syscall(SYS_io_uring_enter, ring->fd, count, completions, flags, NULL, 0),
	     "io_uring_enter");
	struct io_uring_cqe *done = (void *)(ring->completions + ring->params.cq_off.cqes);
	for (unsigned i = 0; i < completions; i++)
		if (done[i].res < 0)
			return done[i].res;
	return 0;
}

/* One request in a ring of its own: 0, or its error. */
static inline int ring_run(const struct io_uring_sqe *what)
{
	struct ring ring = ring_made(0);

	return ring_submit(&ring, what, 1, 1);
}

/* Gives the ring a table of empty slots, for files without descriptors. */
static inline void ring_slots(struct ring *ring)
{
	int none[RING_ENTRIES];

	for (int i = 0; i < RING_ENTRIES; i++)
		none[i] = -1;
	must(syscall(SYS_io_uring_register, ring->fd, IORING_REGISTER_FILES, none, RING_ENTRIES),
	     "io_uring_register");
}

#endif
