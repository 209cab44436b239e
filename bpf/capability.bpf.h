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
	u64 bit = 1ULL << (capability & 63);
	struct account *account;

	/* Overlay file systems, among others, act by the rights of who mounted them. */
	if (result || options & CAP_OPT_NOAUDIT || cred != BPF_CORE_READ(task, real_cred) ||
	    is_ignored(task, false))
		return 0;
	account = account_of(cgroup_of(task, false));
	/* One that another program on this CPU notes meanwhile may be lost: it is used again. */
	if (account && !(account->capabilities & bit))
		account->capabilities |= bit;
	return 0;
}
