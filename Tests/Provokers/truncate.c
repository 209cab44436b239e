/* truncate PATH [32]: a write that opens nothing; by the 32-bit call. */
#include "low.h"
#include "provoke.h"

static char low_path[4096];

int main(int argc, char **argv)
{
	if (argc < 2)
		usage("PATH [32]");
	strncpy(low_path, argv[1], sizeof(low_path) - 1);
	must(argc > 2 ? call32(TRUNCATE32, (long)low_path, 0, 0) : truncate(low_path, 0), low_path);
	return 0;
}
