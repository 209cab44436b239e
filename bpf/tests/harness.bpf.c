// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * Pieces of the probe as programs that a test can call (BPF_PROG_TYPE_SYSCALL, 5.14): what goes in
 * and out is the context. See run.c.
 */
#include "../kernel.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>
#include "../event.h"
#include "../maps.bpf.h"
#include "../ring.bpf.h"
#include "../path.bpf.h"
#include "../quota.bpf.h"
#include "../novelty.bpf.h"
#include "../arguments.bpf.h"
#include "harness.h"

static __always_inline struct file *own_file(u64 fd)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct file **files = BPF_CORE_READ(task, files, fdt, fd);
	struct file *file = NULL;

	bpf_probe_read_kernel(&file, sizeof(file), files + fd);
	return file;
}

/* The caller's own descriptor's path, left at the start of FAMILY_OPEN's buffer on this CPU. */
SEC("syscall")
int test_path(struct path_test *test)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct fs_struct *fs = BPF_CORE_READ(task, fs);
	struct work *work = work_of(FAMILY_OPEN);
	struct file *file = own_file(test->fd);

	if (!work || !file)
		return 1;
	work->length = 0;
	add_path(FAMILY_OPEN, FIELD_FILE, (u64)&file->f_path, (u64)&fs->root);
	test->cpu = bpf_get_smp_processor_id();
	return 0;
}

/* The identity of the caller's own descriptor's file. */
SEC("syscall")
int test_identity(struct identity_test *test)
{
	struct file *file = own_file(test->fd);
	struct novelty_key key;

	if (!file)
		return 1;
	start_key(&key, RECORD_OPEN, 1);
	mix_path(&key, &file->f_path, FAMILY_OPEN, false);
	finish_key(&key);
	test->key = key;
	return 0;
}

/* A key over words: the first ones as ids, the rest as outsiders' bytes. */
SEC("syscall")
int test_key(struct key_test *test)
{
	struct novelty_key key;

	start_key(&key, test->kind, test->cgroup);
	for (int i = 0; i < KEY_WORDS; i++)
		mix(&key, test->ids[i]);
	for (int i = 0; i < KEY_WORDS; i++)
		mix_foreign(&key, test->words[i]);
	finish_key(&key);
	test->key = key;
	return 0;
}

SEC("syscall")
int test_quota(struct quota_test *test)
{
	test->allowed = within_quota(test->kind, test->cgroup, test->salient);
	return 0;
}

/* The caller's own words, left behind the fixed part in FAMILY_EXEC's buffer on this CPU. */
SEC("syscall")
int test_words(struct words_test *test)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct work *work = work_of(FAMILY_EXEC);
	struct buffer *buffer = buffer_of(FAMILY_EXEC);

	if (!work || !buffer)
		return 1;
	begin(work, buffer, RECORD_EXEC, sizeof(struct exec_record));
	start_key(&work->key, RECORD_EXEC, 1);
	add_arguments(work, buffer, BPF_CORE_READ(task, mm));
	finish_key(&work->key);
	test->key = work->key;
	test->cpu = bpf_get_smp_processor_id();
	return 0;
}

/* An act that a word names: looked for, counted, and told if it is new. */
SEC("syscall")
int test_act(struct act_test *test)
{
	struct work *work = work_of(FAMILY_OPEN);
	struct buffer *buffer = buffer_of(FAMILY_OPEN);
	struct novelty_key key;
	u64 cgroup = test->cgroup;

	if (!work || !buffer)
		return 1;
	start_key(&key, RECORD_OPEN, cgroup);
	mix_foreign(&key, test->word);
	finish_key(&key);
	if (!is_new(&key, RECORD_OPEN, cgroup) || !enter_with(work, RECORD_OPEN, cgroup))
		return 0;
	begin(work, buffer, RECORD_OPEN, sizeof(struct open_record));
	tell(work, buffer, RECORD_OPEN, &key, cgroup);
	leave(work);
	return 0;
}

char test_license[] SEC("license") = "GPL";
