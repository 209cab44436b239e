/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* The tree of cgroups as it changes: a container's cgroup may be gone before anyone could look. */
#pragma once

static __always_inline int changed(struct cgroup *cgroup, const char *path, u32 kind)
{
	struct work *work = work_of(FAMILY_CGROUP);
	struct buffer *buffer = buffer_of(FAMILY_CGROUP);
	struct cgroup_record *record;

	if (BPF_CORE_READ(cgroup, root, hierarchy_id) != config.hierarchy)
		return 0;
	if (!work || !buffer || !enter(work)) {
		count_news(NEWS_NODE, TALLY_INTERRUPTED);
		return 0;
	}
	begin(work, buffer, kind, sizeof(*record));
	record = (void *)buffer->bytes;
	describe_actor(FAMILY_CGROUP);
	record->id = BPF_CORE_READ(cgroup, kn, id);
	record->parent_id = BPF_CORE_READ(cgroup, self.parent, cgroup, kn, id);
	add_string(work, buffer, FIELD_CGROUP_PATH, path);
	if (kind == RECORD_CGROUP_MADE)
		add_actor_paths(FAMILY_CGROUP);
	count_news(NEWS_NODE,
		   submit(work, buffer, &control_ring) ? TALLY_EMITTED : TALLY_RING_FULL);
	leave(work);
	return 0;
}

SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(cgroup_made, struct cgroup *cgroup, const char *path)
{
	return changed(cgroup, path, RECORD_CGROUP_MADE);
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(cgroup_removed, struct cgroup *cgroup, const char *path)
{
	u64 id = BPF_CORE_READ(cgroup, kn, id);

	bpf_map_delete_elem(&owners, &id);
	return changed(cgroup, path, RECORD_CGROUP_REMOVED);
}

SEC("tp_btf/cgroup_rename")
int BPF_PROG(cgroup_renamed, struct cgroup *cgroup, const char *path)
{
	return changed(cgroup, path, RECORD_CGROUP_RENAMED);
}
