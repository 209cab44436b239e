/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Where a program comes from: the processes above it, and the person at their start. */
#pragma once

static __always_inline void describe_ancestor(struct ancestor *ancestor, struct task_struct *task)
{
	struct process *process;

	ancestor->process.pid = BPF_CORE_READ(task, tgid);
	ancestor->process.start = BPF_CORE_READ(task, start_boottime);
	ancestor->cgroup = cgroup_of(task, false);
	process = process_of(ancestor->process.pid, ancestor->process.start);
	ancestor->exec = process ? process->exec : 0;
}

/* Appends the processes above the parent, up to the first of all: parents may be gone by the time
 * that anyone looks into /proc. */
static __always_inline void add_ancestors(struct work *work, struct buffer *buffer,
					  struct task_struct *task)
{
	u64 start = work->length, at = start + sizeof(struct section), count = 0;

	task = parent_of(task);
	for (int i = 0; i < ANCESTORS_MAX; i++) {
		struct ancestor ancestor = {};
		struct task_struct *above = parent_of(task);

		/* The idle task is nobody's parent. */
		if (!above || above == task || !BPF_CORE_READ(above, tgid))
			break;
		describe_ancestor(&ancestor, above);
		/* Where it is used: older verifiers forget the bound of what is kept on the stack
		 * meanwhile. */
		opaque(at);
		if (at > RECORD_MAX - sizeof(ancestor))
			break;
		__builtin_memcpy(&buffer->bytes[at], &ancestor, sizeof(ancestor));
		at += sizeof(ancestor);
		count++;
		task = above;
	}
	if (count && count <= ANCESTORS_MAX)
		close_section(work, buffer, start, FIELD_ANCESTORS, 0,
			      count * sizeof(struct ancestor));
}

static __always_inline void add_login(struct work *work, struct buffer *buffer,
				      struct task_struct *task)
{
	struct login *login;
	u64 start = work->length;

	if (!bpf_core_field_exists(task->loginuid))
		return;
	opaque(start);
	if (start > SECTION_START_MAX)
		return;
	login = (void *)&buffer->bytes[start + sizeof(struct section)];
	login->uid = BPF_CORE_READ(task, loginuid.val);
	login->session = BPF_CORE_READ(task, sessionid);
	close_section(work, buffer, start, FIELD_LOGIN, 0, sizeof(*login));
}

__noinline int add_lineage(u32 family)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct work *work = work_of(family);
	struct buffer *buffer = buffer_of(family);
	struct tty_struct *terminal = BPF_CORE_READ(task, signal, tty);

	if (!work || !buffer)
		return 0;
	add_ancestors(work, buffer, task);
	add_login(work, buffer, task);
	if (terminal)
		add_string(work, buffer, FIELD_TERMINAL, (const char *)&terminal->name);
	return 0;
}
