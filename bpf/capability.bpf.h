/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Which capabilities processes use: those that the kernel asked for on their behalf, and found. */
#pragma once

#define CAP_OPT_NOAUDIT 0x2 /* it merely wonders: nothing depends on it (security.h) */

struct user_namespace;

SEC("?fexit/cap_capable")
int BPF_PROG(capability_used, const struct cred *cred, struct user_namespace *namespace,
	     int capability, unsigned int options, int result)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	u64 bit = 1ULL << (capability & 63), cgroup;
	struct account *account;
	struct process *process;

	/* Overlay file systems, among others, act by the rights of who mounted them. */
	if (result || options & CAP_OPT_NOAUDIT || cred != BPF_CORE_READ(task, real_cred) ||
	    is_ignored(task, false))
		return 0;
	cgroup = cgroup_of(task, false);
	/* What a runtime does in a container before the container's program begins is the runtime's. */
	process = process_of(BPF_CORE_READ(task, tgid),
			     BPF_CORE_READ(task, group_leader, start_boottime));
	if (process && process->exec_cgroup && process->exec_cgroup != cgroup)
		return 0;
	account = account_of(cgroup);
	/* One that another program on this CPU notes meanwhile may be lost: it is used again. */
	if (account && !(account->capabilities & bit))
		account->capabilities |= bit;
	return 0;
}
