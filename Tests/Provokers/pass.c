/* pass PATH SOCKET: opens PATH and hands it to the first who connects to SOCKET. */
#include <sys/socket.h>
#include "peer.h"

int main(int argc, char **argv)
{
	union peer peer;

	if (argc != 3)
		usage("PATH SOCKET");
	int file = must(open(argv[1], O_RDONLY), argv[1]);
	int server = must(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)),
				.cmsg_level = SOL_SOCKET,
				.cmsg_type = SCM_RIGHTS}};
	struct iovec bytes = {.iov_base = "x", .iov_len = 1};
	struct msghdr message = {.msg_iov = &bytes,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};

	memcpy(CMSG_DATA(&control.header), &file, sizeof(file));
	must(bind(server, &peer.any, local_peer_of(&peer, argv[2])), argv[2]);
	must(listen(server, 1), "listen");
	must(sendmsg(must(accept(server, NULL, NULL), "accept"), &message, 0), "sendmsg");
	return 0;
}
