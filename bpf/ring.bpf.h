/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* A record's way out: enter, append sections, submit, leave. Whatever does not arrive is counted.
 */
#pragma once

/* Hides a value's origin from the compiler, so that a bound check stays on the register used. */
#define opaque(value) asm volatile("" : "+r"(value))

/* Relaxed, so that clang emits the plain atomic add: the fetching one is from 5.12 on. */
#define add(pointer, amount) ((void)__atomic_fetch_add(pointer, amount, __ATOMIC_RELAXED))

/*
 * A pointer that the verifier has typed, as the number that probe reads and global functions take:
 * a typed one allows no arithmetic, and is no argument before 6.8.
 */
static __always_inline u64 number_of(const void *pointer)
{
	u64 number = 0;

	bpf_probe_read_kernel(&number, sizeof(number), &pointer);
	return number;
}

static __always_inline struct work *work_of(u32 family)
{
	return bpf_map_lookup_elem(&works, &family);
}

static __always_inline struct buffer *buffer_of(u32 family)
{
	return bpf_map_lookup_elem(&buffers, &family);
}

/* Not inlined, nor on the way of a repeat: the first act of a cgroup on any CPU. */
static __noinline void open_account(u64 cgroup)
{
	/* Too large for the stack of a program that has its own things on it. */
	static const struct account nothing;

	bpf_map_update_elem(&ledger, &cgroup, &nothing, BPF_NOEXIST);
}

static __always_inline struct account *account_of(u64 cgroup)
{
	struct account *account = bpf_map_lookup_elem(&ledger, &cgroup);
	u64 nobody = NOBODY;

	if (account)
		return account;
	open_account(cgroup);
	account = bpf_map_lookup_elem(&ledger, &cgroup);
	return account ? account : bpf_map_lookup_elem(&ledger, &nobody);
}

enum tally {
	TALLY_KNOWN,
	TALLY_EMITTED,
	TALLY_OVER_QUOTA,
	TALLY_RING_FULL,
	TALLY_INTERRUPTED,
};

/*
 * Counts one act of a counted kind; each act passes here once. Atomic, as programs of cgroups and
 * function entries are preempted by others on their CPU.
 */
static __always_inline void count(u32 kind, u64 cgroup, enum tally tally)
{
	struct account *account = account_of(cgroup);
	struct ledger_entry *entry;

	if (!account)
		return;
	entry = &account->kinds[(kind - 1) % COUNTED_KINDS];
	if (tally == TALLY_KNOWN)
		add(&entry->known, 1);
	else if (tally == TALLY_EMITTED)
		add(&entry->emitted, 1);
	else if (tally == TALLY_OVER_QUOTA)
		add(&entry->over_quota, 1);
	else if (tally == TALLY_RING_FULL)
		add(&entry->ring_full, 1);
	else
		add(&entry->interrupted, 1);
}

/* Counts a record that is no act: emitted, or why it was not. */
static __always_inline void count_news(u32 kind, enum tally tally)
{
	struct news *counts = bpf_map_lookup_elem(&news, &kind);

	if (!counts)
		return;
	if (tally == TALLY_EMITTED)
		add(&counts->emitted, 1);
	else if (tally == TALLY_OVER_QUOTA)
		add(&counts->over_quota, 1);
	else if (tally == TALLY_RING_FULL)
		add(&counts->ring_full, 1);
	else
		add(&counts->interrupted, 1);
}

/*
 * Takes this CPU's scratch of a family; false if a preempted program holds it. Adding first and
 * looking second needs no fetching atomic (5.12): of two that meet, at most one goes on.
 */
static __always_inline bool enter(struct work *work)
{
	add(&work->busy, 1);
	if (*(volatile u64 *)&work->busy == 1)
		return true;
	add(&work->busy, -1);
	return false;
}

/* The same for an act, which is counted as lost if it cannot go on. */
static __always_inline bool enter_with(struct work *work, u32 kind, u64 cgroup)
{
	if (enter(work))
		return true;
	count(kind, cgroup, TALLY_INTERRUPTED);
	return false;
}

static __always_inline void leave(struct work *work)
{
	add(&work->busy, -1);
}

/* Starts a record of `kind` with a zeroed fixed part of `size` bytes. */
static __always_inline void begin(struct work *work, struct buffer *buffer, u32 kind, u32 size)
{
	struct record *record = (void *)buffer->bytes;

	__builtin_memset(buffer->bytes, 0, size);
	record->kind = kind;
	work->length = size;
}

/* The largest offset at which a section may still be started: its head and a component fit behind.
 */
#define SECTION_START_MAX (RECORD_MAX - 1024)

/* Closes a section that starts at `start` and holds `bytes` bytes. */
static __always_inline void close_section(struct work *work, struct buffer *buffer, u64 start,
					  u32 field, u32 flags, u64 bytes)
{
	struct section *section;
	u64 end;

	opaque(start);
	if (start > SECTION_START_MAX)
		return;
	section = (void *)&buffer->bytes[start];
	section->field = field;
	section->flags = flags;
	section->length = bytes;
	end = start + sizeof(*section) + bytes;
	opaque(end);
	if (end > RECORD_MAX - 8)
		return;
	/* Zeros to the next multiple of eight, and a few that the next section overwrites. */
	__builtin_memset(&buffer->bytes[end], 0, 8);
	work->length = (end + 7) & ~7ull;
}

/* Appends a string of the kernel's, without its NUL. */
static __always_inline void add_string(struct work *work, struct buffer *buffer, u32 field,
				       const char *string)
{
	u64 start = work->length;
	long got;

	opaque(start);
	if (start > RECORD_MAX - PATH_BYTES_MAX - 32)
		return;
	got = bpf_probe_read_kernel_str(&buffer->bytes[start + sizeof(struct section)],
					PATH_BYTES_MAX, string);
	if (got <= 0)
		return;
	close_section(work, buffer, start, field, got == PATH_BYTES_MAX ? SECTION_TRUNCATED : 0,
		      got - 1);
}

/* Hands the record to a ring; false if it was full. Counts nothing. */
static __always_inline bool submit(struct work *work, struct buffer *buffer, void *ring)
{
	struct record *record = (void *)buffer->bytes;
	u64 length = work->length;
	u32 zero = 0;
	u64 *sequence = bpf_map_lookup_elem(&sequences, &zero);

	opaque(length);
	if (!sequence || length > RECORD_MAX)
		return false;
	record->length = length;
	record->time = bpf_ktime_get_boot_ns();
	record->sequence = *sequence + 1;
	record->cpu = bpf_get_smp_processor_id();
	if (bpf_ringbuf_output(ring, record, length, 0))
		return false;
	*sequence += 1;
	return true;
}
