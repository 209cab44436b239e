/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * How many new acts of one workload are told: no workload may push another's out of the rings, or
 * keep userland busy for itself. What is beyond is counted by kind, and told as a number.
 *
 * Opens have a ring of their own. 1,000 a second are a thirtieth of what userland can judge, and a
 * burst of 4,000, a program that reads a large tree when it starts, fits into the ring of 2 MiB
 * though nobody reads it meanwhile, at some 450 bytes a record.
 *
 * Sockets: a port scan makes 65,000 new destinations in a second, beside which execs must find
 * room. At some 450 bytes a record, four workloads at once may each spend a whole burst of 1,000 in
 * a ring of 2 MiB that nobody reads.
 *
 * Execs cost their workload about half a millisecond each, which is no bound where there are many
 * CPUs. At some 700 bytes, three bursts of 1,000 fit unread.
 *
 * Salient are, among the execs beyond that, those of a program that this parent never ran here,
 * whatever the words, and those with a connection as standard input: a flood of harmless execs is
 * what would hide them. Bounded in turn, or else the flood would be made of these.
 *
 * Answers of resolvers have a ring of their own. A program that looks up a new name for each of 500
 * connects a second gets two answers for each, and a burst of 400 fits into the ring of 512 KiB
 * though each is as large as one can be.
 *
 * Burst and rate are the configuration's.
 */
#pragma once

/*
 * Levels of nested cgroups that are walked to find whose they are: systemd and runtimes stay
 * under 12. What lies deeper was put there to be a workload of its own, and all that shares one
 * bucket.
 */
#define NEST_MAX 64
#define OWNER_TOO_DEEP 0

/* The cgroup that a task is in, of the hierarchy that names workloads. */
static __always_inline struct cgroup *cgroup_around(struct task_struct *task)
{
	struct css_set *set = BPF_CORE_READ(task, cgroups);
	struct cgroup_subsys_state *state = NULL;
	u32 index = config.cgroup_subsys;

	if (config.cgroup_subsys < 0)
		return BPF_CORE_READ(set, dfl_cgrp);
	bpf_probe_read_kernel(&state, sizeof(state),
			      (void *)set + bpf_core_field_offset(struct css_set, subsys) +
				  index * sizeof(state));
	return BPF_CORE_READ(state, cgroup);
}

/*
 * The cgroup whose quota the current task draws from: the nearest that userland has named as a
 * workload's, so that a workload that makes itself nested cgroups gets no quota for each; its own,
 * which is `cgroup`, while nobody is named.
 */
__noinline u64 owner_of(u64 cgroup)
{
	struct cgroup *at = cgroup_around((void *)bpf_get_current_task());

	for (int i = 0; i < NEST_MAX; i++) {
		u64 id = BPF_CORE_READ(at, kn, id);

		if (bpf_map_lookup_elem(&owners, &id))
			return id;
		at = BPF_CORE_READ(at, self.parent, cgroup);
		if (!at)
			return cgroup;
	}
	return OWNER_TOO_DEEP;
}

static __always_inline u32 bucket_of(u32 kind)
{
	if (kind == RECORD_OPEN)
		return BUCKET_OPEN;
	return kind == RECORD_EXEC ? BUCKET_EXEC : BUCKET_SOCKET;
}

/* Takes one act from a bucket; false when it is empty. */
static __always_inline bool draw(struct quota *quota, u32 index, u64 now)
{
	const volatile struct allowance *allowance = &config.quotas[index % BUCKETS];
	struct bucket *bucket = &quota->buckets[index % BUCKETS];
	u64 tokens;

	/* A new one is full. */
	if (!bucket->refilled) {
		bucket->tokens = allowance->burst;
		bucket->refilled = now;
	}
	/* Two CPUs may both take the last token: a quota is no promise to the byte. */
	tokens = bucket->tokens;
	if (now > bucket->refilled) {
		u64 elapsed = now - bucket->refilled;

		/* Ten minutes fill any bucket, and keep the product below 2^64. */
		if (elapsed > 600000000000ull)
			elapsed = 600000000000ull;
		/* Microseconds, for the same reason; a smaller rest waits for the next act. */
		elapsed = elapsed / 1000 * allowance->rate / 1000000;
		if (elapsed) {
			tokens += elapsed;
			bucket->refilled = now;
		}
	}
	if (tokens > allowance->burst)
		tokens = allowance->burst;
	bucket->tokens = tokens < 1000 ? tokens : tokens - 1000;
	return tokens >= 1000;
}

static __always_inline struct quota *quota_of(u64 owner)
{
	struct quota *quota = bpf_map_lookup_elem(&quotas, &owner);
	/* Too large for the stack of those who call. */
	static const struct quota full;

	if (quota)
		return quota;
	bpf_map_update_elem(&quotas, &owner, &full, BPF_NOEXIST);
	return bpf_map_lookup_elem(&quotas, &owner);
}

/* Takes one novel act from the owner's quota; 0, and counted there, when it is used up. */
__noinline int within_quota(u32 kind, u64 owner, u32 salient)
{
	u64 now = bpf_ktime_get_boot_ns();
	struct quota *quota = quota_of(owner);

	if (!quota)
		return 1;
	if (draw(quota, bucket_of(kind), now) || (salient && draw(quota, BUCKET_SALIENT, now)))
		return 1;
	add(&quota->over[(kind - 1) % COUNTED_KINDS], 1);
	return 0;
}

/* Whether a new act of the current task may be told. If not, it has been counted. */
static __always_inline bool may_tell(u32 kind, u64 cgroup, bool salient)
{
	if (!config.first_seen || within_quota(kind, owner_of(cgroup), salient))
		return true;
	count(kind, cgroup, TALLY_OVER_QUOTA);
	return false;
}

/* Whether a resolver's answer to one of the owner's questions may be told. */
static __always_inline bool may_tell_answer(u64 owner)
{
	struct quota *quota = config.first_seen ? quota_of(owner) : NULL;

	return !quota || draw(quota, BUCKET_ANSWER, bpf_ktime_get_boot_ns());
}
