/*
 * Shared by the provokers: programs that do one thing for a monitor to see. They print nothing
 * and exit 0, or say in one line what failed and exit 1; 77 where this kernel cannot do it.
 */
#ifndef PROVOKE_H
#define PROVOKE_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static inline void __attribute__((noreturn)) fail(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
	exit(errno == ENOSYS || errno == EPROTONOSUPPORT ? 77 : 1);
}

static inline void __attribute__((noreturn)) usage(const char *text)
{
	fprintf(stderr, "usage: %s %s\n", program_invocation_short_name, text);
	exit(1);
}

/* Of a system call's result: the result, or the end. */
static inline long must(long result, const char *what)
{
	if (result < 0)
		fail(what);
	return result;
}

static inline int equal(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* Ends with the status of a child. */
static inline void finish_with(pid_t child)
{
	int status;

	must(waitpid(child, &status, 0), "waitpid");
	exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

#endif
