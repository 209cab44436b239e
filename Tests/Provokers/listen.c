/* listen HOW PORT [SECONDS]: opens a port on loopback. HOW: tcp tcp6 udp udp6 mptcp; unix: PORT is
 * a path. */
#include "peer.h"

int main(int argc, char **argv)
{
	union peer self;

	if (argc < 3)
		usage("HOW PORT [SECONDS]");
	const char *how = argv[1];
	socklen_t length = equal(how, "unix")
			       ? local_peer_of(&self, argv[2])
			       : peer_of(&self, strchr(how, '6') ? "::1" : "127.0.0.1", argv[2]);
	int datagram = strncmp(how, "udp", 3) == 0;
	int made = must(socket(self.any.sa_family, datagram ? SOCK_DGRAM : SOCK_STREAM,
			       equal(how, "mptcp") ? IPPROTO_MPTCP : 0),
			"socket");
	int yes = 1;

	must(setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)), "setsockopt");
	must(bind(made, &self.any, length), "bind");
	if (!datagram)
		must(listen(made, 1), "listen");
	if (argc > 3)
		sleep(atoi(argv[3]));
	return 0;
}
