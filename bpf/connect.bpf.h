/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * connect: where a process goes. Internet destinations come from the hooks of the root cgroup,
 * which every way to connect passes (TCP Fast Open, io_uring, 32-bit calls); they run before the
 * act, with the address already copied into the kernel.
 */
#pragma once

struct endpoint {
	u32 address[4]; /* network order */
	u16 port; /* host order */
	u16 family;
	u16 type;
	u16 protocol;
};

static __always_inline void mix_endpoint(struct novelty_key *key, const struct endpoint *end)
{
	mix_foreign(key, (u64)end->address[0] << 32 | end->address[1]);
	mix_foreign(key, (u64)end->address[2] << 32 | end->address[3]);
	mix_foreign(key, (u64)end->port << 48 | (u64)end->family << 32 | (u64)end->type << 16 |
			     end->protocol);
}

static __always_inline void set_ipv4(struct endpoint *end, u32 address)
{
	end->address[2] = bpf_htonl(0x0000ffff);
	end->address[3] = address;
	end->family = AF_INET;
}

/* IPv4 reached through IPv6 is IPv4. */
static __always_inline void set_ipv6(struct endpoint *end, u32 a, u32 b, u32 c, u32 d)
{
	end->address[0] = a;
	end->address[1] = b;
	end->address[2] = c;
	end->address[3] = d;
	end->family = !a && !b && c == bpf_htonl(0x0000ffff) ? AF_INET : AF_INET6;
}

/* MPTCP is TCP to whoever reviews it. */
static __always_inline u16 plain_protocol(u32 protocol)
{
	return protocol == IPPROTO_MPTCP ? IPPROTO_TCP : protocol;
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
	if (!enter(work)) {
		count(kind, cgroup, TALLY_LOST);
		return;
	}
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
	reached(task, FAMILY_CONNECT, RECORD_CONNECT, &end, direct);
	return 1;
}

static __always_inline int sending(struct bpf_sock_addr *ctx, bool six, const bool direct)
{
	struct sock *sk = direct ? cast(struct sock, ctx->sk) : (void *)number_of(ctx->sk);
	u64 locks = direct ? BPF_CORE_READ_BITFIELD(sk, sk_userlocks)
			   : BPF_CORE_READ_BITFIELD_PROBED(sk, sk_userlocks);

	/* Who chose the socket's port serves there, and now answers. */
	if (locks & SOCK_BINDPORT_LOCK)
		return 1;
	return connecting(ctx, six, direct);
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

/* ---- unix sockets */

/* Appends the name of the bound socket work->subject, and mixes nothing. */
__noinline int add_unix_name(u32 family)
{
	struct work *work = work_of(family);
	struct buffer *buffer = buffer_of(family);
	struct task_struct *task = (void *)bpf_get_current_task();
	struct fs_struct *fs = BPF_CORE_READ(task, fs);
	struct unix_sock *other;
	struct unix_address *address;
	u64 start, length;

	if (!work || !buffer)
		return 0;
	other = (void *)work->subject;
	if (BPF_CORE_READ(other, path.dentry))
		return add_path(family, FIELD_FILE, (u64)&other->path, (u64)&fs->root);
	address = BPF_CORE_READ(other, addr);
	/* The family and the leading NUL do not belong to the name. */
	length = (u32)BPF_CORE_READ(address, len) - 3;
	start = work->length;
	opaque(length);
	opaque(start);
	if (length > 107 || start > SECTION_START_MAX ||
	    bpf_probe_read_kernel(&buffer->bytes[start + sizeof(struct section)], length,
				  (void *)address +
				      bpf_core_field_offset(struct unix_address, name) + 3))
		return 0;
	close_section(work, buffer, start, FIELD_UNIX_NAME, 0, length);
	return 0;
}

/* Mixes in who the bound socket work->subject is; 0 if it has no name (any more). */
__noinline int mix_unix_name(u32 family)
{
	struct work *work = work_of(family);
	struct unix_sock *other;
	struct unix_address *address;
	u64 name[14] = {}; /* 108 bytes of sun_path, and zeros */
	u64 length;

	if (!work)
		return 0;
	other = (void *)work->subject;
	if (BPF_CORE_READ(other, path.dentry)) {
		mix_path(&work->key, &other->path, family, false);
		return 1;
	}
	address = BPF_CORE_READ(other, addr);
	length = (u32)BPF_CORE_READ(address, len) - 2;
	opaque(length);
	if (length > 108)
		return 0;
	/* Two checks: merged into one by a subtraction, they would tell 5.10's verifier nothing. */
	opaque(length);
	if (!address || !length ||
	    bpf_probe_read_kernel(name, length,
				  (void *)address +
				      bpf_core_field_offset(struct unix_address, name) + 2))
		return 0;
	mix(&work->key, length);
	for (int i = 0; i < 14; i++)
		mix_foreign(&work->key, name[i]);
	return 1;
}

/* A unix socket connects to the bound one at work->subject; the scratch is already taken. */
static __always_inline void reached_unix(struct work *work, struct buffer *buffer,
					 struct task_struct *task, u16 type)
{
	const u32 family = FAMILY_CONNECT, kind = RECORD_CONNECT;
	struct endpoint end = {.family = AF_UNIX, .type = type};
	struct novelty_key key;
	u64 cgroup = cgroup_of(task, false);

	start_key(&work->key, kind, cgroup);
	mix_endpoint(&work->key, &end);
	mix_actor(&work->key, task, family, false);
	if (!mix_unix_name(family))
		return;
	finish_key(&work->key);
	key = work->key;
	if (!is_new(&key, kind, cgroup))
		return;
	begin(work, buffer, kind, sizeof(struct connect_record));
	describe_actor(family);
	((struct behaviour *)buffer->bytes)->key = key;
	set_endpoint(buffer, &end);
	add_actor_paths(family);
	add_unix_name(family);
	if (tell(work, buffer, kind, &key, cgroup))
		remember_reported(&((struct behaviour *)buffer->bytes)->actor);
}

/* Not inlined: on return from a call it is the exception, and its caller is run for every one. */
static __noinline void connected_unix(u64 other, u32 type)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct work *work = work_of(FAMILY_CONNECT);
	struct buffer *buffer = buffer_of(FAMILY_CONNECT);

	if (!work || !buffer || is_ignored(task, false))
		return;
	if (!enter(work)) {
		count(RECORD_CONNECT, cgroup_of(task, false), TALLY_LOST);
		return;
	}
	work->subject = other;
	reached_unix(work, buffer, task, type);
	leave(work);
}

/* connect() of this file has returned 0: if it is a unix socket, tell its peer. */
static __always_inline void connect_returned(struct file *file, const bool direct)
{
	struct inode *inode = get(direct, file, f_inode);
	struct unix_sock *unix_sock;
	struct socket *socket;
	struct sock *sk, *other;

	if ((get(direct, inode, i_mode) & S_IFMT) != S_IFSOCK)
		return;
	socket = get(direct, file, private_data);
	if (direct)
		socket = cast(struct socket, socket);
	sk = get(direct, socket, sk);
	if (!sk || get(direct, sk, __sk_common.skc_family) != AF_UNIX)
		return;
	unix_sock = direct ? cast(struct unix_sock, sk) : (void *)sk;
	other = get(direct, unix_sock, peer);
	if (other)
		connected_unix(number_of(other), get(direct, sk, sk_type));
}

SEC("?fentry/security_unix_stream_connect")
int BPF_PROG(connect_unix, struct sock *sock, struct sock *other)
{
	connected_unix(number_of(other), sock->sk_type);
	return 0;
}
