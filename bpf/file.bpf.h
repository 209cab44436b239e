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
	if (!work || !buffer || !enter_with(work, RECORD_OPEN, cgroup))
		return;
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
