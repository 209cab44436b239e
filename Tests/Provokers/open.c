/* open CALL PATH [FLAG...]: one open of PATH through one way into the kernel. */
#include <linux/openat2.h>
#include <mqueue.h>
#include "how.h"
#include "low.h"

#ifndef SYS_open_tree
#define SYS_open_tree 428
#endif

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

int main(int argc, char **argv)
{
	int how, opened;

	if (argc < 3)
		usage("CALL PATH [FLAG...]");
	const char *call = argv[1], *path = argv[2];

	how = how_of(argv + 3);
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
	} else if (equal(call, "open_tree")) {
		opened = syscall(SYS_open_tree, AT_FDCWD, path, 0);
	} else if (equal(call, "mq_open")) {
		opened = mq_open(path, how | O_CREAT, 0600, NULL);
		mq_unlink(path);
	} else if (equal(call, "open32") || equal(call, "openat32")) {
		strncpy(low_path, path, sizeof(low_path) - 1);
		opened = equal(call, "open32") ? call32(OPEN32, (long)low_path, how, 0600)
					       : call32(OPENAT32, AT_FDCWD, (long)low_path, how);
	} else {
		usage("CALL PATH [FLAG...]");
	}
	must(opened, path);
	return 0;
}
