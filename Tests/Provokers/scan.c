/* scan FIRST COUNT: asks for COUNT ports of 127.0.0.1 from FIRST on, and waits for none. */
#include "peer.h"

int main(int argc, char **argv)
{
	long first = argc == 3 ? atol(argv[1]) : 0, count = argc == 3 ? atol(argv[2]) : 0;
	union peer peer;
	socklen_t length = peer_of(&peer, "127.0.0.1", "1");

	if (first <= 0 || count <= 0 || first + count > 65536)
		usage("FIRST COUNT");
	for (long port = first; port < first + count; port++) {
		int made = must(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");

		peer.v4.sin_port = htons(port);
		connect(made, &peer.any, length);
		close(made);
	}
	return 0;
}
