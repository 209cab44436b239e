/*
 * reopen PATH: takes it as O_PATH, then opens it for writing through /proc/self/fd.
 * reopen memfd:NAME: a memfd in its place.
 */
#include <sys/mman.h>
#include "provoke.h"

int main(int argc, char **argv)
{
	char again[64];

	if (argc != 2)
		usage("PATH");
	long held =
	    strncmp(argv[1], "memfd:", 6) ? open(argv[1], O_PATH) : memfd_create(argv[1] + 6, 0);
	snprintf(again, sizeof(again), "/proc/self/fd/%ld", must(held, argv[1]));
	must(open(again, O_WRONLY), again);
	return 0;
}
