/*
 * connect HOW ADDRESS PORT, connect HOW PATH|@NAME: asks for one peer. That nobody listens there is
 * no failure: the asking is what is to be seen.
 */
#include <netinet/tcp.h>
#include "low.h"
#include "peer.h"
#include "ring.h"

static union peer peer;
static unsigned words[3]; /* of socketcall(), which takes 32-bit addresses */

static int made(int family, int type, int protocol)
{
	return must(socket(family, type, protocol), "socket");
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";
	socklen_t length;
	long result;

	if (argc == 3)
		length = local_peer_of(&peer, argv[2]);
	else if (argc == 4)
		length = peer_of(&peer, argv[2], argv[3]);
	else
		usage("HOW ADDRESS PORT | HOW PATH");

	int family = peer.any.sa_family;
	struct iovec bytes = {.iov_base = "x", .iov_len = 1};
	struct msghdr message = {
	    .msg_name = &peer, .msg_namelen = length, .msg_iov = &bytes, .msg_iovlen = 1};

	if (equal(how, "block")) {
		result = connect(made(family, SOCK_STREAM, 0), &peer.any, length);
	} else if (equal(how, "nonblock")) {
		result = connect(made(family, SOCK_STREAM | SOCK_NONBLOCK, 0), &peer.any, length);
	} else if (equal(how, "mptcp")) {
		result = connect(made(family, SOCK_STREAM, IPPROTO_MPTCP), &peer.any, length);
	} else if (equal(how, "fastopen")) {
		result =
		    sendto(made(family, SOCK_STREAM, 0), "x", 1, MSG_FASTOPEN, &peer.any, length);
	} else if (equal(how, "udp")) {
		result = connect(made(family, SOCK_DGRAM, 0), &peer.any, length);
	} else if (equal(how, "sendto")) {
		result = sendto(made(family, SOCK_DGRAM, 0), "x", 1, 0, &peer.any, length);
	} else if (equal(how, "sendmsg")) {
		result = sendmsg(made(family, SOCK_DGRAM, 0), &message, 0);
	} else if (equal(how, "sendmmsg")) {
		struct mmsghdr messages = {.msg_hdr = message};
		result = sendmmsg(made(family, SOCK_DGRAM, 0), &messages, 1, 0);
	} else if (equal(how, "connect32")) {
		result = call32(CONNECT32, made(family, SOCK_STREAM, 0), (long)&peer, length);
	} else if (equal(how, "socketcall")) {
		words[0] = made(family, SOCK_STREAM, 0);
		words[1] = (unsigned)(long)&peer;
		words[2] = length;
		result = call32(SOCKETCALL32, SOCKETCALL_CONNECT, (long)words, 0);
	} else if (equal(how, "seqpacket")) {
		result = connect(made(family, SOCK_SEQPACKET, 0), &peer.any, length);
	} else if (equal(how, "connected")) {
		/* What follows goes to the same peer, and is no other act. */
		int socket = made(family, SOCK_DGRAM, 0);
		result = connect(socket, &peer.any, length);
		for (int i = 0; i < 3; i++)
			send(socket, "x", 1, 0);
		sendto(socket, "x", 1, 0, &peer.any, length);
	} else if (equal(how, "disconnect")) {
		struct sockaddr nobody = {.sa_family = AF_UNSPEC};
		int socket = made(family, SOCK_DGRAM, 0);
		result = connect(socket, &peer.any, length);
		must(connect(socket, &nobody, sizeof(nobody)), "disconnect");
	} else if (equal(how, "io_uring_sendmsg")) {
		struct io_uring_sqe entry = {
		    .opcode = IORING_OP_SENDMSG,
		    .fd = made(family, SOCK_DGRAM, 0),
		    .addr = (unsigned long)&message,
		    .len = 1,
		};
		result = ring_run(&entry);
		errno = result < 0 ? -result : 0;
	} else if (equal(how, "io_uring")) {
		struct io_uring_sqe entry = {
		    .opcode = IORING_OP_CONNECT,
		    .fd = made(family, SOCK_STREAM, 0),
		    .addr = (unsigned long)&peer,
		    .off = length,
		};
		result = ring_run(&entry);
		errno = result < 0 ? -result : 0;
	} else {
		usage("HOW ADDRESS PORT | HOW PATH");
	}
	if (result < 0 && errno != ECONNREFUSED && errno != EINPROGRESS)
		fail(how);
	return 0;
}
