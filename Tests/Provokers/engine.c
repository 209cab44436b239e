/*
 * engine ... [unix://]SOCKET: a container engine that takes every connection and never answers.
 * Runs under the name of a real one, and with the words by which those say where they listen.
 */
#include "provoke.h"
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>

int main(int argc, char **argv)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char *path;

	if (argc < 2)
		usage("... [unix://]SOCKET");
	path = strstr(argv[argc - 1], "unix://");
	path = path ? path + strlen("unix://") : argv[argc - 1];
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	unlink(path);
	int listener = must(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
	must(bind(listener, (void *)&address, sizeof(address)), path);
	must(listen(listener, 128), path);
	must(prctl(PR_SET_PDEATHSIG, SIGKILL), "prctl");
	for (;;)
		pause();
}
