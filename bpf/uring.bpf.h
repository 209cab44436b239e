/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * io_uring: acts that no system call makes. A request is told when its completion is posted, by
 * the submitter, by one of its io-wq workers or by the ring's polling thread: all threads of the
 * process that owns the ring since 5.12 (commit 3bfe6106693b), with its files.
 */
#pragma once

/* include/uapi/linux/io_uring.h */
enum {
	URING_CONNECT = 16,
	URING_OPENAT = 18,
	URING_OPENAT2 = 28,
	URING_SOCKET = 45, /* 5.19 */
};
#define URING_SLOT_ALLOC (~0u) /* IORING_FILE_INDEX_ALLOC: the result is the slot */
#define URING_SLOT_FLAGS 7ul /* FFS_*: what the low bits of a registered file's address hold */

/* The file that the ring keeps in a slot of its own table; NULL if there is none. */
static __always_inline struct file *file_in_slot(struct io_ring_ctx *ring, u32 slot)
{
	unsigned long file = 0;

	if (bpf_core_field_exists(ring->file_table.data)) {
		struct io_rsrc_node **nodes = BPF_CORE_READ(ring, file_table.data.nodes);
		struct io_rsrc_node *node = NULL;

		if (slot >= BPF_CORE_READ(ring, file_table.data.nr))
			return NULL;
		bpf_probe_read_kernel(&node, sizeof(node), nodes + slot);
		file = BPF_CORE_READ(node, file_ptr);
	} else {
		struct io_ring_ctx___6_12 *old = (void *)ring;
		struct io_fixed_file *files = BPF_CORE_READ(old, file_table.files);

		if (slot >= BPF_CORE_READ(old, nr_user_files))
			return NULL;
		bpf_probe_read_kernel(&file, sizeof(file), files + slot);
	}
	return (void *)(file & ~URING_SLOT_FLAGS);
}

static __always_inline struct file *file_of_request(struct task_struct *task,
						    struct io_kiocb *request, u32 slot, u32 result)
{
	if (!slot)
		return file_at(task, result, false);
	return file_in_slot(BPF_CORE_READ(request, ctx),
			    slot == URING_SLOT_ALLOC ? result : slot - 1);
}

/* Not inlined, as below: of the many completions that a busy ring posts, few are of our kinds. */
static __noinline void uring_opened(u64 address, u32 result)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct io_kiocb *request = (void *)address;
	struct file *file;

	if (is_ignored(task, false))
		return;
	file = file_of_request(task, request, BPF_CORE_READ((struct io_open *)request, file_slot),
			       result);
	if (file)
		opened(task, file, BPF_CORE_READ((struct io_open *)request, how.flags) & O_TRUNC,
		       false);
}

static __noinline void uring_connected(u64 address)
{
	struct io_kiocb *request = (void *)address;
	struct file *file = BPF_CORE_READ(request, file);
	struct sock *sk = file ? sock_of(file, false) : NULL;

	if (sk)
		connect_returned(sk, false);
}

static __noinline void uring_made_socket(u64 address, u32 result)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct io_kiocb *request = (void *)address;
	u32 slot = BPF_CORE_READ((struct io_socket *)request, file_slot);
	struct file *file = file_of_request(task, request, slot, result);
	struct sock *sk = file ? sock_of(file, false) : NULL;

	if (sk)
		socket_returned(sk, false);
}

/* NULL: a completion without a request, such as each one but the last of a multishot. */
static __always_inline int completed(struct io_kiocb *request, s32 result, const bool direct)
{
	if (!request || result < 0)
		return 0;
	switch (get(direct, request, opcode)) {
	case URING_OPENAT:
	case URING_OPENAT2:
		uring_opened(number_of(request), result);
		break;
	case URING_CONNECT:
		uring_connected(number_of(request));
		break;
	case URING_SOCKET:
		uring_made_socket(number_of(request), result);
		break;
	}
	return 0;
}

/* 6.14, commit 072d37b53dab. */
SEC("?tp_btf/io_uring_complete")
int BPF_PROG(uring_complete, struct io_ring_ctx *ring, void *request, struct io_uring_cqe *entry)
{
	s32 result = entry->res;

	return completed(request ? cast(struct io_kiocb, request) : NULL, result, true);
}

/*
 * Before. 5.16 and earlier, which do not say which request it was, have fewer arguments: asking for
 * `flags` makes them refuse the program, where they would take the user's data for the request.
 */
SEC("?tp_btf/io_uring_complete")
int BPF_PROG(uring_complete_compat, void *ring, void *request, u64 data, int result, u32 flags)
{
	opaque(flags);
	return completed(request, result, false);
}
