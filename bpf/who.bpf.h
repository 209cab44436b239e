/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Who acts: the task, its cgroup, its executable, and where it came from. */
#pragma once

/* The monitor's own acts are not told, nor those of kernel threads: no workload's program acts
 * there. */
static __always_inline bool is_ignored(struct task_struct *task, const bool direct)
{
	return (u32)get(direct, task, tgid) == config.own_tgid ||
	       get(direct, task, flags) & PF_KTHREAD;
}

/* Id of the task's cgroup in the hierarchy that names workloads. */
static __always_inline u64 cgroup_of(struct task_struct *task, const bool direct)
{
	struct css_set *set = get(direct, task, cgroups);
	struct cgroup *cgroup;

	if (config.cgroup_subsys >= 0) {
		struct cgroup_subsys_state *state = NULL;
		u32 index = config.cgroup_subsys;
		u64 offset = bpf_core_field_offset(struct css_set, subsys) + index * sizeof(state);
		u64 address = (u64)set;

		bpf_probe_read_kernel(&state, sizeof(state), (void *)(address + offset));
		return BPF_CORE_READ(state, cgroup, kn, id);
	}
	cgroup = get(direct, set, dfl_cgrp);
	if (direct)
		return cgroup->kn->id;
	return BPF_CORE_READ(cgroup, kn, id);
}

/* Mixes in the executable that acts, and the root that it sees. */
static __always_inline void mix_actor(struct novelty_key *key, struct task_struct *task, u32 family,
				      const bool direct)
{
	struct mm_struct *mm = get(direct, task, mm);
	struct fs_struct *fs = get(direct, task, fs);
	struct file *exe;

	if (fs) {
		struct dentry *root = get(direct, fs, root.dentry);

		mix(key, get(direct, root, d_name.hash_len));
	}
	if (!mm)
		return;
	exe = get(direct, mm, exe_file);
	if (exe)
		mix_path(key, &exe->f_path, family, direct);
}

/* Inode number of the pid namespace that the task itself lives in. */
static __always_inline u32 pid_namespace_of(struct task_struct *task)
{
	struct pid *pid = BPF_CORE_READ(task, thread_pid);
	u32 level = BPF_CORE_READ(pid, level);
	struct pid_namespace *ns = NULL;

	/* MAX_PID_NS_LEVEL is 32. The array is the struct's tail, so its stride is a upid's. */
	if (!pid || level > 32)
		return 0;
	bpf_core_read(&ns, sizeof(ns),
		      (void *)pid + bpf_core_field_offset(struct pid, numbers) +
			  level * bpf_core_type_size(struct upid) +
			  bpf_core_field_offset(struct upid, ns));
	return BPF_CORE_READ(ns, ns.inum);
}

/* What /proc says of a start is whole clock ticks, of 10 ms (USER_HZ). */
#define PROC_TICK 10000000

/* Whether a start noted in a map, perhaps by userland, is this one. */
static __always_inline bool is_start(u64 noted, u64 start)
{
	return noted == start || noted == start - start % PROC_TICK;
}

static __always_inline struct process *process_of(u32 tgid, u64 start)
{
	struct process *process = bpf_map_lookup_elem(&procs, &tgid);

	return process && is_start(process->start, start) ? process : NULL;
}

static __always_inline u64 incident_of(u32 tgid, u64 start)
{
	struct incident *incident;

	if (!control.incidents_active)
		return 0;
	incident = bpf_map_lookup_elem(&incidents, &tgid);
	return incident && is_start(incident->start, start) ? incident->id : 0;
}

static __always_inline struct task_struct *parent_of(struct task_struct *task)
{
	return BPF_CORE_READ(task, group_leader, real_parent, group_leader);
}

/* A record of a behaviour as far as it is the same for all kinds. */
struct behaviour {
	struct record record;
	struct actor actor;
	struct novelty_key key;
};

/* Fills in the actor of the family's record from the current task. */
__noinline int describe_actor(u32 family)
{
	struct buffer *buffer = buffer_of(family);
	struct task_struct *task = (void *)bpf_get_current_task();
	struct task_struct *parent = parent_of(task);
	struct file *exe = BPF_CORE_READ(task, mm, exe_file);
	struct mnt_namespace *ns = BPF_CORE_READ(task, nsproxy, mnt_ns);
	struct process *process;
	struct actor *actor;
	u32 tgid;

	if (!buffer)
		return 0;
	actor = &((struct behaviour *)buffer->bytes)->actor;
	tgid = BPF_CORE_READ(task, tgid);
	actor->process.pid = tgid;
	actor->process.start = BPF_CORE_READ(task, group_leader, start_boottime);
	actor->thread = BPF_CORE_READ(task, pid);
	actor->cgroup = cgroup_of(task, false);
	actor->uid = BPF_CORE_READ(task, cred, euid.val);
	actor->gid = BPF_CORE_READ(task, cred, egid.val);
	actor->mount_namespace = BPF_CORE_READ(ns, ns.inum);
	actor->pid_namespace = pid_namespace_of(task);
	if (BPF_CORE_READ(task, flags) & PF_IO_WORKER)
		actor->flags |= PROCESS_IO_WORKER;
	if (exe) {
		struct mount *mount = mount_of(BPF_CORE_READ(exe, f_path.mnt));

		if (BPF_CORE_READ(mount, mnt_ns) != ns)
			actor->flags |= PROCESS_FOREIGN_EXECUTABLE;
	}
	process = process_of(tgid, actor->process.start);
	if (process) {
		actor->exec = process->exec;
		actor->exec_cgroup = process->exec_cgroup;
		if (process->exec_cgroup && process->exec_cgroup != actor->cgroup)
			actor->flags |= PROCESS_MOVED;
	}
	actor->incident = incident_of(tgid, actor->process.start);

	/* The idle task is nobody's parent. */
	tgid = BPF_CORE_READ(parent, tgid);
	if (!parent || !tgid || parent == BPF_CORE_READ(task, group_leader))
		return 0;
	actor->parent.pid = tgid;
	actor->parent.start = BPF_CORE_READ(parent, start_boottime);
	actor->parent_cgroup = cgroup_of(parent, false);
	actor->parent_mount_namespace = BPF_CORE_READ(parent, nsproxy, mnt_ns, ns.inum);
	actor->parent_pid_namespace = pid_namespace_of(parent);
	process = process_of(tgid, actor->parent.start);
	if (process)
		actor->parent_exec = process->exec;
	if (exe) {
		struct inode *mine = BPF_CORE_READ(exe, f_inode);

		/* The same inode is the same file: device and number are its. */
		if (mine && mine == BPF_CORE_READ(parent, mm, exe_file, f_inode))
			actor->flags |= PROCESS_SAME_AS_PARENT;
	}
	return 0;
}

/* Appends what every record of a behaviour has: the executables and the working directory. */
__noinline int add_actor_paths(u32 family)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct task_struct *parent = parent_of(task);
	struct fs_struct *fs = BPF_CORE_READ(task, fs);
	struct fs_struct *parent_fs = BPF_CORE_READ(parent, fs);
	struct file *exe = BPF_CORE_READ(task, mm, exe_file);
	struct file *parent_exe = BPF_CORE_READ(parent, mm, exe_file);

	if (exe)
		add_path(family, FIELD_EXECUTABLE, (u64)&exe->f_path, (u64)&fs->root);
	/* Each as itself sees it: the parent may live under another root. */
	if (parent_exe)
		add_path(family, FIELD_PARENT_EXECUTABLE, (u64)&parent_exe->f_path,
			 (u64)&parent_fs->root);
	if (fs)
		add_path(family, FIELD_WORKING_DIRECTORY, (u64)&fs->pwd, (u64)&fs->root);
	return 0;
}

/* From now on the end of this process is told. */
static __always_inline void remember_reported(const struct actor *actor)
{
	u32 tgid = actor->process.pid;
	struct process *process = process_of(tgid, actor->process.start);

	if (process) {
		process->reported = 1;
	} else {
		struct process fresh = {.start = actor->process.start, .reported = 1};

		bpf_map_update_elem(&procs, &tgid, &fresh, BPF_ANY);
	}
}

/* ---- lineage */

SEC("tp_btf/sched_process_fork")
int BPF_PROG(process_forked, struct task_struct *parent, struct task_struct *child)
{
	u32 tgid = child->tgid, parent_tgid = parent->tgid;
	u64 parent_start = parent->group_leader->start_boottime;
	struct incident incident = {};
	struct process fresh = {};
	struct process *process;

	if (tgid == parent_tgid)
		return 0;
	process = process_of(parent_tgid, parent_start);
	if (process)
		fresh = *process;
	fresh.start = child->start_boottime;
	fresh.reported = 0;
	bpf_map_update_elem(&procs, &tgid, &fresh, BPF_ANY);
	incident.id = incident_of(parent_tgid, parent_start);
	if (incident.id) {
		incident.start = fresh.start;
		bpf_map_update_elem(&incidents, &tgid, &incident, BPF_ANY);
	}
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(process_exited, struct task_struct *task)
{
	u32 tgid = task->tgid;
	struct signal_struct *signal = task->signal;
	struct exit_record record = {};
	struct process *process;
	u32 zero = 0;
	u64 *sequence;

	/* Only the last thread ends the process; two that leave together may both see 0. */
	if (signal->live.counter)
		return 0;
	if (control.incidents_active)
		bpf_map_delete_elem(&incidents, &tgid);
	record.process.start = task->group_leader->start_boottime;
	process = process_of(tgid, record.process.start);
	if (!process)
		return 0;
	if (process->reported) {
		/* Of two that leave together, one finds it unset. */
		process->reported = 0;
		sequence = bpf_map_lookup_elem(&sequences, &zero);
		record.record.kind = RECORD_EXIT;
		record.record.length = sizeof(record);
		record.record.time = bpf_ktime_get_boot_ns();
		record.record.sequence = sequence ? *sequence + 1 : 0;
		record.record.cpu = bpf_get_smp_processor_id();
		record.process.pid = tgid;
		record.cgroup = cgroup_of(task, false);
		record.status = signal->flags & SIGNAL_GROUP_EXIT ? signal->group_exit_code
								  : task->group_leader->exit_code;
		if (bpf_ringbuf_output(&control_ring, &record, sizeof(record), 0)) {
			count_news(NEWS_NODE, TALLY_RING_FULL);
		} else {
			count_news(NEWS_NODE, TALLY_EMITTED);
			if (sequence)
				*sequence += 1;
		}
	}
	bpf_map_delete_elem(&procs, &tgid);
	return 0;
}
