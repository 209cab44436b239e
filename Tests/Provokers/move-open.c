/* move-open CGROUP FIRST OTHER SECOND: opens one file in a cgroup, then another in another. */
#include "provoke.h"

static void enter(const char *directory)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/cgroup.procs", directory);
	int file = must(open(path, O_WRONLY | O_CLOEXEC), path);
	must(write(file, "0", 1), path);
	close(file);
}

int main(int argc, char **argv)
{
	if (argc != 5)
		usage("CGROUP FIRST OTHER SECOND");
	enter(argv[1]);
	must(open(argv[2], O_RDONLY), argv[2]);
	enter(argv[3]);
	must(open(argv[4], O_RDONLY), argv[4]);
	return 0;
}
