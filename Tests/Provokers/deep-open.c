/* deep-open DIR COUNT: opens `f` below COUNT nested directories of 200 bytes each, then clears them
 * away. */
#include "provoke.h"

int main(int argc, char **argv)
{
	char name[201] = "";
	int depth = argc == 3 ? atoi(argv[2]) : 0;

	if (depth <= 0 || depth > 40)
		usage("DIR COUNT");
	memset(name, 'd', 200);
	must(chdir(argv[1]), argv[1]);
	for (int i = 0; i < depth; i++) {
		if (mkdirat(AT_FDCWD, name, 0700) < 0 && errno != EEXIST)
			fail("mkdir");
		must(chdir(name), "chdir");
	}
	must(open("f", O_RDWR | O_CREAT, 0600), "f");
	must(unlink("f"), "unlink");
	for (int i = 0; i < depth; i++) {
		must(chdir(".."), "chdir ..");
		must(rmdir(name), "rmdir");
	}
	return 0;
}
