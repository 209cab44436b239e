/* exec-deep TARGET DIR COUNT: runs a copy of TARGET below COUNT nested directories of 200 bytes
 * each. */
#include <sys/sendfile.h>
#include "provoke.h"

int main(int argc, char **argv)
{
	char name[201] = "";
	int depth = argc == 4 ? atoi(argv[3]) : 0, status;

	if (depth <= 0 || depth > 40)
		usage("TARGET DIR COUNT");
	memset(name, 'x', 200);
	int source = must(open(argv[1], O_RDONLY | O_CLOEXEC), argv[1]);
	must(chdir(argv[2]), argv[2]);
	for (int i = 0; i < depth; i++) {
		must(mkdirat(AT_FDCWD, name, 0700), "mkdir");
		must(chdir(name), "chdir");
	}
	int copy = must(open("t", O_CREAT | O_EXCL | O_WRONLY, 0700), "t");
	while (must(sendfile(copy, source, NULL, 1 << 20), "sendfile") > 0)
		;
	close(copy);
	pid_t child = must(fork(), "fork");
	if (child == 0) {
		execl("./t", "t", NULL);
		fail("./t");
	}
	must(waitpid(child, &status, 0), "waitpid");
	must(unlink("t"), "unlink");
	for (int i = 0; i < depth; i++) {
		must(chdir(".."), "chdir ..");
		must(rmdir(name), "rmdir");
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
