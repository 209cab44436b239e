/* rename-open OLD NEW: opens a file, renames it, opens it under its new name. */
#include "provoke.h"

int main(int argc, char **argv)
{
	if (argc != 3)
		usage("OLD NEW");
	must(open(argv[1], O_RDONLY), argv[1]);
	must(rename(argv[1], argv[2]), "rename");
	must(open(argv[2], O_RDONLY), argv[2]);
	return 0;
}
