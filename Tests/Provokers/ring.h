/* One submission to an io_uring of its own, without liburing; gives the completion's result. */
#ifndef RING_H
#define RING_H

#include <linux/io_uring.h>
#include <sys/mman.h>
#include "provoke.h"

static inline int ring_run(const struct io_uring_sqe *what)
{
	struct io_uring_params params = {};
	int ring = must(syscall(SYS_io_uring_setup, 1, &params), "io_uring_setup");
	size_t queue = params.sq_off.array + params.sq_entries * sizeof(unsigned);
	size_t done = params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe);
	char *submissions =
	    mmap(NULL, queue, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
	char *completions =
	    mmap(NULL, done, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_CQ_RING);
	struct io_uring_sqe *entries =
	    mmap(NULL, params.sq_entries * sizeof(*entries), PROT_READ | PROT_WRITE, MAP_SHARED,
		 ring, IORING_OFF_SQES);

	if (submissions == MAP_FAILED || completions == MAP_FAILED || entries == MAP_FAILED)
		fail("mmap of the ring");
	entries[0] = *what;
	*(unsigned *)(submissions + params.sq_off.array) = 0;
	__atomic_store_n((unsigned *)(submissions + params.sq_off.tail), 1, __ATOMIC_RELEASE);
	must(syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0),
	     "io_uring_enter");
	return ((struct io_uring_cqe *)(completions + params.cq_off.cqes))->res;
}

#endif
