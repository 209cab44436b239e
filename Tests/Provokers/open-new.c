/* open-new DIR COUNT: makes COUNT files of different names, and removes each at once. */
#include "provoke.h"

int main(int argc, char **argv)
{
	static const char *words[] = {"ant", "bee", "cat", "dog", "elk", "fox", "gnu", "hen"};
	long count = argc == 3 ? atol(argv[2]) : 0;

	if (count <= 0)
		usage("DIR COUNT");
	must(chdir(argv[1]), argv[1]);
	for (long i = 0; i < count; i++) {
		/* Words, so that no monitor may take the names for numbers of one file. */
		char name[64] = "", *end = name;
		for (long rest = i + 1; rest; rest /= 8)
			end = stpcpy(end, words[rest % 8]);
		close(must(open(name, O_WRONLY | O_CREAT, 0600), name));
		unlink(name);
	}
	return 0;
}
