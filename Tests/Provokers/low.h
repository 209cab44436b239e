/*
 * 32-bit system calls from a 64-bit program. Their pointers have 32 bits: what they point to must
 * be static, and the program not position-independent.
 */
#ifndef LOW_H
#define LOW_H

#include <errno.h>

static inline long call32_5(long number, long a, long b, long c, long d, long e)
{
	long result;

	asm volatile("int $0x80"
		     : "=a"(result)
		     : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
		     : "memory", "r8", "r9", "r10", "r11");
	result = (int)result;
	if (result < 0) {
		errno = -result;
		return -1;
	}
	return result;
}

static inline long call32(long number, long a, long b, long c)
{
	return call32_5(number, a, b, c, 0, 0);
}

#define OPEN32 5
#define EXECVE32 11
#define TRUNCATE32 92
#define OPENAT32 295
#define SOCKETCALL32 102
#define SOCKET32 359
#define CONNECT32 362
#define EXECVEAT32 358

/* Which call of socketcall(); uapi/linux/net.h, which sys/socket.h does not go with. */
#define SOCKETCALL_SOCKET 1
#define SOCKETCALL_CONNECT 3

#endif
