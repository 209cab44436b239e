/* Addresses from words. */
#ifndef PEER_H
#define PEER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include "provoke.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

union peer {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un local;
};

/* Fills `peer` and gives its length; an address with a colon is IPv6. */
static inline socklen_t peer_of(union peer *peer, const char *address, const char *port)
{
	memset(peer, 0, sizeof(*peer));
	if (strchr(address, ':')) {
		peer->v6.sin6_family = AF_INET6;
		peer->v6.sin6_port = htons(atoi(port));
		if (inet_pton(AF_INET6, address, &peer->v6.sin6_addr) != 1)
			usage("an address that can be read");
		return sizeof(peer->v6);
	}
	peer->v4.sin_family = AF_INET;
	peer->v4.sin_port = htons(atoi(port));
	if (inet_pton(AF_INET, address, &peer->v4.sin_addr) != 1)
		usage("an address that can be read");
	return sizeof(peer->v4);
}

/* `@name` is an abstract one. */
static inline socklen_t local_peer_of(union peer *peer, const char *name)
{
	size_t length = strlen(name);

	memset(peer, 0, sizeof(*peer));
	peer->local.sun_family = AF_UNIX;
	if (length >= sizeof(peer->local.sun_path))
		usage("a shorter name");
	memcpy(peer->local.sun_path, name, length);
	if (name[0] != '@')
		return sizeof(peer->local);
	peer->local.sun_path[0] = 0;
	return offsetof(struct sockaddr_un, sun_path) + length;
}

#endif
