/* reuse-open OLD NEW: opens a file, unlinks it, and opens a new one, on many file systems of the
 * same inode number. */
#include "provoke.h"

int main(int argc, char **argv)
{
	if (argc != 3)
		usage("OLD NEW");
	close(must(open(argv[1], O_RDONLY), argv[1]));
	must(unlink(argv[1]), "unlink");
	close(must(open(argv[2], O_RDONLY | O_CREAT, 0600), argv[2]));
	return 0;
}
