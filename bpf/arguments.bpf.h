/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The words of an exec: as many into the record as fit, and all of them into the key, since a shell
 * that runs another command is another behaviour.
 */
#pragma once

#define PAGE_SIZE 4096

/* 0x80 in every byte of the word that is NUL (Hacker's Delight 6-1; exact, without carries). */
static __always_inline u64 nul_bytes(u64 word)
{
	const u64 low = 0x7f7f7f7f7f7f7f7full;

	return ~(((word & low) + low) | word | low);
}

static __always_inline u32 set_bytes(u64 marks)
{
	return (marks >> 7) * 0x0101010101010101ull >> 56;
}

/* Words of eight bytes that one call of hash_piece() takes: verified once, called often. */
#define PIECE_WORDS 64

/*
 * Mixes the buffer's bytes from `from` to `to` into work->key, at most PIECE_WORDS of eight, the
 * last one zero-padded. Notes in work->cut the eight in which the argument ARGUMENT_WORDS_MAX ends.
 */
__noinline int hash_piece(u32 from, u32 to)
{
	struct work *work = work_of(FAMILY_EXEC);
	struct buffer *buffer = buffer_of(FAMILY_EXEC);

	if (!work || !buffer)
		return 0;
	for (u32 i = 0; i < PIECE_WORDS; i++) {
		u64 at = (u64)from + i * 8;
		u64 word, before;

		opaque(at);
		if (at >= to || at > RECORD_MAX - 8)
			break;
		word = *(u64 *)&buffer->bytes[at & ~7ull];
		mix_foreign(&work->key, word);
		before = work->words;
		work->words = before + set_bytes(nul_bytes(word));
		if (before < ARGUMENT_WORDS_MAX && work->words >= ARGUMENT_WORDS_MAX) {
			work->cut = at;
			work->before_cut = before;
		}
	}
	return 0;
}

static __always_inline void hash_bytes(u32 from, u32 to)
{
	for (u32 i = 0; i < RECORD_MAX / (PIECE_WORDS * 8); i++) {
		if (from >= to)
			break;
		hash_piece(from, to);
		from += PIECE_WORDS * 8;
	}
}

/* Where arguments that are only hashed are read to: no section has come so far yet. */
#define SPARE (RECORD_MAX / 2)
/* Pages of the longest argument list: three quarters of 8 MiB, however high the stack's limit was
 * raised (bprm_stack_limits()), and two that are cut. */
#define ARGUMENT_PAGES 1538

/* Mixes one page's share of user memory into work->key; 0 if it cannot be read. */
__noinline int hash_page(u64 from, u64 to)
{
	struct work *work = work_of(FAMILY_EXEC);
	struct buffer *buffer = buffer_of(FAMILY_EXEC);
	u64 piece = PAGE_SIZE - (from & (PAGE_SIZE - 1));

	if (!work || !buffer || from >= to)
		return 0;
	if (piece > to - from)
		piece = to - from;
	opaque(piece);
	if (piece > PAGE_SIZE || bpf_probe_read_user(&buffer->bytes[SPARE], piece, (void *)from))
		return 0;
	__builtin_memset(&buffer->bytes[SPARE + piece], 0, 8);
	hash_bytes(SPARE, SPARE + piece);
	return piece;
}

/* Where the argument ARGUMENT_WORDS_MAX ends within the eight bytes at work->cut. */
__noinline int find_cut(void)
{
	struct work *work = work_of(FAMILY_EXEC);
	struct buffer *buffer = buffer_of(FAMILY_EXEC);
	u64 at, words;

	if (!work || !buffer)
		return 0;
	at = work->cut;
	words = work->before_cut;
	for (int i = 0; i < 8; i++) {
		opaque(at);
		if (at >= RECORD_MAX)
			break;
		words += !buffer->bytes[at];
		at++;
		if (words == ARGUMENT_WORDS_MAX)
			break;
	}
	return at;
}

/* Reads the arguments, mixes all that was read into the key, and appends the section. */
static __always_inline void add_arguments(struct work *work, struct buffer *buffer,
					  struct mm_struct *mm)
{
	const u64 start = sizeof(struct exec_record), first = start + sizeof(struct section);
	u64 from = BPF_CORE_READ(mm, arg_start), to = BPF_CORE_READ(mm, arg_end);
	u64 whole = to > from ? to - from : 0, got = 0, at, last, rest;
	u32 flags = 0, kept;

	/* Page by page, so that a page that is not there costs only itself: three touch 8 KiB. */
	for (int i = 0; i < 3; i++) {
		u64 piece = PAGE_SIZE - ((from + got) & (PAGE_SIZE - 1));

		if (piece > whole - got)
			piece = whole - got;
		if (piece > ARGUMENT_BYTES_MAX - got)
			piece = ARGUMENT_BYTES_MAX - got;
		at = first + got;
		opaque(at);
		opaque(piece);
		if (!piece || piece > PAGE_SIZE || at > first + ARGUMENT_BYTES_MAX ||
		    bpf_probe_read_user(&buffer->bytes[at], piece, (void *)(from + got)))
			break;
		got += piece;
	}
	at = first + got;
	opaque(at);
	if (at > first + ARGUMENT_BYTES_MAX)
		return;
	__builtin_memset(&buffer->bytes[at], 0, 8);
	work->words = work->cut = 0;
	mix_foreign(&work->key, whole);
	hash_bytes(first, at);
	kept = got;
	/* What the record has no room for still makes another behaviour. */
	rest = from + got;
	for (int i = 0; i < ARGUMENT_PAGES && rest < to; i++) {
		u32 hashed = hash_page(rest, to);

		if (!hashed)
			break;
		rest += hashed;
	}
	if (work->cut) {
		/* The padding counts as words, but lies behind what was read. */
		u32 cut = find_cut() - first;

		if (cut < kept)
			kept = cut;
	}
	if (kept < whole)
		flags = SECTION_TRUNCATED;
	/* A word that was cut ends like the others. */
	last = (u64)kept - 1;
	opaque(last);
	if (last < ARGUMENT_BYTES_MAX && buffer->bytes[first + last]) {
		if (last < ARGUMENT_BYTES_MAX - 1) {
			last++;
			kept++;
		}
		opaque(last);
		if (last < ARGUMENT_BYTES_MAX)
			buffer->bytes[first + last] = 0;
	}
	close_section(work, buffer, start, FIELD_ARGUMENTS, flags, kept);
}
