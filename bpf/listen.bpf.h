/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* listen: a port that a process opens to others. */
#pragma once

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(listening, const struct sock *sk, const int old, const int new)
{
	struct endpoint end = {};

	/* MPTCP passes here twice: as itself, and as the TCP socket below, which is the one told.
	 */
	if (new != TCP_LISTEN || sk->sk_protocol == IPPROTO_MPTCP)
		return 0;
	end.port = sk->__sk_common.skc_num;
	end.type = sk->sk_type;
	end.protocol = sk->sk_protocol;
	if (sk->__sk_common.skc_family == AF_INET) {
		set_ipv4(&end, sk->__sk_common.skc_rcv_saddr);
	} else {
		u32 a[4] = {};

		bpf_core_read(a, sizeof(a), &sk->__sk_common.skc_v6_rcv_saddr);
		set_ipv6(&end, a[0], a[1], a[2], a[3]);
	}
	reached((void *)bpf_get_current_task(), FAMILY_LISTEN, RECORD_LISTEN, &end, false);
	return 0;
}

/* UDP has no listen(): binding a port is what opens it. */
static __always_inline int bound(struct bpf_sock *ctx, bool six)
{
	struct endpoint end = {
	    .port = ctx->src_port,
	    .type = ctx->type,
	    .protocol = ctx->protocol,
	};

	if (end.type != SOCK_DGRAM ||
	    (end.protocol != IPPROTO_UDP && end.protocol != IPPROTO_UDPLITE))
		return 1;
	remember_port(ctx);
	if (six)
		set_ipv6(&end, ctx->src_ip6[0], ctx->src_ip6[1], ctx->src_ip6[2], ctx->src_ip6[3]);
	else
		set_ipv4(&end, ctx->src_ip4);
	reached((void *)bpf_get_current_task(), FAMILY_LISTEN, RECORD_LISTEN, &end, false);
	return 1;
}

SEC("cgroup/post_bind4")
int post_bind4(struct bpf_sock *ctx)
{
	return bound(ctx, false);
}

SEC("cgroup/post_bind6")
int post_bind6(struct bpf_sock *ctx)
{
	return bound(ctx, true);
}
