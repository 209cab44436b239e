/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * open: which file a process got, told from the struct file itself. This is the path that runs a
 * million times a second, so everything that a repeat does not need lies behind is_new().
 */
#pragma once

static __always_inline u32 access_of(u32 mode, u32 flags, bool truncates)
{
	u32 access = 0;

	if (mode & FMODE_PATH)
		return ACCESS_PATH;
	if (mode & FMODE_READ)
		access |= ACCESS_READ;
	if (mode & FMODE_WRITE)
		access |= ACCESS_WRITE;
	if (flags & O_APPEND)
		access |= ACCESS_APPEND;
	if (mode & FMODE_CREATED || flags & O_TMPFILE_BIT)
		access |= ACCESS_CREATE;
	if (truncates)
		access |= ACCESS_TRUNCATE;
	return access;
}

/*
 * Starts the open record and fills in all but its paths: io_uring comes here with half of the stack
 * used up, so what needs the other half is called one after the other.
 */
__noinline int describe_open(u32 access, u32 flags)
{
	struct work *work = work_of(FAMILY_OPEN);
	struct buffer *buffer = buffer_of(FAMILY_OPEN);
	struct open_record *record;
	struct inode *inode;
	struct path *path;

	if (!work || !buffer)
		return 0;
	begin(work, buffer, RECORD_OPEN, sizeof(*record));
	record = (void *)buffer->bytes;
	path = (void *)work->subject;
	inode = BPF_CORE_READ(path, dentry, d_inode);
	record->inode = BPF_CORE_READ(inode, i_ino);
	record->device = BPF_CORE_READ(inode, i_sb, s_dev);
	record->mode = BPF_CORE_READ(inode, i_mode);
	record->filesystem = BPF_CORE_READ(inode, i_sb, s_magic);
	record->mount_namespace = namespace_of(BPF_CORE_READ(path, mnt));
	record->access = access;
	record->flags = flags;
	describe_actor(FAMILY_OPEN);
	return 0;
}

/* Appends the path at work->subject. */
__noinline int add_opened_path(u32 family)
{
	struct work *work = work_of(family);
	struct task_struct *task = (void *)bpf_get_current_task();
	struct fs_struct *fs = BPF_CORE_READ(task, fs);

	if (work)
		add_path(family, FIELD_FILE, work->subject, (u64)&fs->root);
	return 0;
}

/* The body of all: the task has got access to the file at a path. */
static __always_inline void got(struct task_struct *task, struct path *path, u32 access, u32 flags,
				const bool direct)
{
	u64 cgroup = cgroup_of(task, direct);
	struct novelty_key key;
	struct buffer *buffer;
	struct work *work;

	start_key(&key, RECORD_OPEN, cgroup);
	mix(&key, (u64)flags << 32 | access);
	mix_path(&key, path, FAMILY_OPEN, direct);
	mix_actor(&key, task, FAMILY_OPEN, direct);
	finish_key(&key);
	if (!is_new(&key, RECORD_OPEN, cgroup))
		return;

	work = work_of(FAMILY_OPEN);
	buffer = buffer_of(FAMILY_OPEN);
	if (!work || !buffer || !enter(work)) {
		count(RECORD_OPEN, cgroup, TALLY_LOST);
		return;
	}
	work->subject = number_of(path);
	describe_open(access, flags);
	add_actor_paths(FAMILY_OPEN);
	add_opened_path(FAMILY_OPEN);
	((struct behaviour *)buffer->bytes)->key = key;
	if (tell(work, buffer, RECORD_OPEN, &key, cgroup))
		remember_reported(&((struct behaviour *)buffer->bytes)->actor);
	leave(work);
}

static __always_inline void opened(struct task_struct *task, struct file *file, bool truncates,
				   const bool direct)
{
	u32 access = access_of(get(direct, file, f_mode), get(direct, file, f_flags), truncates);

	got(task, &file->f_path, access, 0, direct);
}

/*
 * What the kernel mounts for itself (pipes, sockets, memfds, anonymous inodes) is handed over all
 * the time, and is nobody's file.
 */
static __noinline void received(u64 address)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct file *file = (void *)address;
	struct mount *mount = mount_of(BPF_CORE_READ(file, f_path.mnt));
	u32 access;

	if (is_ignored(task, false) || is_internal(BPF_CORE_READ(mount, mnt_ns)))
		return;
	access = access_of(BPF_CORE_READ(file, f_mode) & ~FMODE_CREATED,
			   BPF_CORE_READ(file, f_flags), false);
	got(task, &file->f_path, access, OPEN_RECEIVED, false);
}

/* ---- where functions can be patched */

/*
 * Whether the file is one of an overlay's layer, opened by the kernel itself to copy it up or to
 * list a directory: layers are mounts of no namespace, and of file systems that are not the
 * kernel's own, as a memfd's is.
 */
static __always_inline bool is_of_layer(struct file *file, const bool direct)
{
	struct vfsmount *mnt = get(direct, file, f_path.mnt);
	struct super_block *sb;
	struct mount *mount;

	if (!mnt)
		return false;
	mount = direct ? cast(struct mount, mount_of(mnt)) : mount_of(mnt);
	if (!is_internal(get(direct, mount, mnt_ns)))
		return false;
	sb = get(direct, mnt, mnt_sb);
	return !(get(direct, sb, s_flags) & SB_KERNMOUNT);
}

static __always_inline int opening(struct task_struct *task, struct file *file, const bool direct)
{
	u32 flags = get(direct, file, f_flags);

	/*
	 * FMODE_NOACCOUNT: the file of a lower layer that an overlay opens behind its own.
	 * FMODE_EXEC: the files that an exec opens are part of the exec.
	 */
	if (get(direct, file, f_mode) & FMODE_NOACCOUNT || flags & FMODE_EXEC ||
	    is_ignored(task, direct) || is_of_layer(file, direct))
		return 0;
	opened(task, file, flags & O_TRUNC, direct);
	return 0;
}

SEC("?fentry/security_file_open")
int BPF_PROG(open_entry, struct file *file)
{
	return opening(bpf_get_current_task_btf(), file, true);
}

SEC("?fentry/security_file_open")
int BPF_PROG(open_entry_compat, struct file *file)
{
	return opening((void *)bpf_get_current_task(), file, false);
}

/* O_PATH, which security_file_open() is not asked about. */
SEC("?fentry/vfs_open")
int BPF_PROG(path_opened, struct path *path, struct file *file)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	if (file->f_flags & O_PATH && !is_ignored(task, false))
		got(task, path, ACCESS_PATH, 0, false);
	return 0;
}

/* truncate(), of a path: ftruncate() and O_TRUNC go elsewhere. */
SEC("?fexit/vfs_truncate")
int BPF_PROG(path_truncated, struct path *path, s64 length, long result)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	if (!result && !is_ignored(task, false))
		got(task, path, ACCESS_TRUNCATE | ACCESS_WRITE, 0, false);
	return 0;
}

/* By SCM_RIGHTS, pidfd_getfd() and SECCOMP_IOCTL_NOTIF_ADDFD. */
SEC("?fexit/security_file_receive")
int BPF_PROG(file_received, struct file *file, int result)
{
	if (!result)
		received(number_of(file));
	return 0;
}

/* ---- where they cannot: on return from the call, from the descriptor that it gave */

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
