/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * connect to a unix socket: told from the socket at the other end, so that a path is the one by
 * which it was bound, whatever was asked for.
 */
#pragma once

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
	/*
	 * An abstract one; or the receiver has closed since it took the datagram, and let go of the
	 * file, but not of the name by which it was bound. The family is no part of it.
	 */
	length = (u32)BPF_CORE_READ(address, len) - 2;
	start = work->length;
	opaque(length);
	opaque(start);
	if (length > 108 || start > SECTION_START_MAX ||
	    bpf_probe_read_kernel(&buffer->bytes[start + sizeof(struct section)], length,
				  (void *)address +
				      bpf_core_field_offset(struct unix_address, name) + 2))
		return 0;
	close_section(work, buffer, start, FIELD_UNIX_NAME, 0, length);
	return 0;
}

#define UNIX_NAME_WORDS 14

/* Mixes in who the bound socket work->subject is; 0 if it has no name (any more). */
__noinline int mix_unix_name(u32 family)
{
	struct work *work = work_of(family);
	struct buffer *buffer = buffer_of(family);
	struct unix_sock *other;
	struct unix_address *address;
	u64 *name; /* 108 bytes of sun_path, and zeros */
	u64 length;

	if (!work || !buffer)
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
	/* No record has been begun there yet; it would be a quarter of the stack. */
	name = (void *)buffer->bytes;
	__builtin_memset(name, 0, UNIX_NAME_WORDS * sizeof(*name));
	/* Two checks: merged into one by a subtraction, they would tell 5.10's verifier nothing. */
	opaque(length);
	if (!address || !length ||
	    bpf_probe_read_kernel(name, length,
				  (void *)address +
				      bpf_core_field_offset(struct unix_address, name) + 2))
		return 0;
	mix(&work->key, length);
	for (int i = 0; i < UNIX_NAME_WORDS; i++)
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

/* Not inlined: for its callers it is the exception. */
static __noinline void connected_unix(u64 other, u32 type)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct work *work = work_of(FAMILY_CONNECT);
	struct buffer *buffer = buffer_of(FAMILY_CONNECT);

	if (!work || !buffer || is_ignored(task, false))
		return;
	if (!enter_with(work, RECORD_CONNECT, cgroup_of(task, false)))
		return;
	work->subject = other;
	reached_unix(work, buffer, task, type);
	leave(work);
}

/* ---- where functions can be patched */

SEC("?fentry/security_unix_stream_connect")
int BPF_PROG(connect_unix, struct sock *sock, struct sock *other)
{
	connected_unix(number_of(other), sock->sk_type);
	return 0;
}

/* Asked for each datagram, and by connect() of a datagram socket before it has its peer. */
SEC("?fentry/security_unix_may_send")
int BPF_PROG(send_unix, struct socket *sock, struct socket *other)
{
	struct unix_sock *sender = (void *)number_of(sock->sk);
	u64 receiver = number_of(other->sk);

	/* Who has a peer was told when it got it. */
	if ((u64)BPF_CORE_READ(sender, peer) != receiver)
		connected_unix(receiver, SOCK_DGRAM);
	return 0;
}

/* ---- where they cannot: when the other end is woken, still within the call */

/* Whether what the receiver got last came from a socket that is connected to it. */
static __noinline bool is_from_peer(u64 receiver)
{
	struct sock *sk = (void *)receiver;
	struct sk_buff *last = BPF_CORE_READ(sk, sk_receive_queue.prev);
	struct unix_sock *sender;

	/* Already taken: nobody knows, and too many lines are better than one too few. */
	if (last == (void *)&sk->sk_receive_queue)
		return false;
	sender = (void *)BPF_CORE_READ(last, sk);
	return (u64)BPF_CORE_READ(sender, peer) == receiver;
}

/* 6.3, commit 40e0b0908142. Of all that wakes a reader, unix sockets alone do it as the sender. */
SEC("?tp_btf/sk_data_ready")
int BPF_PROG(unix_woken, const struct sock *sk)
{
	if (sk->__sk_common.skc_family != AF_UNIX)
		return 0;
	/* A socket that listens has got a connection, not data. */
	if (sk->__sk_common.skc_state == TCP_LISTEN ||
	    (sk->sk_type == SOCK_DGRAM && !is_from_peer(number_of(sk))))
		connected_unix(number_of(sk), sk->sk_type);
	return 0;
}

/*
 * connect() of this socket has returned 0. A datagram socket wakes nobody by it; nor does any on
 * kernels without that tracepoint.
 */
static __always_inline void connect_returned(struct sock *sk, const bool direct)
{
	struct unix_sock *unix_sock;
	struct sock *other;
	u32 type;

	if (get(direct, sk, __sk_common.skc_family) != AF_UNIX)
		return;
	type = get(direct, sk, sk_type);
	if (type != SOCK_DGRAM && control.unix_woken)
		return;
	unix_sock = direct ? cast(struct unix_sock, sk) : (void *)sk;
	other = get(direct, unix_sock, peer);
	if (other)
		connected_unix(number_of(other), type);
}
