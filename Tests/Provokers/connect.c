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

/* A datagram socket on port 47112. */
static int serving(int family)
{
	int server = made(family, SOCK_DGRAM, 0);
	union peer self;

	must(bind(server, &self.any,
		  peer_of(&self, family == AF_INET6 ? "::1" : "127.0.0.1", "47112")),
	     "bind");
	return server;
}

static long ask(const char *how, socklen_t length)
{
	int family = peer.any.sa_family;
	struct iovec bytes = {.iov_base = "x", .iov_len = 1};
	struct msghdr message = {
	    .msg_name = &peer, .msg_namelen = length, .msg_iov = &bytes, .msg_iovlen = 1};
	long result;

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
	} else if (equal(how, "bound")) {
		result = sendto(serving(family), "x", 1, 0, &peer.any, length);
	} else if (equal(how, "answer")) {
		int server = serving(family), client = made(family, SOCK_DGRAM, 0);
		char byte;
		must(sendto(client, "x", 1, 0, &peer.any, length), "ask");
		must(recvfrom(server, &byte, 1, 0, &peer.any, &length), "hear");
		result = sendto(server, "x", 1, 0, &peer.any, length);
	} else if (equal(how, "misanswer")) {
		/* Heard is one, spoken to is another. */
		int server = serving(family), client = made(family, SOCK_DGRAM, 0);
		union peer self, heard;
		socklen_t size = sizeof(heard);
		char byte;
		must(sendto(client, "x", 1, 0, &self.any,
			    peer_of(&self, family == AF_INET6 ? "::1" : "127.0.0.1", "47112")),
		     "ask");
		must(recvfrom(server, &byte, 1, 0, &heard.any, &size), "hear");
		result = sendto(server, "x", 1, 0, &peer.any, length);
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
	} else if (equal(how, "io_uring") || equal(how, "io_uring_async") ||
		   equal(how, "io_uring_polled")) {
		/* By the caller, by a worker, or by the thread that polls the ring. */
		struct io_uring_sqe entry = {
		    .opcode = IORING_OP_CONNECT,
		    .flags = equal(how, "io_uring_async") ? IOSQE_ASYNC : 0,
		    .fd = made(family, SOCK_STREAM, 0),
		    .addr = (unsigned long)&peer,
		    .off = length,
		};
		struct ring ring =
		    ring_made(equal(how, "io_uring_polled") ? IORING_SETUP_SQPOLL : 0);
		result = ring_submit(&ring, &entry, 1, 1);
		errno = result < 0 ? -result : 0;
	} else {
		usage("HOW ADDRESS PORT | HOW PATH");
	}
	return result;
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";
	socklen_t length;
	long result;
	int tries = 500;

	if (argc == 3)
		length = local_peer_of(&peer, argv[2]);
	else if (argc == 4)
		length = peer_of(&peer, argv[2], argv[3]);
	else
		usage("HOW ADDRESS PORT | HOW PATH");

	do {
		result = ask(how, length);
		/* The server beside may still be starting; a TCP port is asked for once. */
	} while (result < 0 && peer.any.sa_family == AF_UNIX &&
		 (errno == ENOENT || errno == ECONNREFUSED) && tries-- && !usleep(10000));
	if (result < 0 && (peer.any.sa_family == AF_UNIX || errno != ECONNREFUSED) &&
	    errno != EINPROGRESS)
		fail(how);
	return 0;
}
