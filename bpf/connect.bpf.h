/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * connect: where a process goes. Internet destinations come from the hooks of the root cgroup,
 * which every way to connect passes (TCP Fast Open, io_uring, 32-bit calls); they run before the
 * act, with the address already copied into the kernel. What is refused has been told.
 */
#pragma once

static __always_inline void mix_endpoint(struct novelty_key *key, const struct endpoint *end)
{
	mix_foreign(key, (u64)end->address[0] << 32 | end->address[1]);
	mix_foreign(key, (u64)end->address[2] << 32 | end->address[3]);
	mix_foreign(key, (u64)end->port << 48 | (u64)end->family << 32 | (u64)end->type << 16 |
			     end->protocol);
}

/* listen_record has the same fields at the same places. */
static __always_inline void set_endpoint(struct buffer *buffer, const struct endpoint *end)
{
	struct connect_record *record = (void *)buffer->bytes;

	__builtin_memcpy(record->address, end->address, sizeof(record->address));
	record->port = end->port;
	record->family = end->family;
	record->type = end->type;
	record->protocol = end->protocol;
}

_Static_assert(__builtin_offsetof(struct connect_record, address) ==
		   __builtin_offsetof(struct listen_record, address),
	       "set_endpoint() writes both");

/* The body of connect to, and of listen on, an internet address. */
static __always_inline void reached(struct task_struct *task, u32 family, u32 kind,
				    const struct endpoint *end, const bool direct)
{
	struct work *work = work_of(family);
	struct buffer *buffer = buffer_of(family);
	struct novelty_key key;
	u64 cgroup;

	if (!work || !buffer || is_ignored(task, direct))
		return;
	cgroup = cgroup_of(task, direct);
	if (!enter_with(work, kind, cgroup))
		return;
	start_key(&key, kind, cgroup);
	mix_endpoint(&key, end);
	mix_actor(&key, task, family, direct);
	finish_key(&key);
	if (is_new(&key, kind, cgroup)) {
		begin(work, buffer, kind, sizeof(struct connect_record));
		describe_actor(family);
		((struct behaviour *)buffer->bytes)->key = key;
		set_endpoint(buffer, end);
		add_actor_paths(family);
		if (tell(work, buffer, kind, &key, cgroup))
			remember_reported(&((struct behaviour *)buffer->bytes)->actor);
	}
	leave(work);
}

static __always_inline int connecting(struct bpf_sock_addr *ctx, bool six, const bool direct)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct endpoint end = {
	    .port = bpf_ntohs(ctx->user_port),
	    .type = ctx->type,
	    .protocol = plain_protocol(ctx->protocol),
	};

	if (six)
		set_ipv6(&end, ctx->user_ip6[0], ctx->user_ip6[1], ctx->user_ip6[2],
			 ctx->user_ip6[3]);
	else
		set_ipv4(&end, ctx->user_ip4);
	/* Cast: the helper that returns a typed task is not for every type of program. */
	if (direct)
		task = cast(struct task_struct, task);
	remember_asker(ctx, task, direct);
	reached(task, FAMILY_CONNECT, RECORD_CONNECT, &end, direct);
	return control.restrictions && is_refused(number_of(ctx->sk), &end) ? 0 : 1;
}

SEC("?cgroup/connect4")
int connect4(struct bpf_sock_addr *ctx)
{
	return connecting(ctx, false, true);
}

SEC("?cgroup/connect6")
int connect6(struct bpf_sock_addr *ctx)
{
	return connecting(ctx, true, true);
}

SEC("?cgroup/connect4")
int connect4_compat(struct bpf_sock_addr *ctx)
{
	return connecting(ctx, false, false);
}

SEC("?cgroup/connect6")
int connect6_compat(struct bpf_sock_addr *ctx)
{
	return connecting(ctx, true, false);
}
