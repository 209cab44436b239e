/* reopen PATH: takes it as O_PATH, then opens it for writing through /proc/self/fd. */
#include "provoke.h"

int main(int argc, char **argv)
{
	char again[64];

	if (argc != 2)
		usage("PATH");
	snprintf(again, sizeof(again), "/proc/self/fd/%ld", must(open(argv[1], O_PATH), argv[1]));
	must(open(again, O_WRONLY), again);
	return 0;
}
