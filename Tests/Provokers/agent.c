/*
 * agent FIFO: a workload that does what it is told, one line of words at a time, itself or as the
 * parent of what it runs. It answers each line with `.` on standard output, or with a reason.
 *
 *   open PATH FLAGS      FLAGS: r w rw, then + to create     at FD PATH: read relative to a
 * descriptor connect ADDR PORT    listen PORT: for a moment            sendto ADDR PORT run FILE
 * WORD...     memfd FILE WORD...: a nameless copy  drop FROM TO: copies a program reverse ADDR PORT
 * SHELL WORD...: a shell on a connection  flood DIR COUNT: makes COUNT files
 */
#include <sys/mman.h>
#include <sys/sendfile.h>
#include "peer.h"

#define WORDS 64

static int answer(const char *what)
{
	if (what)
		printf("%s: %s\n", what, strerror(errno));
	else
		puts(".");
	fflush(stdout);
	return 0;
}

static int copy(const char *from, int to)
{
	int source = open(from, O_RDONLY | O_CLOEXEC);
	long sent;

	if (source < 0)
		return -1;
	while ((sent = sendfile(to, source, NULL, 1 << 20)) > 0)
		;
	close(source);
	return sent;
}

static int called(int type, const char *address, const char *port)
{
	union peer peer;
	socklen_t length = peer_of(&peer, address, port);
	int made = socket(peer.any.sa_family, type | SOCK_CLOEXEC, 0);

	if (type == SOCK_DGRAM) {
		sendto(made, "x", 1, 0, &peer.any, length);
	} else if (connect(made, &peer.any, length) < 0 && errno != ECONNREFUSED) {
		close(made);
		return -1;
	}
	return made;
}

/* Starts `words` as a child, from a file descriptor if `file` is one, with `stdio` in place of 0-2.
 */
static int child(char **words, int file, int stdio)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		for (int i = 0; stdio >= 0 && i < 3; i++)
			dup2(stdio, i);
		if (file >= 0)
			syscall(SYS_execveat, file, "", words, environ, AT_EMPTY_PATH);
		else
			execv(words[0], words);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	return pid < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 127) ? -1 : 0;
}

static int opened(const char *path, const char *flags)
{
	int how = strchr(flags, 'w') ? (strchr(flags, 'r') ? O_RDWR : O_WRONLY) : O_RDONLY;
	int file = open(path, how | (strchr(flags, '+') ? O_CREAT : 0) | O_CLOEXEC, 0600);

	return file < 0 ? -1 : close(file);
}

static int listening(const char *port)
{
	union peer self;
	socklen_t length = peer_of(&self, "0.0.0.0", port);
	int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;

	setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(made, &self.any, length) < 0 || listen(made, 8) < 0)
		return -1;
	return close(made);
}

static int dropped(const char *from, const char *to)
{
	int file = open(to, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0700);

	if (file < 0 || copy(from, file) < 0)
		return -1;
	return close(file);
}

static int flooded(const char *directory, long count)
{
	static const char *words[] = {"ant", "bee", "cat", "dog", "elk", "fox", "gnu", "hen"};

	for (long i = 0; i < count; i++) {
		char path[512], *end = path + snprintf(path, 256, "%s/", directory);
		for (long rest = i + 1; rest; rest /= 8)
			end = stpcpy(end, words[rest % 8]);
		int file = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
		if (file < 0)
			return -1;
		close(file);
		unlink(path);
	}
	return 0;
}

static int act(char **words, int count)
{
	const char *verb = words[0];
	int file;

	if (equal(verb, "open") && count == 3)
		return opened(words[1], words[2]);
	if (equal(verb, "at") && count == 3)
		return (file = openat(atoi(words[1]), words[2], O_RDONLY)) < 0 ? -1 : close(file);
	if (equal(verb, "connect") && count == 3)
		return (file = called(SOCK_STREAM, words[1], words[2])) < 0 ? -1 : close(file);
	if (equal(verb, "sendto") && count == 3)
		return close(called(SOCK_DGRAM, words[1], words[2]));
	if (equal(verb, "listen") && count == 2)
		return listening(words[1]);
	if (equal(verb, "run") && count > 1)
		return child(words + 1, -1, -1);
	if (equal(verb, "drop") && count == 3)
		return dropped(words[1], words[2]);
	if (equal(verb, "flood") && count == 3)
		return flooded(words[1], atol(words[2]));
	if (equal(verb, "memfd") && count > 1) {
		file = memfd_create("payload", MFD_CLOEXEC);
		return copy(words[1], file) < 0 || child(words + 1, file, -1) < 0 ? -1
										  : close(file);
	}
	if (equal(verb, "reverse") && count > 3) {
		file = called(SOCK_STREAM, words[1], words[2]);
		return file < 0 || child(words + 3, -1, file) < 0 ? -1 : close(file);
	}
	errno = EINVAL;
	return -1;
}

int main(int argc, char **argv)
{
	char line[4096];

	if (argc != 2)
		usage("FIFO");
	/* Open both ways: the agent never meets the end of its orders. */
	FILE *orders = fdopen(must(open(argv[1], O_RDWR | O_CLOEXEC), argv[1]), "r");
	while (fgets(line, sizeof(line), orders)) {
		char *words[WORDS + 1] = {}, *rest = NULL;
		int count = 0;
		for (char *word = strtok_r(line, " \n", &rest); word && count < WORDS;
		     word = strtok_r(NULL, " \n", &rest))
			words[count++] = word;
		if (count)
			answer(act(words, count) < 0 ? words[0] : NULL);
	}
	return 0;
}
