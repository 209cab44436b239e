// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* Whole acts: new, known, over quota or lost, and each counted once. */
#include "run.h"

static void act(uint64_t cgroup, uint64_t word)
{
	struct act_test test = {.cgroup = cgroup, .word = word};

	call("test_act", &test, sizeof(test));
}

/* The account of a cgroup's opens, over all CPUs. */
static struct ledger_entry account(uint64_t cgroup)
{
	int cpus = libbpf_num_possible_cpus();
	struct account *accounts = calloc(cpus, sizeof(*accounts));
	struct ledger_entry sum = {};

	bpf_map_lookup_elem(map_of("ledger"), &cgroup, accounts);
	for (int i = 0; i < cpus; i++) {
		struct ledger_entry *one = &accounts[i].kinds[RECORD_OPEN - 1];

		sum.known += one->known;
		sum.emitted += one->emitted;
		sum.over_quota += one->over_quota;
		sum.ring_full += one->ring_full;
		sum.interrupted += one->interrupted;
	}
	free(accounts);
	return sum;
}

static void check_account(const char *what, uint64_t cgroup, struct ledger_entry expected)
{
	struct ledger_entry got = account(cgroup);
	char detail[160];

	snprintf(detail, sizeof(detail),
		 "known %llu, emitted %llu, over quota %llu, ring full %llu, interrupted %llu",
		 (unsigned long long)got.known, (unsigned long long)got.emitted,
		 (unsigned long long)got.over_quota, (unsigned long long)got.ring_full,
		 (unsigned long long)got.interrupted);
	check(!memcmp(&got, &expected, sizeof(got)), what, detail);
}

static int received;

static int receive(void *context, void *data, size_t size)
{
	const struct record *record = data;

	(void)context;
	check(size >= record->length && record->length >= sizeof(struct open_record) &&
		  record->kind == RECORD_OPEN,
	      "a record says its length and kind", "");
	received++;
	return 0;
}

/* The scratch of opens, on every CPU: taken or free. `busy` leads, as in maps.bpf.h. */
static void set_busy(uint64_t busy)
{
	size_t size = bpf_map__value_size(bpf_object__find_map_by_name(object, "works"));
	int cpus = libbpf_num_possible_cpus();
	uint32_t family = FAMILY_OPEN;
	char *works = calloc(cpus, size);

	for (int i = 0; i < cpus; i++)
		memcpy(works + i * size, &busy, sizeof(busy));
	bpf_map_update_elem(map_of("works"), &family, works, 0);
	free(works);
}

void test_acts(void)
{
	struct ring_buffer *ring = ring_buffer__new(map_of("opens_ring"), receive, NULL, NULL);
	struct ledger_entry full;
	uint64_t acts = 0;

	for (int i = 0; i < 3; i++)
		act(100, 1);
	check_account("once new, then known", 100, (struct ledger_entry){.known = 2, .emitted = 1});
	for (int i = 0; i < BURST + 2; i++)
		act(101, i);
	check_account("over quota is counted", 101,
		      (struct ledger_entry){.emitted = BURST, .over_quota = 2});
	act(101, 0);
	check_account("what is known needs no quota", 101,
		      (struct ledger_entry){.known = 1, .emitted = BURST, .over_quota = 2});
	check_account("and others have their own account", 100,
		      (struct ledger_entry){.known = 2, .emitted = 1});
	/* Nobody reads: the ring fills, each cgroup well below its quota. */
	for (; acts < 64; acts++)
		act(200 + acts / 2, acts);
	full = (struct ledger_entry){};
	for (int i = 0; i < 32; i++) {
		struct ledger_entry one = account(200 + i);

		full.known += one.known;
		full.emitted += one.emitted;
		full.over_quota += one.over_quota;
		full.ring_full += one.ring_full;
		full.interrupted += one.interrupted;
	}
	check(full.ring_full > 0 && full.emitted + full.ring_full == acts && !full.known &&
		  !full.over_quota && !full.interrupted,
	      "a full ring loses, and says how much", "");
	ring_buffer__consume(ring);
	check(received == (int)full.emitted + 1 + BURST, "what was emitted arrives", "");
	received = 0;
	/* The last act was lost, so it is still new. */
	act(200 + (acts - 1) / 2, acts - 1);
	ring_buffer__consume(ring);
	check(received == 1, "what was lost is told when it happens again", "");
	act(200 + (acts - 1) / 2, acts - 1);
	ring_buffer__consume(ring);
	check(received == 1, "and then it is known", "");
	/* As if this act interrupted another on whichever CPU it comes to. */
	set_busy(1);
	act(300, 1);
	set_busy(0);
	check_account("what finds the scratch taken is lost, and says why", 300,
		      (struct ledger_entry){.interrupted = 1});
	act(300, 1);
	check_account("and is told when it happens again", 300,
		      (struct ledger_entry){.emitted = 1, .interrupted = 1});
	ring_buffer__free(ring);
}
