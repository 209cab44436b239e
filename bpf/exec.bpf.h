/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* exec: told after it has succeeded, from the new program's own file, mm and first stack. */
#pragma once

/* Appends what was asked for, and mixes it in, its head and so its length included. */
static __always_inline void add_filename(struct work *work, struct buffer *buffer,
					 const char *filename)
{
	u64 start = work->length;

	add_string(work, buffer, FIELD_FILENAME, filename);
	hash_bytes(start, work->length);
}

/* ---- the file */

static __always_inline void read_change_time(struct inode *inode, struct exec_record *record)
{
	struct inode___6_11 *newest = (void *)inode;
	struct inode___6_6 *newer = (void *)inode;

	if (bpf_core_field_exists(newest->i_ctime_sec)) {
		record->changed = BPF_CORE_READ(newest, i_ctime_sec);
		/* The top bit is the kernel's own, I_CTIME_QUERIED (6.13, commit 4e40eff0b573). */
		record->changed_nanoseconds = BPF_CORE_READ(newest, i_ctime_nsec) & 0x7fffffff;
	} else if (bpf_core_field_exists(newer->__i_ctime)) {
		record->changed = BPF_CORE_READ(newer, __i_ctime.tv_sec);
		record->changed_nanoseconds = BPF_CORE_READ(newer, __i_ctime.tv_nsec);
	} else {
		record->changed = BPF_CORE_READ(inode, i_ctime.tv_sec);
		record->changed_nanoseconds = BPF_CORE_READ(inode, i_ctime.tv_nsec);
	}
}

/*
 * Whether an overlay's file lies in its upper layer: `struct ovl_inode` is in a module, but in
 * every kernel since 4.13 (commit 09d8b586731b) the pointer behind its vfs_inode is the upper
 * dentry.
 */
static __always_inline bool is_upper(struct inode *inode)
{
	void *upper = NULL;

	if (BPF_CORE_READ(inode, i_sb, s_magic) != OVERLAYFS_SUPER_MAGIC)
		return false;
	bpf_probe_read_kernel(&upper, sizeof(upper),
			      (void *)inode + bpf_core_type_size(struct inode));
	return upper;
}

/* Whether the name is what the kernel calls an O_TMPFILE: "#" and the inode number. */
static __always_inline bool is_tmpfile_name(struct dentry *dentry, u64 number)
{
	/* "#" and the 20 digits of 2^64 - 1, with room for the NUL. */
	char name[24] = {};
	u64 value = 0;

	bpf_probe_read_kernel_str(name, sizeof(name), BPF_CORE_READ(dentry, d_name.name));
	if (name[0] != '#')
		return false;
	for (int i = 1; i < 22; i++) {
		if (!name[i])
			return value == number;
		value = value * 10 + (name[i] - '0');
	}
	return false;
}

static __always_inline u32 describe_file(struct exec_record *record, struct file *exe)
{
	struct dentry *dentry = BPF_CORE_READ(exe, f_path.dentry);
	struct inode *inode = BPF_CORE_READ(exe, f_inode);
	u32 links = BPF_CORE_READ(inode, i_nlink);
	u32 flags = 0;

	record->inode = BPF_CORE_READ(inode, i_ino);
	record->device = BPF_CORE_READ(inode, i_sb, s_dev);
	read_change_time(inode, record);
	if (is_upper(inode))
		flags |= EXEC_UPPER_LAYER;
	if (links && BPF_CORE_READ(dentry, d_hash.pprev))
		return flags;
	/* A mount's root is hashed nowhere, and is not deleted. No program is one, but a bind
	 * mount's file is. */
	if (links && BPF_CORE_READ(dentry, d_parent) == dentry &&
	    dentry == BPF_CORE_READ(exe, f_path.mnt, mnt_root))
		return flags;
	if (BPF_CORE_READ(dentry, d_parent) == dentry) {
		/* Nameless from the start: a memfd, whose file system is the kernel's own mount. */
		u64 magic = BPF_CORE_READ(inode, i_sb, s_magic);

		if ((magic == TMPFS_MAGIC || magic == HUGETLBFS_MAGIC) &&
		    !namespace_of(BPF_CORE_READ(exe, f_path.mnt)))
			return flags | EXEC_FILELESS;
		/* Opened by handle: it has a name that the dcache does not know. */
		return links ? flags : flags | EXEC_DELETED;
	}
	if (!links && is_tmpfile_name(dentry, record->inode))
		return flags | EXEC_FILELESS;
	return flags | EXEC_DELETED;
}

/* ---- stdin and stdout */

/* The peer of a connected internet socket at descriptor `fd`; whether there is such a socket. */
static __always_inline bool describe_descriptor(struct exec_record *record,
						struct task_struct *task, u32 fd)
{
	struct file **files = BPF_CORE_READ(task, files, fdt, fd);
	struct file *file = NULL;
	struct socket *socket;
	struct sock *sk;
	u16 family;

	if (BPF_CORE_READ(task, files, fdt, max_fds) <= fd)
		return false;
	bpf_probe_read_kernel(&file, sizeof(file), files + fd);
	if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return false;
	socket = BPF_CORE_READ(file, private_data);
	sk = BPF_CORE_READ(socket, sk);
	family = BPF_CORE_READ(sk, __sk_common.skc_family);
	if (!sk || (family != AF_INET && family != AF_INET6))
		return false;
	if (!record->peer_port) {
		if (family == AF_INET) {
			record->peer[10] = record->peer[11] = 0xff;
			bpf_core_read(&record->peer[12], 4, &sk->__sk_common.skc_daddr);
		} else {
			bpf_core_read(record->peer, 16, &sk->__sk_common.skc_v6_daddr);
		}
		record->peer_port = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
	}
	return true;
}

/* ---- the behaviour */

/* Mixes in the parent: its executable, and whether it is outside. */
static __always_inline void mix_parent(struct work *work, struct task_struct *task, u64 cgroup)
{
	struct task_struct *parent = parent_of(task);
	u32 outside = pid_namespace_of(parent) != pid_namespace_of(task);

	outside |= (cgroup_of(parent, false) != cgroup) << 1;
	mix(&work->key, outside);
	mix_actor(&work->key, parent, FAMILY_EXEC, false);
}

/*
 * Whether a new exec is to be told also when its workload has too many: the program, where it comes
 * from (flags) and its parent were never told together, as with every nameless file; or whoever is
 * at the other end of a connection is about to type.
 */
static __always_inline bool is_salient(struct work *work, const struct exec_record *record)
{
	return record->flags & EXEC_STDIN_SOCKET || !bpf_map_lookup_elem(&outlines, &work->outline);
}

static __always_inline void remember_outline(struct work *work)
{
	u8 told = 1;

	if (config.first_seen)
		bpf_map_update_elem(&outlines, &work->outline, &told, BPF_ANY);
}

/* What this process runs from now on, told or not. */
static __always_inline void remember_exec(struct task_struct *task, u64 exec, u64 cgroup, bool told)
{
	u32 tgid = task->tgid;
	u64 start = BPF_CORE_READ(task, group_leader, start_boottime);
	struct process *process = process_of(tgid, start);
	struct process fresh = {
	    .start = start, .exec = exec, .exec_cgroup = cgroup, .reported = told};

	if (process && process->reported)
		fresh.reported = 1;
	bpf_map_update_elem(&procs, &tgid, &fresh, BPF_ANY);
}

static __always_inline void executed(struct task_struct *task, struct linux_binprm *bprm)
{
	struct work *work = work_of(FAMILY_EXEC);
	struct buffer *buffer = buffer_of(FAMILY_EXEC);
	u64 cgroup = cgroup_of(task, false);
	struct novelty_key key = {};
	struct exec_record *record;
	struct file *exe;
	bool told = false;

	if (is_ignored(task, false))
		return;
	if (!work || !buffer || !enter_with(work, RECORD_EXEC, cgroup))
		return;
	begin(work, buffer, RECORD_EXEC, sizeof(*record));
	record = (void *)buffer->bytes;
	exe = BPF_CORE_READ(task, mm, exe_file);
	record->flags = describe_file(record, exe);
	if (describe_descriptor(record, task, 0))
		record->flags |= EXEC_STDIN_SOCKET;
	if (describe_descriptor(record, task, 1))
		record->flags |= EXEC_STDOUT_SOCKET;
	if (BPF_CORE_READ(bprm, interp) != BPF_CORE_READ(bprm, filename))
		record->flags |= EXEC_SCRIPT;
	record->argument_count = BPF_CORE_READ(bprm, argc);

	start_key(&work->key, RECORD_EXEC, cgroup);
	mix(&work->key, record->flags);
	/* Written anew, or exchanged by a rename, it is another program under a known name. What
	 * has no name is made anew each time, as runc's copy of itself is. */
	if (!(record->flags & (EXEC_FILELESS | EXEC_DELETED)))
		mix_foreign(&work->key,
			    record->changed * 1000000000ull + record->changed_nanoseconds);
	mix_actor(&work->key, task, FAMILY_EXEC, false);
	mix_parent(work, task, cgroup);
	work->outline = work->key;
	mix(&work->key, record->argument_count);
	add_arguments(work, buffer, BPF_CORE_READ(task, mm));
	add_filename(work, buffer, BPF_CORE_READ(bprm, filename));
	finish_key(&work->key);
	key = work->key;

	if (!is_known(&key, RECORD_EXEC, cgroup) &&
	    may_tell(RECORD_EXEC, cgroup, is_salient(work, record))) {
		if (record->flags & EXEC_SCRIPT)
			add_string(work, buffer, FIELD_INTERPRETER, BPF_CORE_READ(bprm, interp));
		record->key = key;
		describe_actor(FAMILY_EXEC);
		record->actor.exec = key.low;
		record->actor.exec_cgroup = cgroup;
		record->actor.flags &= ~PROCESS_MOVED;
		add_actor_paths(FAMILY_EXEC);
		add_lineage(FAMILY_EXEC);
		told = tell(work, buffer, RECORD_EXEC, &key, cgroup);
		if (told)
			remember_outline(work);
	}
	remember_exec(task, key.low, cgroup, told);
	leave(work);
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(process_executed, struct task_struct *task, int old_pid, struct linux_binprm *bprm)
{
	executed(task, bprm);
	return 0;
}
