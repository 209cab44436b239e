/* uring-open WAY PATH [FLAG...]: one open of PATH by io_uring, which makes no system call of it. */
#include <linux/openat2.h>
#include "how.h"
#include "ring.h"

#ifndef IORING_SETUP_SINGLE_ISSUER
#define IORING_SETUP_SINGLE_ISSUER (1U << 12)
#endif
#ifndef IORING_SETUP_DEFER_TASKRUN
#define IORING_SETUP_DEFER_TASKRUN (1U << 13)
#endif

/* Kernels that cannot say so of the request itself. */
static int impossible_if(int condition)
{
	if (condition)
		errno = ENOSYS;
	return condition;
}

int main(int argc, char **argv)
{
	if (argc < 3)
		usage("WAY PATH [FLAG...]");
	const char *way = argv[1], *path = argv[2];
	struct open_how how = {.flags = how_of(argv + 3)};
	char byte;
	struct io_uring_sqe entries[1 + 40] = {
	    {
		.opcode = IORING_OP_OPENAT,
		.fd = AT_FDCWD,
		.addr = (unsigned long)path,
		.open_flags = how.flags,
		.len = 0600,
	    },
	    {.opcode = IORING_OP_NOP},
	};
	struct io_uring_sqe *first = &entries[0], *second = &entries[1];
	unsigned count = 1, completions = 1, setup = 0, slots = 0;

	if (equal(way, "async")) {
		first->flags = IOSQE_ASYNC;
	} else if (equal(way, "openat2")) {
		first->opcode = IORING_OP_OPENAT2;
		first->addr2 = (unsigned long)&how;
		first->len = sizeof(how);
	} else if (equal(way, "polled")) {
		setup = IORING_SETUP_SQPOLL;
	} else if (equal(way, "deferred")) {
		setup = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
	} else if (equal(way, "direct") || equal(way, "linked") || equal(way, "closed")) {
		/* Slot 1, which is counted from 1 here. */
		first->file_index = 2;
		slots = 1;
	} else if (equal(way, "direct-any")) {
		first->file_index = IORING_FILE_INDEX_ALLOC;
		slots = 1;
	} else if (equal(way, "silent")) {
		first->flags = IOSQE_CQE_SKIP_SUCCESS;
		count = 2;
	} else if (equal(way, "chained")) {
		/* What follows runs once all of it is submitted, and buries the first. */
		count = sizeof(entries) / sizeof(*entries);
		for (unsigned i = 0; i < count; i++)
			entries[i].flags = IOSQE_CQE_SKIP_SUCCESS | IOSQE_IO_LINK;
		entries[count - 1].flags = 0;
	} else if (!equal(way, "plain")) {
		usage("plain|async|openat2|polled|deferred|direct|direct-any|linked|closed|silent|"
		      "chained PATH [FLAG...]");
	}
	if (equal(way, "linked")) {
		/* What a program does that opens, reads and closes in one go. */
		first->flags = IOSQE_IO_LINK;
		second->opcode = IORING_OP_READ;
		second->flags = IOSQE_FIXED_FILE;
		second->fd = 1;
		second->addr = (unsigned long)&byte;
		second->len = 1;
		count = completions = 2;
	}
	if (equal(way, "closed")) {
		/* The slot is empty again before any completion is posted. */
		second->opcode = IORING_OP_CLOSE;
		second->file_index = 2;
		count = completions = 2;
	}

	struct ring ring = ring_made(setup);
	if (impossible_if((equal(way, "silent") || equal(way, "chained")) &&
			  !(ring.params.features & IORING_FEAT_CQE_SKIP)))
		fail("IOSQE_CQE_SKIP_SUCCESS");
	if (slots)
		ring_slots(&ring);
	errno = -ring_submit(&ring, entries, count, completions);
	impossible_if(errno == EINVAL && equal(way, "direct-any"));
	/* Before 5.19 the read looked for its file when it was submitted. */
	impossible_if(errno == ECANCELED && equal(way, "linked"));
	if (errno)
		fail(path);
	return 0;
}
