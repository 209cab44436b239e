/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * connect by datagrams, which need no connection: each destination is one, but for answers.
 *
 * Who chose a socket's port serves there, and what it sends is an answer, once it has heard
 * anything. A socket that speaks first is like any other. Of a restricted workload an answer is
 * what goes to somebody who was heard: else one question would let it speak to anyone.
 */
#pragma once

/* Of a socket that was bound while the monitor ran: of older ones nobody knows what they heard. */
struct port {
	u32 heard;
};

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct port);
} ports SEC(".maps");

/* A program has given the socket a port. */
static __always_inline void remember_port(struct bpf_sock *sk)
{
	bpf_sk_storage_get(&ports, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
}

static __always_inline bool is_answer(struct bpf_sock_addr *ctx, const bool direct)
{
	struct sock *sk = direct ? cast(struct sock, ctx->sk) : (void *)number_of(ctx->sk);
	u64 locks = direct ? BPF_CORE_READ_BITFIELD(sk, sk_userlocks)
			   : BPF_CORE_READ_BITFIELD_PROBED(sk, sk_userlocks);
	struct port *port;

	if (!(locks & SOCK_BINDPORT_LOCK))
		return false;
	if (!control.hears || !ctx->sk)
		return true;
	port = bpf_sk_storage_get(&ports, ctx->sk, NULL, 0);
	return !port || port->heard;
}

/* The program has asked from whom a datagram came, as it must to answer. */
static __always_inline int hearing(struct bpf_sock_addr *ctx, bool six)
{
	struct port *port = ctx->sk ? bpf_sk_storage_get(&ports, ctx->sk, NULL, 0) : NULL;

	if (port && !port->heard)
		port->heard = 1;
	remember_heard(ctx, six);
	return 1;
}

static __always_inline int sending(struct bpf_sock_addr *ctx, bool six, const bool direct)
{
	if (is_answer(ctx, direct) && !is_unheard(ctx, six))
		return 1;
	return connecting(ctx, six, direct);
}

SEC("?cgroup/sendmsg4")
int sendmsg4(struct bpf_sock_addr *ctx)
{
	return sending(ctx, false, true);
}

SEC("?cgroup/sendmsg6")
int sendmsg6(struct bpf_sock_addr *ctx)
{
	return sending(ctx, true, true);
}

SEC("?cgroup/sendmsg4")
int sendmsg4_compat(struct bpf_sock_addr *ctx)
{
	return sending(ctx, false, false);
}

SEC("?cgroup/sendmsg6")
int sendmsg6_compat(struct bpf_sock_addr *ctx)
{
	return sending(ctx, true, false);
}

SEC("?cgroup/recvmsg4")
int recvmsg4(struct bpf_sock_addr *ctx)
{
	return hearing(ctx, false);
}

SEC("?cgroup/recvmsg6")
int recvmsg6(struct bpf_sock_addr *ctx)
{
	return hearing(ctx, true);
}
