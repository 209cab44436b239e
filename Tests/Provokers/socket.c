/*
 * socket WHICH [socketcall|socket32|io_uring]: makes one socket and does nothing with it.
 * WHICH: raw raw6 ping packet vsock sctp xdp can, and those that show their peers: unix netlink
 * tcp.
 */
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include "low.h"
#include "ring.h"

static const struct {
	const char *name;
	int family, type, protocol;
} sockets[] = {
    {"raw", AF_INET, SOCK_RAW, IPPROTO_ICMP},
    {"raw6", AF_INET6, SOCK_RAW, IPPROTO_ICMPV6},
    {"ping", AF_INET, SOCK_DGRAM, IPPROTO_ICMP},
    {"packet", AF_PACKET, SOCK_RAW, 0},
    {"vsock", AF_VSOCK, SOCK_STREAM, 0},
    {"sctp", AF_INET, SOCK_SEQPACKET, IPPROTO_SCTP},
    {"xdp", AF_XDP, SOCK_RAW, 0},
    {"can", AF_CAN, SOCK_RAW, 1},
    {"unix", AF_UNIX, SOCK_DGRAM, 0},
    {"netlink", AF_NETLINK, SOCK_RAW, 0},
    {"tcp", AF_INET, SOCK_STREAM, 0},
};
static unsigned words[3]; /* of socketcall(), which takes 32-bit addresses */

int main(int argc, char **argv)
{
	const char *how = argc > 2 ? argv[2] : "";
	unsigned i = 0;
	long result;

	while (argc > 1 && i < sizeof(sockets) / sizeof(*sockets) &&
	       !equal(sockets[i].name, argv[1]))
		i++;
	if (argc < 2 || i == sizeof(sockets) / sizeof(*sockets))
		usage("WHICH [socketcall|socket32|io_uring]");
	if (equal(how, "socketcall")) {
		words[0] = sockets[i].family;
		words[1] = sockets[i].type;
		words[2] = sockets[i].protocol;
		result = call32(SOCKETCALL32, SOCKETCALL_SOCKET, (long)words, 0);
	} else if (equal(how, "socket32")) {
		result = call32(SOCKET32, sockets[i].family, sockets[i].type, sockets[i].protocol);
	} else if (equal(how, "io_uring")) {
		struct io_uring_sqe entry = {
		    .opcode = 45, /* IORING_OP_SOCKET, 5.19: newer than some headers */
		    .fd = sockets[i].family,
		    .off = sockets[i].type,
		    .len = sockets[i].protocol,
		};
		result = ring_run(&entry);
		/* What the opcode is where it is not known. */
		errno = result == -EINVAL ? ENOSYS : -result;
	} else {
		result = socket(sockets[i].family, sockets[i].type, sockets[i].protocol);
	}
	/* Modules that this kernel lacks, and pings that net.ipv4.ping_group_range forbids. */
	if (result < 0 && (errno == EAFNOSUPPORT || errno == ESOCKTNOSUPPORT || errno == EACCES))
		errno = ENOSYS;
	must(result, argv[1]);
	return 0;
}
