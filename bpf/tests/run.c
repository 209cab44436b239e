// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * Runs the harness in the running kernel and compares: paths with what the kernel itself says in
 * /proc/self/fd, identities with each other, quotas with their configuration. Needs root.
 */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "../event.h"
#include "harness.h"

/* As in maps.bpf.h. */
struct config {
	uint64_t secret[2], quotas[BUCKETS][2], tick;
	uint32_t own_tgid;
	int32_t cgroup_subsys, hierarchy;
	uint32_t first_seen;
};
#define FAMILY_OPEN 3
#define BURST 5

static struct bpf_object *object;
static int failures, checks;

static void check(bool right, const char *what, const char *detail)
{
	checks++;
	if (right)
		return;
	failures++;
	printf("not ok: %s%s%s\n", what, *detail ? ": " : "", detail);
}

static void call(const char *program, void *context, size_t size)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = context, .ctx_size_in = size);
	int fd = bpf_program__fd(bpf_object__find_program_by_name(object, program));

	if (bpf_prog_test_run_opts(fd, &options) || options.retval) {
		fprintf(stderr, "run %s: %s\n", program, strerror(errno));
		exit(1);
	}
}

/* The probe's path of a descriptor, written out as a path; the section's flags. */
static unsigned path_of(int fd, char *path)
{
	static char *values;
	int cpus = libbpf_num_possible_cpus();
	struct path_test test = {.fd = fd};
	struct section *section;
	uint32_t family = FAMILY_OPEN;
	char *bytes, *end;

	values = values ?: malloc((size_t)cpus * RECORD_MAX);
	call("test_path", &test, sizeof(test));
	bpf_map_lookup_elem(bpf_object__find_map_fd_by_name(object, "buffers"), &family, values);
	bytes = values + test.cpu * RECORD_MAX;
	section = (void *)bytes;
	bytes += sizeof(*section);
	end = bytes + section->length;
	*path = 0;
	/* The components come leaf first. */
	while (end > bytes) {
		end--;
		while (end > bytes && end[-1])
			end--;
		strcat(strcat(path, "/"), end);
	}
	if (!*path)
		strcpy(path, "/");
	return section->flags;
}

static void check_path(int fd, const char *what, unsigned flags)
{
	static char ours[2 * PATH_BYTES_MAX], kernels[PATH_BYTES_MAX + 64], link[64],
	    detail[4 * PATH_BYTES_MAX];
	unsigned got = path_of(fd, ours);
	ssize_t length;
	char *end;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, kernels, sizeof(kernels) - 1);
	kernels[length < 0 ? 0 : length] = 0;
	/* What the kernel appends, and for memfds puts in front. */
	if ((end = strstr(kernels, " (deleted)")))
		*end = 0;
	snprintf(detail, sizeof(detail), "%s, the kernel says %s, flags %u", ours, kernels, got);
	/* readlink() gives at most one page, and fails above. */
	check(got == flags && (length < 0 || !strcmp(ours, kernels)), what, detail);
}

static struct novelty_key identity_of(int fd)
{
	struct identity_test test = {.fd = fd};

	call("test_identity", &test, sizeof(test));
	return test.key;
}

static bool same(struct novelty_key a, struct novelty_key b)
{
	return a.high == b.high && a.low == b.low;
}

/* Makes `depth` directories below `at`, of which the first is called `first`; the last one's
 * descriptor. */
static int descend(int at, const char *first, int depth)
{
	int fd = dup(at);

	for (int i = 0; i < depth; i++) {
		const char *name = i ? "d" : first;
		int next;

		mkdirat(fd, name, 0755);
		next = openat(fd, name, O_RDONLY | O_DIRECTORY);
		close(fd);
		fd = next;
	}
	return fd;
}

static void test_paths(int top)
{
	char name[256], what[64];
	int fd, dir;

	check_path(open("/", O_RDONLY), "the root", 0);
	check_path(open("/proc/self/status", O_RDONLY), "another mount", 0);
	check_path(openat(top, "plain", O_CREAT | O_RDWR, 0600), "a file", 0);
	memset(name, 'n', 255);
	name[255] = 0;
	check_path(openat(top, name, O_CREAT | O_RDWR, 0600), "the longest name", 0);
	check_path(openat(top, "new\nline \\ \xff", O_CREAT | O_RDWR, 0600), "odd bytes", 0);
	for (int depth = 1; depth <= 1900; depth = depth * 2 + 1) {
		dir = descend(top, "deep", depth);
		fd = openat(dir, "leaf", O_CREAT | O_RDWR, 0600);
		snprintf(what, sizeof(what), "%d levels", depth);
		check_path(fd, what, 0);
		close(fd);
		close(dir);
	}
	dir = descend(top, "deeper", 2200);
	check_path(dir, "more than 4096 bytes", SECTION_TRUNCATED);
	fd = openat(top, "gone", O_CREAT | O_RDWR, 0600);
	unlinkat(top, "gone", 0);
	check_path(fd, "an unlinked file", SECTION_UNLINKED);
	mkdirat(top, "inner", 0755);
	mount("none", "inner", "tmpfs", 0, NULL);
	mkdir("inner/a", 0755);
	mkdir("inner/b", 0755);
	check_path(open("inner/a", O_RDONLY), "below a mount", 0);
	mount("inner/a", "inner/b", NULL, MS_BIND, NULL);
	check_path(open("inner/b/f", O_CREAT | O_RDWR, 0600), "below a bind mount", 0);
	dir = open("inner", O_RDONLY);
	umount2("inner", MNT_DETACH);
	check_path(openat(dir, "a", O_RDONLY), "of a mount taken away", SECTION_DETACHED);
	fd = syscall(SYS_memfd_create, "named", 0);
	char path[2 * PATH_BYTES_MAX];
	check(path_of(fd, path) == SECTION_DETACHED && !strcmp(path, "/memfd:named"), "a memfd",
	      path);
}

static void test_identities(int top)
{
	static const int depths[] = {1, 14, 15, 16, 17, 31, 100, 3000};
	struct novelty_key before;
	char what[64];

	for (size_t i = 0; i < sizeof(depths) / sizeof(*depths); i++) {
		int one = descend(top, "one", depths[i]), two = descend(top, "two", depths[i]);
		int again = openat(one, ".", O_RDONLY);
		int leaf = openat(one, "x", O_CREAT | O_RDWR, 0600);
		int other = openat(one, "y", O_CREAT | O_RDWR, 0600);

		snprintf(what, sizeof(what), "%d levels", depths[i]);
		check(same(identity_of(one), identity_of(again)), "the same file is the same",
		      what);
		check(!same(identity_of(one), identity_of(two)), "the first of many names counts",
		      what);
		check(!same(identity_of(leaf), identity_of(other)), "the last of many names counts",
		      what);
		before = identity_of(leaf);
		renameat(one, "x", one, "z");
		check(!same(before, identity_of(leaf)), "a renamed file is another", what);
		close(one), close(two), close(again), close(leaf), close(other);
	}
	check(!same(identity_of(syscall(SYS_memfd_create, "m", 0)),
		    identity_of(syscall(SYS_memfd_create, "m", 0))),
	      "two memfds of one name differ", "");
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
	bpf_map_lookup_elem(bpf_object__find_map_fd_by_name(object, "quotas"), &owner, &quota);
	check(quota.over[RECORD_OPEN - 1] == 2 * BURST - 2 && quota.over[RECORD_CONNECT - 1] == 0 &&
		  quota.over[RECORD_LISTEN - 1] == 1 &&
		  quota.over[RECORD_EXEC - 1] == 2 * BURST + 1,
	      "what is turned away is counted by kind", "");
}

static int quiet(enum libbpf_print_level level, const char *format, va_list arguments)
{
	return level == LIBBPF_WARN ? vfprintf(stderr, format, arguments) : 0;
}

int main(int count, char **arguments)
{
	struct config config = {
	    .secret = {0x243f6a8885a308d3, 0x13198a2e03707345},
	    .quotas = {{10000, BURST * 1000},
		       {10000, BURST * 1000},
		       {10000, BURST * 1000},
		       {10000, BURST * 1000}},
	    .tick = 4000000,
	    .cgroup_subsys = -1,
	    .first_seen = 1,
	};
	char top[] = "/tmp/driftwatch-bpf-XXXXXX";
	size_t size;
	void *initial;
	int dir;

	libbpf_set_print(quiet);
	object = count == 2 ? bpf_object__open_file(arguments[1], NULL) : NULL;
	if (!object)
		return fprintf(stderr, "usage: run harness.bpf.o\n"), 2;
	initial = (void *)bpf_map__initial_value(
	    bpf_object__find_map_by_name(object, ".rodata.config"), &size);
	if (!initial || size != sizeof(config))
		return fprintf(stderr, "struct config differs from maps.bpf.h\n"), 1;
	memcpy(initial, &config, size);
	if (bpf_object__load(object))
		return fprintf(stderr, "load the harness: %s; run as root\n", strerror(errno)), 1;
	/* A tmpfs in a mount namespace of the test's own, so that nothing is left behind. */
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    !mkdtemp(top) || mount("none", top, "tmpfs", 0, NULL) || chdir(top))
		return fprintf(stderr, "make %s: %s\n", top, strerror(errno)), 1;
	dir = open(".", O_RDONLY);
	test_paths(dir);
	test_identities(dir);
	test_keys();
	test_quotas();
	if (chdir("/") || umount2(top, MNT_DETACH) || rmdir(top))
		fprintf(stderr, "leave %s: %s\n", top, strerror(errno));
	printf("%d checks, %d failed\n", checks, failures);
	return failures != 0;
}
