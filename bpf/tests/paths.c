// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* Paths compared with what the kernel itself says in /proc/self/fd, identities with each other. */
#include "run.h"
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* /proc/self/fd, also for a process that has another root. */
static int descriptors;

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
	bpf_map_lookup_elem(map_of("buffers"), &family, values);
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

	snprintf(link, sizeof(link), "%d", fd);
	length = readlinkat(descriptors, link, kernels, sizeof(kernels) - 1);
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

/* Paths as long as a section may be, and longer; readlink() gives none of them. */
static void test_long_paths(int top, const char *name_of_top)
{
	static char ours[2 * PATH_BYTES_MAX];
	char name[256], what[64];

	for (int length = PATH_BYTES_MAX - 2; length <= PATH_BYTES_MAX + 2; length++) {
		/* A slash and a name of its number each; what is left over is the last one's. */
		int rest = length - strlen(name_of_top), dir, next;
		bool whole = length <= PATH_BYTES_MAX;

		snprintf(name, sizeof(name), "%d", length);
		mkdirat(top, name, 0755);
		dir = openat(top, name, O_RDONLY | O_DIRECTORY);
		rest -= strlen(name) + 1;
		while (rest) {
			int take = rest > 202 ? 101 : rest > 101 ? rest / 2 : rest;

			memset(name, 'n', take - 1);
			name[take - 1] = 0;
			mkdirat(dir, name, 0755);
			next = openat(dir, name, O_RDONLY | O_DIRECTORY);
			close(dir);
			dir = next;
			rest -= take;
		}
		snprintf(what, sizeof(what), "a path of %d bytes", length);
		check(path_of(dir, ours) == (whole ? 0 : SECTION_TRUNCATED), what, "flags");
		/* Of a longer one the end is kept, in whole names. */
		check(whole ? strlen(ours) == (size_t)length : strlen(ours) <= PATH_BYTES_MAX, what,
		      "length");
		close(dir);
	}
}

/* Runs in a process of its own, which cannot leave its root again. */
static void test_root(int top)
{
	int outside = openat(top, "plain", O_RDONLY), status = 0;
	pid_t child;

	mkdirat(top, "root", 0755);
	mkdirat(top, "root/inside", 0755);
	fflush(stdout);
	child = fork();
	if (!child) {
		int before = failures_so_far();

		descriptors = open("/proc/self/fd", O_RDONLY | O_DIRECTORY);
		if (chroot("root") || chdir("/"))
			_exit(100);
		check_path(open("/inside", O_RDONLY), "in another root", 0);
		check_path(open("/", O_RDONLY), "another root itself", 0);
		check_path(outside, "outside the root", SECTION_OUTSIDE_ROOT);
		fflush(stdout);
		_exit(failures_so_far() - before);
	}
	waitpid(child, &status, 0);
	check(WIFEXITED(status) && !WEXITSTATUS(status), "paths in another root", "");
	close(outside);
}

void test_paths(int top)
{
	char name[256], what[64], place[PATH_BYTES_MAX];
	int fd, dir;

	descriptors = open("/proc/self/fd", O_RDONLY | O_DIRECTORY);
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
	test_long_paths(top, getcwd(place, sizeof(place)));
	test_root(top);
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
	mkdir("covered", 0755);
	fd = open("covered", O_RDONLY);
	mount("none", "covered", "tmpfs", 0, NULL);
	mount("none", "covered", "tmpfs", 0, NULL);
	check_path(open("covered/x", O_CREAT | O_RDWR, 0600), "below two mounts on one place", 0);
	check_path(fd, "below what covers it", 0);
	mkdirat(top, "bound", 0755);
	mkdirat(top, "bound/low", 0755);
	close(openat(top, "bound/low/f", O_CREAT | O_RDWR, 0600));
	close(openat(top, "file", O_CREAT | O_RDWR, 0600));
	mount("bound/low/f", "file", NULL, MS_BIND, NULL);
	check_path(openat(top, "file", O_RDWR), "a file that is a mount", 0);
	fd = openat(top, "bound/gone", O_CREAT | O_RDWR, 0600);
	renameat(top, "bound/gone", top, "bound/here");
	check_path(fd, "a renamed file", 0);
	linkat(top, "bound/here", top, "bound/there", 0);
	check_path(openat(top, "bound/there", O_RDONLY), "by its other name", 0);
	unlinkat(top, "bound/there", 0);
	check_path(fd, "by the name that is left", 0);
	dir = openat(top, "bound/low", O_RDONLY);
	check_path(openat(top, "bound", O_TMPFILE | O_RDWR, 0600), "a file without a name",
		   SECTION_UNLINKED);
	fd = syscall(SYS_memfd_create, "named", 0);
	char path[2 * PATH_BYTES_MAX];
	check(path_of(fd, path) == SECTION_DETACHED && !strcmp(path, "/memfd:named"), "a memfd",
	      path);
}

void test_identities(int top)
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
