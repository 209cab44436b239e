/*
 * close-first DIR COUNT: sends one datagram to each of COUNT sockets in DIR, whose owner closes it
 * as soon as the datagram is there, whether or not the sender has come back.
 */
#include <pthread.h>
#include <sched.h>
#include "peer.h"

static const char *directory;
static long count;
static volatile long bound, sent;

static socklen_t numbered(union peer *peer, long number)
{
	char name[sizeof(peer->local.sun_path)];

	snprintf(name, sizeof(name), "%s/%ld", directory, number);
	return local_peer_of(peer, name);
}

static void *receive(void *unused)
{
	for (long number = 1; number <= count; number++) {
		int made = must(socket(AF_UNIX, SOCK_DGRAM, 0), "socket");
		union peer self;
		socklen_t length = numbered(&self, number);
		char byte;

		must(bind(made, &self.any, length), "bind");
		bound = number;
		while (recv(made, &byte, 1, MSG_DONTWAIT) < 0)
			;
		close(made);
		while (sent < number)
			sched_yield();
	}
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t receiver;

	directory = argv[1];
	count = argc == 3 ? atol(argv[2]) : 0;
	if (count <= 0 || pthread_create(&receiver, NULL, receive, NULL))
		usage("DIR COUNT");
	for (long number = 1; number <= count; number++) {
		int made = must(socket(AF_UNIX, SOCK_DGRAM, 0), "socket");
		union peer peer;
		socklen_t length = numbered(&peer, number);

		while (bound < number)
			sched_yield();
		must(sendto(made, "x", 1, 0, &peer.any, length), "sendto");
		close(made);
		sent = number;
	}
	pthread_join(receiver, NULL);
	return 0;
}
