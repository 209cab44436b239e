/*
 * swap-open HOW DIR: opens DIR/f while a thread makes the same words mean DIR/g, until both have
 * been opened. HOW: link: a symbolic link changes; memory: the string itself does, as the call
 * reads it.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>
#include "provoke.h"

static char name[4096], other[4096], link_name[4096], new_link[4096];
static const char *how;
static atomic_bool done;

static void *swapping(void *nothing)
{
	(void)nothing;
	for (unsigned turn = 0; !done; turn++) {
		if (equal(how, "memory")) {
			*(volatile char *)&name[strlen(name) - 1] = turn % 2 ? 'f' : 'g';
		} else {
			unlink(new_link);
			must(symlink(turn % 2 ? "f" : "g", new_link), new_link);
			must(rename(new_link, link_name), link_name);
		}
	}
	return NULL;
}

int main(int argc, char **argv)
{
	struct stat f, g, opened;
	bool got_f = false, got_g = false;
	time_t end = time(NULL) + 60;
	pthread_t thread;

	if (argc != 3)
		usage("HOW DIR");
	how = argv[1];
	snprintf(name, sizeof(name), "%s/f", argv[2]);
	snprintf(other, sizeof(other), "%s/g", argv[2]);
	snprintf(link_name, sizeof(link_name), "%s/swapped", argv[2]);
	snprintf(new_link, sizeof(new_link), "%s/swapping", argv[2]);
	must(stat(name, &f), name);
	must(stat(other, &g), other);
	must(symlink("f", link_name), link_name);
	must(pthread_create(&thread, NULL, swapping, NULL), "pthread_create");
	while (!(got_f && got_g)) {
		int file = must(open(equal(how, "memory") ? name : link_name, O_RDONLY), how);

		must(fstat(file, &opened), "fstat");
		got_f |= opened.st_ino == f.st_ino;
		got_g |= opened.st_ino == g.st_ino;
		close(file);
		if (time(NULL) > end)
			fail("never both");
	}
	done = true;
	pthread_join(thread, NULL);
	return 0;
}
