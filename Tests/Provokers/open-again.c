/* open-again COUNT PATH...: COUNT reads in all, of the paths in turn. */
#include "provoke.h"

int main(int argc, char **argv)
{
	long count = argc > 2 ? atol(argv[1]) : 0;

	if (count <= 0)
		usage("COUNT PATH...");
	for (long i = 0; i < count; i++) {
		const char *path = argv[2 + i % (argc - 2)];
		int file = must(open(path, O_RDONLY), path);
		close(file);
	}
	return 0;
}
