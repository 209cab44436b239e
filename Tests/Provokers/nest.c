/*
 * nest CGROUP COUNT DIR EACH: makes COUNT cgroups in a row below CGROUP, and in each of them, from
 * within, EACH files of new names in DIR.
 */
#include "provoke.h"

static void enter(const char *cgroup)
{
	char path[512];
	int file;

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	file = must(open(path, O_WRONLY), path);
	must(write(file, "0", 1), path);
	close(file);
}

int main(int argc, char **argv)
{
	static const char *words[] = {"ant", "bee", "cat", "dog", "elk", "fox", "gnu", "hen"};
	long count = argc == 5 ? atol(argv[2]) : 0, each = argc == 5 ? atol(argv[4]) : 0;
	char cgroup[256];

	if (count <= 0 || each <= 0)
		usage("CGROUP COUNT DIR EACH");
	must(chdir(argv[3]), argv[3]);
	enter(argv[1]);
	for (long i = 0; i < count; i++) {
		snprintf(cgroup, sizeof(cgroup), "%s/n%ld", argv[1], i);
		must(mkdir(cgroup, 0755), cgroup);
		enter(cgroup);
		for (long j = 0; j < each; j++) {
			char name[64] = "", *end = name;

			for (long rest = i * each + j + 1; rest; rest /= 8)
				end = stpcpy(end, words[rest % 8]);
			close(must(open(name, O_WRONLY | O_CREAT, 0600), name));
			unlink(name);
		}
		enter(argv[1]);
		must(rmdir(cgroup), cgroup);
	}
	return 0;
}
