/* accept PORT [WORDS]: waits for one caller on loopback or beyond, sends WORDS, reads to the end.
 * Gives up after 10 s. */
#include "peer.h"

int main(int argc, char **argv)
{
	union peer self;
	int yes = 1;
	char bytes[4096];

	if (argc < 2)
		usage("PORT [WORDS]");
	alarm(10);
	socklen_t length = peer_of(&self, "0.0.0.0", argv[1]);
	int made = must(socket(AF_INET, SOCK_STREAM, 0), "socket");
	must(setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)), "setsockopt");
	must(bind(made, &self.any, length), "bind");
	must(listen(made, 1), "listen");
	int caller = must(accept(made, NULL, NULL), "accept");
	if (argc > 2)
		dprintf(caller, "%s\n", argv[2]);
	while (read(caller, bytes, sizeof(bytes)) > 0)
		;
	return 0;
}
