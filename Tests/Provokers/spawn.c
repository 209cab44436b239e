/*
 * spawn HOW TARGET [ARGUMENT...]: lets a child or a thread become TARGET.
 *   vfork posix_spawn clone3; thread: of a thread that is not the leader; orphan: its parent is
 * gone pid: twice, and the second child has the id of the first
 */
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include "provoke.h"

static char **arguments;

static void become(void)
{
	execv(*arguments, arguments);
	_exit(127);
}

static void *becoming(void *nothing)
{
	(void)nothing;
	become();
	return NULL;
}

/* A child with the id `pid`, 0: any. */
static pid_t child_with(pid_t pid, unsigned long flags)
{
	struct clone_args how = {
	    .flags = flags,
	    .exit_signal = SIGCHLD,
	    .set_tid = pid ? (unsigned long)&pid : 0,
	    .set_tid_size = pid ? 1 : 0,
	};

	return syscall(SYS_clone3, &how, sizeof(how));
}

static pid_t started(pid_t pid)
{
	int status;

	pid = must(child_with(pid, 0), "clone3");
	if (pid == 0)
		become();
	must(waitpid(pid, &status, 0), "waitpid");
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		exit(1);
	return pid;
}

/* The end of the parent is awaited by the child, so that it executes as nobody's child. */
static void orphaned(void)
{
	int ends[2];
	char byte;
	pid_t between;

	must(pipe2(ends, O_CLOEXEC), "pipe2");
	between = must(fork(), "fork");
	if (between == 0) {
		pid_t self = getpid();

		if (must(fork(), "fork") == 0) {
			while (getppid() == self)
				sched_yield();
			become();
		}
		_exit(0);
	}
	must(waitpid(between, NULL, 0), "waitpid");
	/* Until the exec closed the other end. */
	close(ends[1]);
	read(ends[0], &byte, 1);
	exit(0);
}

int main(int argc, char **argv)
{
	pthread_t thread;
	pid_t child = -1;

	if (argc < 3)
		usage("HOW TARGET [ARGUMENT...]");
	const char *how = argv[1];
	arguments = argv + 2;
	if (equal(how, "vfork")) {
		child = vfork();
		if (child == 0)
			become();
	} else if (equal(how, "posix_spawn")) {
		errno = posix_spawn(&child, *arguments, NULL, NULL, arguments, environ);
	} else if (equal(how, "clone3")) {
		child = child_with(0, CLONE_NEWPID | CLONE_NEWNS);
		if (child == 0)
			become();
	} else if (equal(how, "thread")) {
		errno = pthread_create(&thread, NULL, becoming, NULL);
		/* Ended by the exec. */
		pthread_join(thread, NULL);
	} else if (equal(how, "orphan")) {
		orphaned();
	} else if (equal(how, "pid")) {
		pid_t first = started(0);
		char *second[] = {*arguments, "second", NULL};

		arguments = second;
		/* What /proc tells of starts, and so the names of processes, are ticks of 10 ms. */
		usleep(20000);
		started(first);
		return 0;
	} else {
		usage("HOW TARGET [ARGUMENT...]");
	}
	must(child, how);
	finish_with(child);
}
