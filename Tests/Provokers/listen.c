/*
 * listen HOW PORT [SECONDS]: opens a port on loopback. HOW: tcp tcp6 udp udp6 mptcp, again (two
 * sockets, one of which listens twice), io_uring; unix unixdgram unixseq: PORT is a path.
 */
#include "peer.h"
#include "ring.h"

static int kind_of(const char *how)
{
	if (strncmp(how, "udp", 3) == 0 || equal(how, "unixdgram"))
		return SOCK_DGRAM;
	return equal(how, "unixseq") ? SOCK_SEQPACKET : SOCK_STREAM;
}

static int bound(const char *how, const union peer *self, socklen_t length)
{
	int made =
	    must(socket(self->any.sa_family, kind_of(how), equal(how, "mptcp") ? IPPROTO_MPTCP : 0),
		 "socket");
	int yes = 1;

	must(setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)), "setsockopt");
	if (self->any.sa_family != AF_UNIX)
		must(setsockopt(made, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof(yes)), "setsockopt");
	if (!equal(how, "io_uring"))
		must(bind(made, &self->any, length), "bind");
	return made;
}

/* 6.11; newer than some headers. */
static void listen_by_ring(int made, const union peer *self, socklen_t length)
{
	struct io_uring_sqe bind = {
	    .opcode = 56, .fd = made, .addr = (unsigned long)self, .addr2 = length};
	struct io_uring_sqe listen = {.opcode = 57, .fd = made, .len = 1};
	int result = ring_run(&bind);

	errno = result == -EINVAL ? ENOSYS : -result;
	must(result, "bind");
	errno = -(result = ring_run(&listen));
	must(result, "listen");
}

int main(int argc, char **argv)
{
	union peer self;

	if (argc < 3)
		usage("HOW PORT [SECONDS]");
	const char *how = argv[1];
	socklen_t length = strncmp(how, "unix", 4) == 0
			       ? local_peer_of(&self, argv[2])
			       : peer_of(&self, strchr(how, '6') ? "::1" : "127.0.0.1", argv[2]);
	int made = bound(how, &self, length);

	if (equal(how, "io_uring"))
		listen_by_ring(made, &self, length);
	else if (kind_of(how) != SOCK_DGRAM)
		must(listen(made, 1), "listen");
	if (equal(how, "again")) {
		must(listen(made, 2), "listen again");
		must(listen(bound(how, &self, length), 1), "listen beside");
	}
	if (argc > 3)
		sleep(atoi(argv[3]));
	return 0;
}
