/* exec-new COUNT: executes itself COUNT times, each time with other words. */
#include <spawn.h>
#include "provoke.h"

int main(int argc, char **argv)
{
	long count = argc == 2 ? atol(argv[1]) : 0;
	char word[32];

	if (argc == 3)
		return 0;
	if (count <= 0)
		usage("COUNT");
	for (long i = 0; i < count; i++) {
		char *words[] = {argv[0], "word", word, NULL};
		pid_t child;

		snprintf(word, sizeof(word), "%ld", i);
		if ((errno = posix_spawn(&child, "/proc/self/exe", NULL, NULL, words, environ)))
			fail("posix_spawn");
		waitpid(child, NULL, 0);
	}
	return 0;
}
