// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * Runs the harness in the running kernel and compares: paths with what the kernel itself says in
 * /proc/self/fd, identities with each other, quotas with their configuration. Needs root.
 */
#include "run.h"
#include <sched.h>
#include <sys/mount.h>

struct bpf_object *object;
static int failures, checks;

void check(bool right, const char *what, const char *detail)
{
	checks++;
	if (right)
		return;
	failures++;
	printf("not ok: %s%s%s\n", what, *detail ? ": " : "", detail);
}

int failures_so_far(void)
{
	return failures;
}

int program_of(const char *name)
{
	return bpf_program__fd(bpf_object__find_program_by_name(object, name));
}

int map_of(const char *name)
{
	return bpf_object__find_map_fd_by_name(object, name);
}

void call(const char *program, void *context, size_t size)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = context, .ctx_size_in = size);

	if (bpf_prog_test_run_opts(program_of(program), &options) || options.retval) {
		fprintf(stderr, "run %s: %s\n", program, strerror(errno));
		exit(1);
	}
}

bool same(struct novelty_key a, struct novelty_key b)
{
	return a.high == b.high && a.low == b.low;
}

/* The harness, ready to run; ends the test where it cannot be. */
static struct bpf_object *load(const char *file, const struct config *config)
{
	struct bpf_object *loaded = bpf_object__open_file(file, NULL);
	size_t size;
	void *initial;

	if (!loaded)
		exit((fprintf(stderr, "open %s: %s\n", file, strerror(errno)), 1));
	initial = (void *)bpf_map__initial_value(
	    bpf_object__find_map_by_name(loaded, ".rodata.config"), &size);
	if (!initial || size != sizeof(*config))
		exit((fprintf(stderr, "struct config differs from maps.bpf.h\n"), 1));
	memcpy(initial, config, size);
	/* Small enough to be filled. */
	bpf_map__set_max_entries(bpf_object__find_map_by_name(loaded, "opens_ring"), OPENS_RING);
	if (bpf_object__load(loaded))
		exit((fprintf(stderr, "load the harness: %s; run as root\n", strerror(errno)), 1));
	return loaded;
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct novelty_key));
}

static void test_keys(void)
{
	enum { COUNT = 4096 };
	static struct novelty_key keys[COUNT];
	struct key_test first = {.cgroup = 1, .kind = 4};
	int met = 0;

	/* One bit of one word each, and then counting: what a weak mixer would let meet. */
	for (int i = 0; i < COUNT; i++) {
		struct key_test test = first;

		if (i < 64 * KEY_WORDS)
			test.words[i / 64] = 1ull << i % 64;
		else if (i < 2 * 64 * KEY_WORDS)
			test.ids[i / 64 - KEY_WORDS] = 1ull << i % 64;
		else
			test.words[i % KEY_WORDS] = i;
		call("test_key", &test, sizeof(test));
		keys[i] = test.key;
	}
	qsort(keys, COUNT, sizeof(*keys), compare);
	for (int i = 1; i < COUNT; i++)
		met += !memcmp(&keys[i - 1], &keys[i], sizeof(*keys));
	/* Counting in words[0] passes 512, 1024 and 2048, which were there as bits. */
	check(met == 3, "keys of different words differ, and of the same are the same", "");
}

/* How many of `count` acts at once are within the quota. */
static int allowed(uint64_t owner, uint64_t kind, uint64_t salient, int count)
{
	struct quota_test test = {.cgroup = owner, .kind = kind, .salient = salient};
	int sum = 0;

	for (int i = 0; i < count; i++) {
		call("test_quota", &test, sizeof(test));
		sum += test.allowed;
	}
	return sum;
}

static struct novelty_key key_of(struct key_test test)
{
	call("test_key", &test, sizeof(test));
	return test.key;
}

/* A key is of all that it is made from, and of the start of the monitor and its epoch. */
static void test_what_keys_are_of(void)
{
	const struct key_test base = {
	    .cgroup = 1, .kind = RECORD_EXEC, .ids = {1, 2, 3, 4}, .words = {5, 6, 7, 8}};
	struct novelty_key first = key_of(base), with_epoch;
	struct key_test other = base;
	/* As in maps.bpf.h: the epoch leads. */
	size_t size = bpf_map__value_size(bpf_object__find_map_by_name(object, ".data.control"));
	uint32_t zero = 0;
	uint64_t *control = calloc(1, size);

	check(same(first, key_of(base)), "the same act has the same key", "");
	other.cgroup = 2;
	check(!same(first, key_of(other)), "another cgroup, another key", "");
	other = base;
	other.kind = RECORD_OPEN;
	check(!same(first, key_of(other)), "another kind, another key", "");
	for (int i = 0; i < KEY_WORDS - 1; i++) {
		other = base;
		other.ids[i] = base.ids[i + 1];
		other.ids[i + 1] = base.ids[i];
		check(!same(first, key_of(other)), "the order of ids counts", "");
		other = base;
		other.words[i] = base.words[i + 1];
		other.words[i + 1] = base.words[i];
		check(!same(first, key_of(other)), "the order of words counts", "");
	}
	*control = 1;
	bpf_map_update_elem(map_of(".data.control"), &zero, control, 0);
	with_epoch = key_of(base);
	check(!same(first, with_epoch), "another epoch, another key", "");
	*control = 0;
	bpf_map_update_elem(map_of(".data.control"), &zero, control, 0);
	check(same(first, key_of(base)), "the same epoch, the same key", "");
	free(control);
}

/* The same secret gives the same keys in another load, another secret others. */
static void test_secrets(const char *file, struct config config)
{
	const struct key_test test = {.cgroup = 1, .kind = RECORD_OPEN, .ids = {1}, .words = {2}};
	struct novelty_key first = key_of(test), again, other;
	struct bpf_object *before = object;

	object = load(file, &config);
	again = key_of(test);
	bpf_object__close(object);
	config.secret[0] += 2;
	object = load(file, &config);
	other = key_of(test);
	bpf_object__close(object);
	object = before;
	check(same(first, again), "the same secret, the same key", "");
	check(!same(first, other), "another secret, another key", "");
}

/* How many opens are within a quota whose bucket is as given. */
static int allowed_by(struct bucket bucket, int count)
{
	static uint64_t owner = 20;
	struct quota quota = {.buckets = {bucket}};

	owner++;
	bpf_map_update_elem(map_of("quotas"), &owner, &quota, 0);
	return allowed(owner, RECORD_OPEN, 0, count);
}

/* Buckets after times that no clock should give. */
static void test_odd_quotas(void)
{
	const uint64_t never = ~0ull;

	check(allowed_by((struct bucket){0, 1}, 2 * BURST) == BURST,
	      "a long time fills a bucket, and no more", "");
	check(allowed_by((struct bucket){0, never}, BURST) == 0,
	      "a clock that went back fills nothing", "");
	check(allowed_by((struct bucket){never, never}, 2 * BURST) == BURST,
	      "a bucket never holds more than its size", "");
	check(allowed_by((struct bucket){999, never}, 1) == 0, "a part of a token is none", "");
	check(allowed_by((struct bucket){1000, never}, 2) == 1, "a token is one act", "");
}

static void test_quotas(void)
{
	uint64_t owner = 7;
	struct quota quota;

	check(allowed(7, RECORD_OPEN, 0, 2 * BURST) == BURST, "a burst is allowed, and no more",
	      "");
	check(allowed(8, RECORD_OPEN, 0, 1) == 1, "another workload has its own", "");
	/* Ten a second. */
	usleep(250000);
	check(allowed(7, RECORD_OPEN, 0, BURST) == 2, "time refills it", "");
	check(allowed(7, RECORD_CONNECT, 0, BURST - 1) == BURST - 1,
	      "a flood of opens leaves connects theirs", "");
	check(allowed(7, RECORD_LISTEN, 0, 2) == 1, "connects and listens share one", "");
	check(allowed(7, RECORD_EXEC, 0, 2 * BURST) == BURST, "execs have their own", "");
	check(allowed(7, RECORD_EXEC, 1, 2 * BURST) == BURST, "those that stand out have another",
	      "");
	check(allowed(7, RECORD_EXEC, 1, 1) == 0, "which ends too", "");
	bpf_map_lookup_elem(map_of("quotas"), &owner, &quota);
	check(quota.over[RECORD_OPEN - 1] == 2 * BURST - 2 && quota.over[RECORD_CONNECT - 1] == 0 &&
		  quota.over[RECORD_LISTEN - 1] == 1 &&
		  quota.over[RECORD_EXEC - 1] == 2 * BURST + 1,
	      "what is turned away is counted by kind", "");
}

static int quiet(enum libbpf_print_level level, const char *format, va_list arguments)
{
	return level == LIBBPF_WARN ? vfprintf(stderr, format, arguments) : 0;
}

static const struct config standard = {
    .secret = {0x243f6a8885a308d3, 0x13198a2e03707345},
    .quotas = {{10000, BURST * 1000},
	       {10000, BURST * 1000},
	       {10000, BURST * 1000},
	       {10000, BURST * 1000}},
    .tick = 4000000,
    .cgroup_subsys = -1,
    .first_seen = 1,
};

int main(int count, char **arguments)
{
	char top[] = "/tmp/driftwatch-bpf-XXXXXX";
	int dir;

	if (getenv(WORDS_VARIABLE))
		return report_words();
	libbpf_set_print(quiet);
	if (count != 2)
		return fprintf(stderr, "usage: run harness.bpf.o\n"), 2;
	object = load(arguments[1], &standard);
	/* A tmpfs in a mount namespace of the test's own, so that nothing is left behind. */
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    !mkdtemp(top) || mount("none", top, "tmpfs", 0, NULL))
		return fprintf(stderr, "make %s: %s\n", top, strerror(errno)), 1;
	test_secrets(arguments[1], standard);
	if (chdir(top))
		return fprintf(stderr, "enter %s: %s\n", top, strerror(errno)), 1;
	dir = open(".", O_RDONLY);
	test_paths(dir);
	test_identities(dir);
	test_keys();
	test_what_keys_are_of();
	test_words();
	test_quotas();
	test_odd_quotas();
	test_acts();
	if (chdir("/") || umount2(top, MNT_DETACH) || rmdir(top))
		fprintf(stderr, "leave %s: %s\n", top, strerror(errno));
	printf("%d checks, %d failed\n", checks, failures);
	return failures != 0;
}
