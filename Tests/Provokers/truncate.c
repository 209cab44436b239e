/* truncate PATH: a write that opens nothing. */
#include "provoke.h"

int main(int argc, char **argv)
{
	if (argc != 2)
		usage("PATH");
	must(truncate(argv[1], 0), argv[1]);
	return 0;
}
