/* Words for the flags of an open. */
#ifndef HOW_H
#define HOW_H

#include "provoke.h"

static inline int how_of(char **words)
{
	static const struct {
		const char *name;
		int value;
	} flags[] = {
	    {"read", O_RDONLY},	  {"write", O_WRONLY},	  {"both", O_RDWR},
	    {"append", O_APPEND}, {"create", O_CREAT},	  {"trunc", O_TRUNC},
	    {"path", O_PATH},	  {"tmpfile", O_TMPFILE}, {"directory", O_DIRECTORY},
	};
	int how = 0;

	for (; *words; words++)
		for (unsigned f = 0; f < sizeof(flags) / sizeof(*flags); f++)
			if (equal(flags[f].name, *words))
				how |= flags[f].value;
	return how;
}

#endif
