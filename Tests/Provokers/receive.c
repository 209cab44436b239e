/*
 * receive socket SOCKET: takes the file that `pass` hands over.
 * receive pidfd PATH: takes from a child the descriptor of PATH, which the child has opened.
 */
#include <signal.h>
#include <sys/socket.h>
#include "peer.h"

#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif

static void from_socket(const char *path)
{
	union peer peer;
	int client = must(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
	char byte, control[CMSG_SPACE(sizeof(int))];
	struct iovec bytes = {.iov_base = &byte, .iov_len = 1};
	struct msghdr message = {.msg_iov = &bytes,
				 .msg_iovlen = 1,
				 .msg_control = control,
				 .msg_controllen = sizeof(control)};

	must(connect(client, &peer.any, local_peer_of(&peer, path)), path);
	must(recvmsg(client, &message, 0), "recvmsg");
	if (!CMSG_FIRSTHDR(&message)) {
		errno = ENOMSG;
		fail("SCM_RIGHTS");
	}
}

static void from_child(const char *path)
{
	int ready[2];
	int file = 100;

	must(pipe(ready), "pipe");
	pid_t child = must(fork(), "fork");
	if (child == 0) {
		must(dup2(must(open(path, O_RDONLY), path), file), "dup2");
		must(write(ready[1], "x", 1), "write");
		pause();
	}
	must(read(ready[0], &(char){0}, 1), "read");
	int pidfd = must(syscall(SYS_pidfd_open, child, 0), "pidfd_open");
	long got = syscall(SYS_pidfd_getfd, pidfd, file, 0);

	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	must(got, "pidfd_getfd");
}

int main(int argc, char **argv)
{
	if (argc != 3)
		usage("socket SOCKET | pidfd PATH");
	if (equal(argv[1], "socket"))
		from_socket(argv[2]);
	else
		from_child(argv[2]);
	return 0;
}
