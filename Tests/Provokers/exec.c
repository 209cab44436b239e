/* exec HOW TARGET [ARGUMENT...]: becomes TARGET by an unusual way. */
#include <sys/mman.h>
#include <sys/sendfile.h>
#include "low.h"
#include "provoke.h"

static char low_path[256];
static unsigned low_arguments[2];

static void copy(const char *from, int to)
{
	int source = must(open(from, O_RDONLY | O_CLOEXEC), from);
	struct stat status;

	must(fstat(source, &status), "fstat");
	while (must(sendfile(to, source, NULL, status.st_size), "sendfile") > 0)
		;
	close(source);
}

/* A descriptor open for writing cannot be executed. */
static int read_only(int writable)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", writable);
	int file = must(open(path, O_RDONLY), path);
	close(writable);
	return file;
}

int main(int argc, char **argv, char **environment)
{
	if (argc < 3)
		usage("HOW TARGET [ARGUMENT...]");
	const char *how = argv[1], *target = argv[2];
	char **arguments = argv + 2, path[4096];

	if (equal(how, "plain")) {
		execv(target, arguments);
	} else if (equal(how, "symlink") || equal(how, "hardlink")) {
		/* The link is the first argument. */
		const char *link_path = argc > 3 ? argv[3] : "link";
		must(equal(how, "symlink") ? symlink(target, link_path) : link(target, link_path),
		     "link");
		execv(link_path, arguments);
	} else if (equal(how, "memfd") || equal(how, "memfd-proc") || equal(how, "memfd-script")) {
		int file = must(memfd_create("payload", 0), "memfd_create");
		copy(target, file);
		if (!equal(how, "memfd-proc"))
			syscall(SYS_execveat, file, "", arguments, environment, AT_EMPTY_PATH);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
		execv(path, arguments);
	} else if (equal(how, "tmpfile")) {
		int file =
		    must(open(argc > 3 ? argv[3] : ".", O_TMPFILE | O_RDWR, 0700), "tmpfile");
		copy(target, file);
		file = read_only(file);
		syscall(SYS_execveat, file, "", arguments, environment, AT_EMPTY_PATH);
	} else if (equal(how, "deleted") || equal(how, "dropped")) {
		/* The place of the copy is the first argument. */
		const char *place = argc > 3 ? argv[3] : "copy";
		int file = must(open(place, O_CREAT | O_EXCL | O_RDWR, 0700), place);
		copy(target, file);
		file = read_only(file);
		if (equal(how, "dropped"))
			execv(place, arguments);
		must(unlink(place), "unlink");
		syscall(SYS_execveat, file, "", arguments, environment, AT_EMPTY_PATH);
	} else if (equal(how, "descriptor") || equal(how, "descriptor-script")) {
		/* The interpreter of a script opens what it is given. */
		int flags = equal(how, "descriptor") ? O_PATH | O_CLOEXEC : O_PATH;
		syscall(SYS_execveat, must(open(target, flags), target), "", arguments, environment,
			AT_EMPTY_PATH);
	} else if (equal(how, "directory")) {
		char *last = strrchr(target, '/');
		snprintf(path, sizeof(path), "%.*s", (int)(last - target), target);
		syscall(SYS_execveat, must(open(path, O_PATH | O_CLOEXEC), path), last + 1,
			arguments, environment, 0);
	} else if (equal(how, "self")) {
		if (equal(target, "again"))
			return 0;
		char *again[] = {argv[0], "self", "again", NULL};
		execv("/proc/self/exe", again);
	} else if (equal(how, "exec32")) {
		strncpy(low_path, target, sizeof(low_path) - 1);
		low_arguments[0] = (unsigned long)low_path;
		call32(EXECVE32, (long)low_path, (long)low_arguments, 0);
	} else if (equal(how, "execveat32")) {
		strncpy(low_path, target, sizeof(low_path) - 1);
		low_arguments[0] = (unsigned long)low_path;
		call32_5(EXECVEAT32, AT_FDCWD, (long)low_path, (long)low_arguments, 0, 0);
	} else if (equal(how, "many")) {
		/* The number of words is the first argument. */
		int count = argc > 3 ? atoi(argv[3]) : 100;
		char **words = calloc(count + 1, sizeof(*words));
		for (int i = 0; i < count; i++)
			must(asprintf(&words[i], "word%d", i), "asprintf");
		execv(target, words);
	} else {
		usage("HOW TARGET [ARGUMENT...]");
	}
	fail(target);
}
