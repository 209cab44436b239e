/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * restrict: a workload that may reach what userland lets it, and nothing else.
 *
 * The programs at the root cgroup that tell of connects and datagrams refuse them, too (EPERM),
 * after they have been told. A cgroup that is restricted is so with all below it, whatever is made
 * there and whoever's that is: else a new container would be the way out. The nearest restriction
 * above counts.
 *
 * Of sockets whose peers no hook sees it gets none that it is not let (socket.bpf.h). Not refused:
 * what is connected already; answers to whom a socket has heard since; sockets other than those of
 * IPv4 and IPv6. Userland is not needed for a restriction to end: it knows its time, and goes with
 * the programs.
 */
#pragma once

struct restriction {
	u64 until; /* nanoseconds since boot, suspend included */
	u64 refused;
	u32 port_bits; /* bit n: destinations of it have ports of n leading bits */
	u32 padding;
};

/* By cgroup. As many workloads as a large node runs. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u64);
	__type(value, struct restriction);
} restrictions SEC(".maps");

/*
 * What a restricted cgroup may reach. A trie by leading bits: the address is last, so that it is
 * found by its block. A span of ports is as many entries as it has blocks that begin with the same
 * bits, each found by its own number of bits.
 */
struct destination {
	u32 bits; /* that count, of all that follows */
	u8 protocol; /* IPPROTO_*, of all raw sockets IPPROTO_RAW; 0: any */
	u8 port_bits; /* 16: one port, 0: any */
	u16 port; /* host order, zeros behind its bits */
	u64 cgroup;
	u32 address[4]; /* network order; IPv4 as ::ffff:a.b.c.d; zeros: a socket without a peer */
};
_Static_assert(sizeof(struct destination) == 32, "userland writes it");

#define PORT_BITS 16
#define DESTINATION_BITS ((sizeof(struct destination) - sizeof(u32)) * 8)

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 16384);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct destination);
	__type(value, u8);
} destinations SEC(".maps");

/* Whom a restricted workload's datagram sockets have heard: to these it may answer. What falls out
 * has waited while 4 Ki others were heard. */
struct heard {
	u64 socket; /* cookie */
	u32 address[4];
	u32 port;
	u32 padding;
};
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct heard);
	__type(value, u8);
} heard SEC(".maps");

#define RESTRICTED_TOO_DEEP (~0ull)

/*
 * The nearest cgroup from `at`, a struct cgroup *, upwards that is restricted now; 0: none. Who is
 * nested deeper than anyone looks hides there, so is refused everything while anyone is restricted.
 */
__noinline u64 restricted_above(u64 at)
{
	struct cgroup *cgroup = (void *)at;

	for (int i = 0; i < NEST_MAX; i++) {
		u64 id = BPF_CORE_READ(cgroup, kn, id);
		struct restriction *restriction = bpf_map_lookup_elem(&restrictions, &id);

		if (restriction && bpf_ktime_get_boot_ns() < restriction->until)
			return id;
		cgroup = BPF_CORE_READ(cgroup, self.parent, cgroup);
		if (!cgroup)
			return 0;
	}
	return RESTRICTED_TOO_DEEP;
}

/*
 * Whose restriction the call on this socket is under. Before 5.12 (commit 3bfe6106693b) io_uring
 * acts by kernel threads, which are in nobody's cgroup: there it goes by the socket's.
 */
static __always_inline u64 restricted_by(u64 socket)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct cgroup *cgroup = cgroup_around(task);
	struct sock___5_14 *old = (void *)socket;

	if (bpf_core_field_exists(old->sk_cgrp_data.val) && config.cgroup_subsys < 0 &&
	    BPF_CORE_READ(task, flags) & PF_KTHREAD) {
		u64 value = BPF_CORE_READ(old, sk_cgrp_data.val);

		/* The lowest bit: it holds classes of net_cls in place of the cgroup. */
		if (!(value & 1))
			cgroup = (void *)(value & ~3ull);
	}
	return restricted_above((u64)cgroup);
}

static __always_inline bool may_reach(u64 cgroup, u32 port_bits, const struct endpoint *end)
{
	struct destination wanted = {.bits = DESTINATION_BITS, .cgroup = cgroup};

	__builtin_memcpy(wanted.address, end->address, sizeof(wanted.address));
#pragma clang loop unroll(disable)
	for (u32 bits = 0; bits <= PORT_BITS; bits++) {
		if (!(port_bits >> bits & 1))
			continue;
		wanted.port_bits = bits;
		wanted.port = end->port & 0xffff0000u >> bits;
		wanted.protocol = end->protocol;
		if (bpf_map_lookup_elem(&destinations, &wanted))
			return true;
		wanted.protocol = 0;
		if (bpf_map_lookup_elem(&destinations, &wanted))
			return true;
	}
	return false;
}

/* Whether the current task may not reach this; counted, where it is known whose it is. */
static __noinline bool is_refused(u64 socket, const struct endpoint *end)
{
	u64 cgroup = restricted_by(socket);
	struct restriction *restriction;

	if (!cgroup)
		return false;
	restriction = bpf_map_lookup_elem(&restrictions, &cgroup);
	if (!restriction)
		return cgroup == RESTRICTED_TOO_DEEP;
	if (may_reach(cgroup, restriction->port_bits, end))
		return false;
	add(&restriction->refused, 1);
	return true;
}

static __always_inline void set_heard(struct heard *key, struct bpf_sock_addr *ctx, bool six)
{
	struct endpoint end = {};

	if (six)
		set_ipv6(&end, ctx->user_ip6[0], ctx->user_ip6[1], ctx->user_ip6[2],
			 ctx->user_ip6[3]);
	else
		set_ipv4(&end, ctx->user_ip4);
	key->socket = bpf_get_socket_cookie(ctx);
	__builtin_memcpy(key->address, end.address, sizeof(key->address));
	key->port = ctx->user_port;
}

/* A restricted workload's socket hears somebody, who may be answered. */
static __always_inline void remember_heard(struct bpf_sock_addr *ctx, bool six)
{
	struct heard key = {};
	u8 yes = 1;

	if (!control.restrictions || !restricted_by(number_of(ctx->sk)))
		return;
	set_heard(&key, ctx, six);
	bpf_map_update_elem(&heard, &key, &yes, BPF_ANY);
}

/* Whether what a restricted workload sends is no answer, since its socket never heard this one. */
static __always_inline bool is_unheard(struct bpf_sock_addr *ctx, bool six)
{
	struct heard key = {};

	if (!control.restrictions || !restricted_by(number_of(ctx->sk)))
		return false;
	set_heard(&key, ctx, six);
	return !bpf_map_lookup_elem(&heard, &key);
}
