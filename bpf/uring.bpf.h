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
#define URING_ENTER_REGISTERED 16 /* IORING_ENTER_REGISTERED_RING: the descriptor is an index */
#define URING_REGISTERED_MAX 16 /* IO_RINGFD_REG_MAX */
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

static __always_inline bool is_ours(u8 opcode)
{
	return opcode == URING_OPENAT || opcode == URING_OPENAT2 || opcode == URING_CONNECT ||
	       opcode == URING_SOCKET;
}

static __always_inline struct file *file_of_request(struct task_struct *task,
						    struct io_kiocb *request, u32 slot, u32 result)
{
	if (!slot)
		return file_at(task, result, false);
	return file_in_slot(BPF_CORE_READ(request, ctx),
			    slot == URING_SLOT_ALLOC ? result : slot - 1);
}

/*
 * Requests of our kinds, by address, from their submission to the next one at the same address. 4
 * Ki: a ring is seldom larger.
 */
enum uring_state {
	URING_WAITING = 1,
	URING_TOLD,
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, u64);
	__type(value, u32);
} uring_requests SEC(".maps");

/* Whether this one is still to be told, and from now on no more. */
static __always_inline bool settle(u64 address)
{
	u32 *state = bpf_map_lookup_elem(&uring_requests, &address);

	if (!state)
		return true;
	if (*state == URING_TOLD)
		return false;
	*state = URING_TOLD;
	add(&uring_waiting, -1);
	return true;
}

/* Not inlined, so that its frame is not below those that tell of sockets. */
static __noinline void uring_opened(u64 address, u32 result)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct io_kiocb *request = (void *)address;
	struct io_open *asked = (void *)address;
	u32 slot = BPF_CORE_READ(asked, file_slot);
	struct file *file = file_of_request(task, request, slot, result);

	if (file)
		opened(task, file, BPF_CORE_READ(asked, how.flags) & O_TRUNC, false);
}

static __always_inline void uring_connected(struct io_kiocb *request)
{
	struct file *file = BPF_CORE_READ(request, file);
	struct sock *sk = file ? sock_of(file, false) : NULL;

	if (sk)
		connect_returned(sk, false);
}

static __always_inline void uring_made_socket(struct task_struct *task, struct io_kiocb *request,
					      u32 result)
{
	u32 slot = BPF_CORE_READ((struct io_socket *)request, file_slot);
	struct file *file = file_of_request(task, request, slot, result);
	struct sock *sk = file ? sock_of(file, false) : NULL;

	if (sk)
		socket_returned(sk, false);
}

/* Not inlined: of the many requests that a busy ring completes, few are of our kinds. */
static __noinline void uring_done(u64 address, s32 result)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct io_kiocb *request = (void *)address;

	if (!settle(address) || result < 0 || is_ignored(task, false))
		return;
	switch (BPF_CORE_READ(request, opcode)) {
	case URING_OPENAT:
	case URING_OPENAT2:
		uring_opened(address, result);
		break;
	case URING_CONNECT:
		uring_connected(request);
		break;
	case URING_SOCKET:
		uring_made_socket(task, request, result);
		break;
	}
}

/* NULL: a completion without a request, such as each one but the last of a multishot. */
static __always_inline int completed(struct io_kiocb *request, s32 result, const bool direct)
{
	if (request && is_ours(get(direct, request, opcode)))
		uring_done(number_of(request), result);
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

/*
 * ---- before the completion, or without
 *
 * A batch may close again what it opens: all its completions are posted at its end. And the
 * submitter may ask for none (IOSQE_CQE_SKIP_SUCCESS), or leave no room for it. So requests are
 * also looked for where the ring has put what is done: when the next one of the batch is
 * submitted, and on return from the call that submitted them.
 */

/*
 * Batches that end with more requests after an open are looked at before; not so a chain of linked
 * ones, which runs when all are submitted. Each is looked at only while something waits.
 */
#define FREED_MAX 64

static __always_inline struct io_kiocb *request_at(struct io_wq_work_node *node)
{
	return (void *)node - bpf_core_field_offset(struct io_kiocb, comp_list);
}

/* This one is done: tells it if it still waits. Verified once, called often. */
__noinline int look_at(u64 address)
{
	struct io_kiocb *request = (void *)address;
	u32 *state;

	if (!bpf_core_field_exists(request->cqe))
		return 0;
	state = bpf_map_lookup_elem(&uring_requests, &address);
	if (state && *state == URING_WAITING)
		uring_done(address, BPF_CORE_READ(request, cqe.res));
	return 0;
}

static __noinline void look_back(u64 address)
{
	struct io_ring_ctx *ring = (void *)address;

	if (BPF_CORE_READ(ring, submit_state.compl_reqs.first))
		look_at((u64)request_at(BPF_CORE_READ(ring, submit_state.compl_reqs.last)));
}

static __always_inline int submitted(struct io_kiocb *request)
{
	u64 address = number_of(request);
	u32 state = URING_WAITING;
	u32 *old;

	if (uring_waiting)
		look_back(number_of(request->ctx));
	if (!is_ours(request->opcode))
		return 0;
	old = bpf_map_lookup_elem(&uring_requests, &address);
	if (!old || *old != URING_WAITING)
		add(&uring_waiting, 1);
	bpf_map_update_elem(&uring_requests, &address, &state, BPF_ANY);
	return 0;
}

/* 6.5, commit 2ad57931db64. */
SEC("?tp_btf/io_uring_submit_req")
int BPF_PROG(uring_submit, struct io_kiocb *request)
{
	return submitted(request);
}

SEC("?tp_btf/io_uring_submit_sqe")
int BPF_PROG(uring_submit_compat, struct io_kiocb *request)
{
	return submitted(request);
}

/* io_uring_enter() has returned. */
static __noinline int uring_entered(u64 address)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	bool compat = BPF_CORE_READ(task, thread_info.status) & TS_COMPAT;
	struct pt_regs *regs = (void *)address;
	u32 fd = compat ? BPF_CORE_READ(regs, bx) : BPF_CORE_READ(regs, di);
	u32 flags = compat ? BPF_CORE_READ(regs, si) : BPF_CORE_READ(regs, r10);
	struct io_wq_work_node *node;
	struct io_ring_ctx *ring;
	struct file *file = NULL;

	if (!bpf_core_field_exists(struct io_kiocb, cqe))
		return 0;
	if (!(flags & URING_ENTER_REGISTERED)) {
		file = file_at(task, fd, false);
	} else if (fd < URING_REGISTERED_MAX) {
		struct io_uring_task *rings = BPF_CORE_READ(task, io_uring);

		bpf_core_read(&file, sizeof(file), &rings->registered_rings[fd]);
	}
	ring = (void *)BPF_CORE_READ(file, private_data);
	node = BPF_CORE_READ(ring, submit_state.free_list.next);
	for (int i = 0; i < FREED_MAX && node; i++) {
		look_at((u64)request_at(node));
		node = BPF_CORE_READ(node, next);
	}
	return 0;
}
