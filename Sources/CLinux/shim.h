/* What Swift cannot call by itself: prctl() is variadic, glibc declares no capset(), stdout is a
 * variable. */
#pragma once
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdio.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline int linux_prctl(int option, unsigned long first, unsigned long second)
{
	return prctl(option, first, second, 0, 0);
}

/* Of the calling thread: what it may do, what of that is in force; nothing is inherited. */
static inline int linux_set_capabilities(unsigned long long permitted, unsigned long long effective)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {
	    {.permitted = (__u32)permitted, .effective = (__u32)effective},
	    {.permitted = (__u32)(permitted >> 32), .effective = (__u32)(effective >> 32)},
	};
	return (int)syscall(SYS_capset, &header, data);
}

static inline int linux_get_capabilities(unsigned long long *permitted)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};
	int result = (int)syscall(SYS_capget, &header, data);

	*permitted = (unsigned long long)data[1].permitted << 32 | data[0].permitted;
	return result;
}

/* A file to be read, as who has this directory for a root would reach it: no link leads out of it.
 */
static inline int linux_open_beneath(int root, const char *path)
{
	struct open_how how = {
	    .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
	    .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
}

/* A process by its number: a descriptor that stays its own whatever the number is used for
 * later; 5.3. */
static inline int linux_open_process(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

static inline int linux_signal_process(int process, int signal)
{
	return (int)syscall(SYS_pidfd_send_signal, process, signal, NULL, 0);
}

/* A file in memory, closed on exec. */
static inline int linux_memory_file(const char *name)
{
	return (int)syscall(SYS_memfd_create, name, 1u /* MFD_CLOEXEC */);
}

/* Both ends neither wait nor survive an exec. */
static inline int linux_pipe(int ends[2])
{
	return (int)syscall(SYS_pipe2, ends, O_NONBLOCK | O_CLOEXEC);
}

/* A connection that does not survive an exec, and the user at its other end. */
static inline int linux_accept(int listener, unsigned int *user)
{
	struct {
		pid_t pid;
		uid_t uid;
		gid_t gid;
	} peer;
	socklen_t size = sizeof(peer);
	int connection = (int)syscall(SYS_accept4, listener, NULL, NULL, SOCK_CLOEXEC);

	if (connection < 0)
		return -1;
	if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
		close(connection);
		return -1;
	}
	*user = peer.uid;
	return connection;
}

/* glibc shows these to its own dialect alone; 2.29 and 2.34. */
int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *path);
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);

/* The program starts in /, with input and output in place and no other file open. */
static inline int linux_prepare_files(posix_spawn_file_actions_t *actions, int input, int output)
{
	int failure = posix_spawn_file_actions_adddup2(actions, input, 0);

	if (!failure)
		failure = posix_spawn_file_actions_adddup2(actions, output, 1);
	if (!failure)
		failure = posix_spawn_file_actions_adddup2(actions, output, 2);
	if (!failure)
		failure = posix_spawn_file_actions_addclosefrom_np(actions, 3);
	return failure ? failure : posix_spawn_file_actions_addchdir_np(actions, "/");
}

/* Not 0 where something of standard output was not written, now or before. */
static inline int linux_flush_output(void)
{
	return fflush(stdout) != 0 || ferror(stdout) != 0;
}
