/*
 * within HOW ... COMMAND [ARGUMENT...]: becomes COMMAND in surroundings of its own.
 *   chroot DIR
 *   pivot DIR              pivot_root() to it, in a mount namespace
 *   user                   a user namespace
 *   bind FROM TO           FROM bound over TO
 *   tmpfs DIR              an empty file system there
 *   overlay LOWER DIR      LOWER at DIR/merged, below a layer in memory
 *   binfmt NAME INTERPRETER MAGIC   INTERPRETER for files that begin with MAGIC, meanwhile
 */
#include <sched.h>
#include <sys/mount.h>
#include "provoke.h"

#define BINFMT "/proc/sys/fs/binfmt_misc"

static void new_mounts(void)
{
	must(unshare(CLONE_NEWNS), "unshare");
	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "make mounts private");
}

static void put(const char *path, const char *text)
{
	int file = must(open(path, O_WRONLY | O_CLOEXEC), path);

	must(write(file, text, strlen(text)), path);
	close(file);
}

/* LOWER below DIR/merged, and what is written in memory. */
static void overlay(const char *lower, const char *dir)
{
	char options[4096];

	must(mount("tmpfs", dir, "tmpfs", 0, NULL), dir);
	must(chdir(dir), dir);
	must(mkdir("upper", 0700), "upper");
	must(mkdir("work", 0700), "work");
	must(mkdir("merged", 0700), "merged");
	snprintf(options, sizeof(options), "lowerdir=%s,upperdir=upper,workdir=work", lower);
	must(mount("overlay", "merged", "overlay", 0, options), "overlay");
}

/* Handlers are the whole machine's: this one is gone before anything else is done. */
static void with_handler(char **words, char **command)
{
	char text[4096], path[4096];
	pid_t child;
	int status;

	new_mounts();
	if (access(BINFMT "/register", W_OK) < 0 &&
	    mount("binfmt_misc", BINFMT, "binfmt_misc", 0, NULL) < 0)
		exit(77);
	snprintf(text, sizeof(text), ":%s:M::%s::%s:", words[0], words[2], words[1]);
	snprintf(path, sizeof(path), BINFMT "/%s", words[0]);
	put(BINFMT "/register", text);
	child = fork();
	if (child == 0) {
		execv(command[0], command);
		fail(command[0]);
	}
	waitpid(child, &status, 0);
	put(path, "-1");
	exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

int main(int argc, char **argv)
{
	const char *how = argc > 2 ? argv[1] : "";
	char **words = argv + 2;

	if (equal(how, "chroot")) {
		must(chroot(*words), *words);
		must(chdir("/"), "/");
		words++;
	} else if (equal(how, "pivot")) {
		new_mounts();
		must(mount(*words, *words, NULL, MS_BIND, NULL), *words);
		must(chdir(*words), *words);
		must(syscall(SYS_pivot_root, ".", "."), "pivot_root");
		must(umount2(".", MNT_DETACH), "umount");
		must(chdir("/"), "/");
		words++;
	} else if (equal(how, "user")) {
		must(unshare(CLONE_NEWUSER), "unshare");
	} else if (equal(how, "bind") && argc > 4) {
		new_mounts();
		must(mount(words[0], words[1], NULL, MS_BIND, NULL), words[1]);
		words += 2;
	} else if (equal(how, "overlay") && argc > 4) {
		new_mounts();
		overlay(words[0], words[1]);
		words += 2;
	} else if (equal(how, "tmpfs")) {
		new_mounts();
		must(mount("tmpfs", *words, "tmpfs", 0, NULL), *words);
		words++;
	} else if (equal(how, "binfmt") && argc > 5) {
		with_handler(words, words + 3);
	} else {
		usage("HOW ... COMMAND [ARGUMENT...]");
	}
	execv(*words, words);
	fail(*words);
}
