// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * The words of a process. It has to have been started with them, so each case is a new start of
 * this program, which runs the harness on itself and tells what it saw.
 */
#include <sys/resource.h>
#include "run.h"

/* What a process with the words tells, and then the section's bytes. */
struct report {
	struct novelty_key key;
	struct section section;
};

#define FIRST_PASSED 200

static unsigned char bytes[ARGUMENT_BYTES_MAX + 8];

int report_words(void)
{
	int cpus = libbpf_num_possible_cpus(), program, map, out;
	struct words_test test = {};
	LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = &test, .ctx_size_in = sizeof(test));
	uint32_t family = FAMILY_EXEC;
	struct report report;
	char *values, *at;

	if (sscanf(getenv(WORDS_VARIABLE), "%d %d %d", &program, &map, &out) != 3 ||
	    bpf_prog_test_run_opts(program, &options) || options.retval)
		return 1;
	values = malloc((size_t)cpus * RECORD_MAX);
	bpf_map_lookup_elem(map, &family, values);
	at = values + test.cpu * RECORD_MAX + sizeof(struct exec_record);
	report.key = test.key;
	memcpy(&report.section, at, sizeof(report.section));
	if (write(out, &report, sizeof(report)) != sizeof(report) ||
	    write(out, at + sizeof(report.section), report.section.length) !=
		(ssize_t)report.section.length)
		return 1;
	return 0;
}

static struct report words(char *const *words)
{
	struct report report = {};
	char variable[64];
	char *environment[] = {variable, NULL};
	int pipes[2], status;
	pid_t child;

	if (pipe(pipes))
		exit(1);
	snprintf(variable, sizeof(variable), WORDS_VARIABLE "=%d %d %d", FIRST_PASSED,
		 FIRST_PASSED + 1, FIRST_PASSED + 2);
	child = fork();
	if (!child) {
		/* These outlive the exec, at numbers that nothing else has. */
		dup2(program_of("test_words"), FIRST_PASSED);
		dup2(map_of("buffers"), FIRST_PASSED + 1);
		dup2(pipes[1], FIRST_PASSED + 2);
		execve("/proc/self/exe", words, environment);
		_exit(1);
	}
	close(pipes[1]);
	memset(bytes, 0, sizeof(bytes));
	if (read(pipes[0], &report, sizeof(report)) == sizeof(report)) {
		size_t got = 0;
		ssize_t now;

		while ((now = read(pipes[0], bytes + got, sizeof(bytes) - got)) > 0)
			got += now;
	}
	close(pipes[0]);
	waitpid(child, &status, 0);
	check(!status, "a process with the words tells what it saw", "");
	return report;
}

#define WORDS(...) ((char *const[]){__VA_ARGS__, NULL})

/* `count` words of `length` bytes; to be freed. */
static char **many(int count, int length)
{
	char **list = calloc(count + 1, sizeof(*list));

	for (int i = 0; i < count; i++) {
		list[i] = calloc(1, length + 1);
		memset(list[i], 'a' + i % 26, length);
	}
	return list;
}

static void free_all(char **list)
{
	for (char **word = list; *word; word++)
		free(*word);
	free(list);
}

static void check_section(const char *what, struct report report, const void *expected,
			  size_t length, unsigned flags)
{
	char detail[64];

	snprintf(detail, sizeof(detail), "%u bytes, flags %u", report.section.length,
		 report.section.flags);
	check(report.section.field == FIELD_ARGUMENTS && report.section.length == length &&
		  report.section.flags == flags && !memcmp(bytes, expected, length),
	      what, detail);
}

static const struct {
	const char *name;
	int count, length; /* of the words given */
	int kept; /* bytes, with a NUL behind each word */
	unsigned flags;
} lengths[] = {
    {"as many words as are kept", ARGUMENT_WORDS_MAX, 3, ARGUMENT_WORDS_MAX * 4, 0},
    {"one word more", ARGUMENT_WORDS_MAX + 1, 3, ARGUMENT_WORDS_MAX * 4, SECTION_TRUNCATED},
    {"many words more", 3000, 7, ARGUMENT_WORDS_MAX * 8, SECTION_TRUNCATED},
    {"words of five", 3 * ARGUMENT_WORDS_MAX, 5, ARGUMENT_WORDS_MAX * 6, SECTION_TRUNCATED},
    {"as many bytes as are kept", 1, ARGUMENT_BYTES_MAX - 1, ARGUMENT_BYTES_MAX, 0},
    {"one byte less", 1, ARGUMENT_BYTES_MAX - 2, ARGUMENT_BYTES_MAX - 1, 0},
    {"both at once", ARGUMENT_WORDS_MAX, 127, ARGUMENT_BYTES_MAX, 0},
};

static void test_lengths(void)
{
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		char **list = many(lengths[i].count, lengths[i].length);
		static char expected[ARGUMENT_BYTES_MAX];
		size_t length = 0;

		for (int j = 0; length < (size_t)lengths[i].kept; j++) {
			memcpy(expected + length, list[j], lengths[i].length + 1);
			length += lengths[i].length + 1;
		}
		check_section(lengths[i].name, words(list), expected, length, lengths[i].flags);
		free_all(list);
	}
}

/* A word that is cut keeps as much as there is room for, and ends like the others. */
static void test_cut_words(void)
{
	for (int more = 0; more < 3; more++) {
		char **list = many(1, ARGUMENT_BYTES_MAX + more);
		struct report report = words(list);

		check(report.section.length == ARGUMENT_BYTES_MAX &&
			  report.section.flags == SECTION_TRUNCATED &&
			  !memcmp(bytes, list[0], ARGUMENT_BYTES_MAX - 1) &&
			  !bytes[ARGUMENT_BYTES_MAX - 1],
		      "a word longer than all the room", "");
		free_all(list);
	}
}

/* What the record has no room for, still makes another behaviour. */
static void test_words_in_keys(void)
{
	const int counts[] = {1, 2, 63, 64, 65, 1000, 20000};
	struct novelty_key one, two, three;
	struct rlimit limit;
	char **list;

	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		char what[32];

		snprintf(what, sizeof(what), "%d words", counts[i]);
		list = many(counts[i], 9);
		one = words(list).key;
		check(same(one, words(list).key), "the same words, the same key", what);
		list[counts[i] - 1][8] ^= 1;
		check(!same(one, words(list).key), "the last byte counts", what);
		list[counts[i] - 1][8] ^= 1;
		list[0][0] ^= 1;
		check(!same(one, words(list).key), "the first byte counts", what);
		free_all(list);
	}
	/* As many as any process may pass: that takes a raised limit of the stack. */
	getrlimit(RLIMIT_STACK, &limit);
	setrlimit(RLIMIT_STACK, &(struct rlimit){64 << 20, limit.rlim_max});
	list = many(60, 100000);
	one = words(list).key;
	list[59][99999] ^= 1;
	check(!same(one, words(list).key), "the last byte counts", "of 6 MB");
	free_all(list);
	setrlimit(RLIMIT_STACK, &limit);
	one = words(WORDS("ab", "c")).key;
	two = words(WORDS("a", "bc")).key;
	three = words(WORDS("abc")).key;
	check(!same(one, two) && !same(one, three) && !same(two, three), "where words end counts",
	      "");
	one = words(WORDS("a")).key;
	two = words(WORDS("a", "")).key;
	three = words(WORDS("a", "", "")).key;
	check(!same(one, two) && !same(one, three) && !same(two, three), "empty words count", "");
}

void test_words(void)
{
	check_section("two words", words(WORDS("sh", "-c")), "sh\0-c", 6, 0);
	check_section("an empty word", words(WORDS("")), "", 1, 0);
	check_section("empty words", words(WORDS("", "x", "", "")), "\0x\0\0", 5, 0);
	check_section("odd bytes", words(WORDS("\xff\n", "\x1b[31m")), "\xff\n\0\x1b[31m", 9, 0);
	test_lengths();
	test_cut_words();
	test_words_in_keys();
}
