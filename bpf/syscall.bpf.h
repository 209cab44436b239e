/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Where functions cannot be patched: opens, and what else gives or takes a descriptor, on return
 * from the system call, from the file that the descriptor then stands for.
 */
#pragma once

/* 64-bit numbers, and those of the 32-bit table. */
enum {
	X32_BIT = 0x40000000, /* of the x32 ABI, which has the 64-bit numbers */
	NR_OPEN = 2,
	NR_SOCKET = 41,
	NR_CONNECT = 42,
	NR_CREAT = 85,
	NR_MQ_OPEN = 240,
	NR_OPENAT = 257,
	NR_OPEN_BY_HANDLE_AT = 304,
	NR_IO_URING_ENTER = 426, /* of both, from here on */
	NR_OPEN_TREE = 428,
	NR_OPENAT2 = 437,
	NR_PIDFD_GETFD = 438,
	NR_OPEN_TREE_ATTR = 467,
	NR_COMPAT_OPEN = 5,
	NR_COMPAT_CREAT = 8,
	NR_COMPAT_SOCKETCALL = 102, /* getuid() in the 64-bit table */
	NR_COMPAT_MQ_OPEN = 277,
	NR_COMPAT_OPENAT = 295,
	NR_COMPAT_OPEN_BY_HANDLE_AT = 342,
	NR_COMPAT_SOCKET = 359,
	NR_COMPAT_CONNECT = 362,
};

/* Says what a call was. The struct file has lost O_TRUNC by now, so the call's flags are asked. */
enum call {
	CALL_OTHER,
	CALL_OPEN,
	CALL_OPEN_TRUNCATES,
	CALL_RECEIVE,
	CALL_CONNECT,
	CALL_SOCKET,
};

static __always_inline enum call open_call(u32 flags)
{
	return flags & O_TRUNC ? CALL_OPEN_TRUNCATES : CALL_OPEN;
}

/* open_how lies in user memory, where another thread may have changed it: the flag may lie, the
 * file not. */
static __always_inline enum call openat2_call(u64 how)
{
	u64 flags = 0;

	bpf_probe_read_user(&flags, sizeof(flags), (void *)how);
	return open_call(flags);
}

/* All socket calls in one, of the 32-bit table (uapi/linux/net.h). */
static __always_inline enum call socketcall(u32 which)
{
	return which == 1 ? CALL_SOCKET : which == 3 ? CALL_CONNECT : CALL_OTHER;
}

/* Whether the number is one of ours in either table: nearly every call ends here. */
static __always_inline bool is_watched(u32 number)
{
	switch (number) {
	case NR_OPEN:
	case NR_SOCKET:
	case NR_CONNECT:
	case NR_CREAT:
	case NR_OPENAT:
	case NR_OPEN_BY_HANDLE_AT:
	case NR_IO_URING_ENTER:
	case NR_OPEN_TREE:
	case NR_OPENAT2:
	case NR_PIDFD_GETFD:
	case NR_OPEN_TREE_ATTR:
	case NR_MQ_OPEN:
	case NR_COMPAT_MQ_OPEN:
	case NR_COMPAT_OPEN:
	case NR_COMPAT_CREAT:
	case NR_COMPAT_SOCKETCALL:
	case NR_COMPAT_OPENAT:
	case NR_COMPAT_OPEN_BY_HANDLE_AT:
	case NR_COMPAT_SOCKET:
	case NR_COMPAT_CONNECT:
		return true;
	}
	return false;
}

static __always_inline enum call call_of(struct task_struct *task, struct pt_regs *regs, u32 number,
					 const bool direct)
{
	if (!(get(direct, task, thread_info.status) & TS_COMPAT)) {
		switch (number) {
		case NR_OPENAT:
		case NR_OPEN_BY_HANDLE_AT:
			return open_call(get(direct, regs, dx));
		case NR_OPEN:
			return open_call(get(direct, regs, si));
		case NR_OPENAT2:
			return openat2_call(get(direct, regs, dx));
		case NR_CREAT:
			return CALL_OPEN_TRUNCATES;
		case NR_SOCKET:
			return CALL_SOCKET;
		case NR_MQ_OPEN:
		case NR_OPEN_TREE:
		case NR_OPEN_TREE_ATTR:
			return CALL_OPEN;
		case NR_PIDFD_GETFD:
			return CALL_RECEIVE;
		case NR_CONNECT:
			return CALL_CONNECT;
		}
		return CALL_OTHER;
	}
	/* ebx, ecx, edx are the first three arguments. */
	switch (number) {
	case NR_COMPAT_OPENAT:
	case NR_COMPAT_OPEN_BY_HANDLE_AT:
		return open_call(get(direct, regs, dx));
	case NR_COMPAT_OPEN:
		return open_call(get(direct, regs, cx));
	case NR_OPENAT2:
		return openat2_call((u32)get(direct, regs, dx));
	case NR_COMPAT_CREAT:
		return CALL_OPEN_TRUNCATES;
	case NR_COMPAT_SOCKETCALL:
		return socketcall((u32)get(direct, regs, bx));
	case NR_COMPAT_SOCKET:
		return CALL_SOCKET;
	case NR_COMPAT_MQ_OPEN:
	case NR_OPEN_TREE:
	case NR_OPEN_TREE_ATTR:
		return CALL_OPEN;
	case NR_PIDFD_GETFD:
		return CALL_RECEIVE;
	case NR_COMPAT_CONNECT:
		return CALL_CONNECT;
	}
	return CALL_OTHER;
}

/* The descriptor that connect() was given. */
static __always_inline u32 connect_descriptor(struct pt_regs *regs, u32 number, const bool direct)
{
	u32 fd = -1;

	if (number == NR_CONNECT)
		return get(direct, regs, di);
	if (number == NR_COMPAT_CONNECT)
		return get(direct, regs, bx);
	/* socketcall() has its arguments in user memory: another thread may exchange the
	 * descriptor. */
	bpf_probe_read_user(&fd, sizeof(fd), (void *)(u64)(u32)get(direct, regs, cx));
	return fd;
}

/* The open file behind a descriptor; NULL if there is none. */
static __always_inline struct file *file_at(struct task_struct *task, u64 fd, const bool direct)
{
	struct files_struct *files = get(direct, task, files);
	struct fdtable *table = get(direct, files, fdt);
	struct file *file = NULL;
	u64 slot;

	if (fd >= get(direct, table, max_fds))
		return NULL;
	slot = (u64)get(direct, table, fd) + fd * sizeof(file);
	if (!direct) {
		bpf_probe_read_kernel(&file, sizeof(file), (void *)slot);
		return file;
	}
	/*
	 * A load of a pointer from an array needs some type that has a pointer at a known place:
	 * a table whose `fd` would lie in the slot.
	 */
	table = cast(struct fdtable, (void *)(slot - bpf_core_field_offset(struct fdtable, fd)));
	return (void *)table->fd;
}

static __always_inline int returned(struct task_struct *task, struct pt_regs *regs, u32 number,
				    long result, const bool direct)
{
	enum call call = call_of(task, regs, number, direct);
	struct file *file;
	struct sock *sk;
	u64 fd = result;

	if (call == CALL_OTHER || is_ignored(task, direct))
		return 0;
	if (call == CALL_CONNECT)
		fd = connect_descriptor(regs, number, direct);
	file = file_at(task, fd, direct);
	if (!file)
		return 0;
	if (direct)
		file = cast(struct file, file);
	if (call == CALL_RECEIVE) {
		received(number_of(file));
		return 0;
	}
	if (call != CALL_CONNECT && call != CALL_SOCKET) {
		opened(task, file, call == CALL_OPEN_TRUNCATES, direct);
		return 0;
	}
	sk = sock_of(file, direct);
	if (sk && call == CALL_CONNECT)
		connect_returned(sk, direct);
	else if (sk)
		socket_returned(sk, direct);
	return 0;
}

/* The programs themselves take little of the stack: what io_uring_enter() needs is the most. */
static __noinline int returned_direct(struct pt_regs *regs, u32 number, long result)
{
	return returned(bpf_get_current_task_btf(), regs, number, result, true);
}

static __noinline int returned_compat(struct pt_regs *regs, u32 number, long result)
{
	return returned((void *)bpf_get_current_task(), regs, number, result, false);
}

/* uring.bpf.h */
static volatile u64 uring_waiting;
static __noinline int uring_entered(u64 address);

SEC("?tp_btf/sys_exit")
int BPF_PROG(open_exit, struct pt_regs *regs, long result)
{
	u32 number = regs->orig_ax & ~X32_BIT;

	if (!is_watched(number) || result < 0)
		return 0;
	if (number == NR_IO_URING_ENTER)
		return uring_waiting ? uring_entered(number_of(regs)) : 0;
	return returned_direct(regs, number, result);
}

SEC("?tp_btf/sys_exit")
int BPF_PROG(open_exit_compat, struct pt_regs *regs, long result)
{
	u32 number = regs->orig_ax & ~X32_BIT;

	if (!is_watched(number) || result < 0)
		return 0;
	if (number == NR_IO_URING_ENTER)
		return uring_waiting ? uring_entered(number_of(regs)) : 0;
	return returned_compat(regs, number, result);
}
