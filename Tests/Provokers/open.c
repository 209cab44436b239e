/* open CALL PATH [FLAG...]: one open of PATH through one way into the kernel. */
#include <linux/openat2.h>
#include "low.h"
#include "provoke.h"
#include "ring.h"

static const struct {
	const char *name;
	int value;
} flags[] = {
    {"read", O_RDONLY},	  {"write", O_WRONLY},	  {"both", O_RDWR},
    {"append", O_APPEND}, {"create", O_CREAT},	  {"trunc", O_TRUNC},
    {"path", O_PATH},	  {"tmpfile", O_TMPFILE}, {"directory", O_DIRECTORY},
};

static char low_path[4096];

static int open_by_handle(const char *path, int how)
{
	struct {
		struct file_handle handle;
		char bytes[MAX_HANDLE_SZ];
	} file = {.handle.handle_bytes = MAX_HANDLE_SZ};
	int mount_id;
	/* Any descriptor of the same file system names the mount; opening it is an act of its own.
	 */
	char directory[4096] = "/";

	snprintf(directory, sizeof(directory), "%s", path);
	*strrchr(directory, '/') = 0;
	int mount = must(open(*directory ? directory : "/", O_RDONLY | O_DIRECTORY), directory);

	must(name_to_handle_at(AT_FDCWD, path, &file.handle, &mount_id, 0), "name_to_handle_at");
	return open_by_handle_at(mount, &file.handle, how);
}

static int open_by_ring(const char *path, int how, int flags_of_entry)
{
	struct io_uring_sqe entry = {
	    .opcode = IORING_OP_OPENAT,
	    .fd = AT_FDCWD,
	    .addr = (unsigned long)path,
	    .open_flags = how,
	    .len = 0600,
	    .flags = flags_of_entry,
	};
	int result = ring_run(&entry);

	if (result < 0)
		errno = -result;
	return result < 0 ? -1 : result;
}

int main(int argc, char **argv)
{
	int how = 0, opened;

	if (argc < 3)
		usage("CALL PATH [FLAG...]");
	const char *call = argv[1], *path = argv[2];
	for (int i = 3; i < argc; i++)
		for (unsigned f = 0; f < sizeof(flags) / sizeof(*flags); f++)
			if (equal(flags[f].name, argv[i]))
				how |= flags[f].value;

	if (equal(call, "open")) {
		opened = syscall(SYS_open, path, how, 0600);
	} else if (equal(call, "creat")) {
		opened = syscall(SYS_creat, path, 0600);
	} else if (equal(call, "openat")) {
		opened = syscall(SYS_openat, AT_FDCWD, path, how, 0600);
	} else if (equal(call, "openat2")) {
		struct open_how open_how = {.flags = how, .mode = how & O_CREAT ? 0600 : 0};
		opened = syscall(SYS_openat2, AT_FDCWD, path, &open_how, sizeof(open_how));
	} else if (equal(call, "handle")) {
		opened = open_by_handle(path, how);
	} else if (equal(call, "open32") || equal(call, "openat32")) {
		strncpy(low_path, path, sizeof(low_path) - 1);
		opened = equal(call, "open32") ? call32(OPEN32, (long)low_path, how, 0600)
					       : call32(OPENAT32, AT_FDCWD, (long)low_path, how);
	} else if (equal(call, "io_uring")) {
		opened = open_by_ring(path, how, 0);
	} else if (equal(call, "io_uring_async")) {
		opened = open_by_ring(path, how, IOSQE_ASYNC);
	} else {
		usage("CALL PATH [FLAG...]");
	}
	must(opened, path);
	return 0;
}
