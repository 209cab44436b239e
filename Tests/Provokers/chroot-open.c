/* chroot-open ROOT PATH: opens PATH as seen from ROOT. */
#include "provoke.h"

int main(int argc, char **argv)
{
	if (argc != 3)
		usage("ROOT PATH");
	must(chroot(argv[1]), "chroot");
	must(chdir("/"), "chdir");
	must(open(argv[2], O_RDONLY), argv[2]);
	return 0;
}
