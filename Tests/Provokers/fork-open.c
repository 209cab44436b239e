/* fork-open PATH: a child that never executed anything opens PATH. */
#include "provoke.h"

int main(int argc, char **argv)
{
	if (argc != 2)
		usage("PATH");
	pid_t child = must(fork(), "fork");
	if (child == 0) {
		must(open(argv[1], O_RDONLY), argv[1]);
		_exit(0);
	}
	finish_with(child);
}
