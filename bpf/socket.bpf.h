/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Sockets whose peers no hook sees: raw, packet, vsock, SCTP and all that is not known to be
 * harmless. Making one is told as a connect without a destination.
 */
#pragma once

static __always_inline bool shows_peers(u32 family, u32 type, u32 protocol)
{
	switch (family) {
	case AF_UNIX:
	/* These reach only the kernel. */
	case AF_NETLINK:
	case AF_KEY:
	case AF_ALG:
		return true;
	case AF_INET:
	case AF_INET6:
		break;
	default:
		return false;
	}
	if (type == SOCK_RAW)
		return false;
	switch (protocol) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_MPTCP:
	case IPPROTO_SMC: /* asks by TCP */
		return true;
	}
	return false;
}

/* Not inlined: for its callers it is the exception. */
static __noinline void made_socket(u32 family, u32 type, u32 protocol)
{
	struct endpoint end = {.family = family};

	/* As much as is told: what differs in more would be two lines that look alike. */
	if (family == AF_INET || family == AF_INET6) {
		end.family = AF_INET;
		end.type = type;
		if (type != SOCK_RAW)
			end.protocol = protocol == IPPROTO_ICMPV6 ? IPPROTO_ICMP : protocol;
	}
	reached((void *)bpf_get_current_task(), FAMILY_CONNECT, RECORD_CONNECT, &end, false);
}

/*
 * A restricted workload gets none that it is not let. The kernel asks so of those of IPv4 and IPv6
 * only. What is refused here is seen nowhere else, so it is told here.
 */
SEC("cgroup/sock_create")
int socket_asked(struct bpf_sock *ctx)
{
	u32 family = ctx->family, type = ctx->type, protocol = ctx->protocol;
	struct endpoint end = {};

	if (!control.restrictions || shows_peers(family, type, protocol))
		return 1;
	end.protocol = protocol == IPPROTO_ICMPV6 ? IPPROTO_ICMP : protocol;
	if (type == SOCK_RAW)
		end.protocol = IPPROTO_RAW;
	if (!is_refused(0, &end))
		return 1;
	made_socket(family, type, protocol);
	return 0;
}

/* A call that makes sockets has returned this one. */
static __always_inline void socket_returned(struct sock *sk, const bool direct)
{
	u32 family = get(direct, sk, __sk_common.skc_family);
	u32 type = get(direct, sk, sk_type), protocol = get(direct, sk, sk_protocol);

	if (!shows_peers(family, type, protocol))
		made_socket(family, type, protocol);
}

SEC("?fentry/security_socket_post_create")
int BPF_PROG(socket_made, struct socket *sock, int family, int type, int protocol, int kern)
{
	/* By the kernel for itself: no process asked for it. */
	if (!kern)
		socket_returned(sock->sk, true);
	return 0;
}

/* The socket that an open file is; NULL if it is none. */
static __always_inline struct sock *sock_of(struct file *file, const bool direct)
{
	struct inode *inode = get(direct, file, f_inode);
	struct socket *socket;

	if ((get(direct, inode, i_mode) & S_IFMT) != S_IFSOCK)
		return NULL;
	socket = get(direct, file, private_data);
	if (direct)
		socket = cast(struct socket, socket);
	return get(direct, socket, sk);
}
