/*
 * Preloaded into crun where the machine itself may not raise RLIMIT_MEMLOCK: a refused limit is
 * reported as set, so that a runtime's default spec still starts.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/resource.h>

typedef int (*set_limit)(__rlimit_resource_t, const struct rlimit *);

static int forgiving(const char *name, __rlimit_resource_t resource, const struct rlimit *limit)
{
	set_limit real = (set_limit)dlsym(RTLD_NEXT, name);
	int result = real(resource, limit);

	return resource == RLIMIT_MEMLOCK ? 0 : result;
}

int setrlimit(__rlimit_resource_t resource, const struct rlimit *limit)
{
	return forgiving("setrlimit", resource, limit);
}

int setrlimit64(__rlimit_resource_t resource, const struct rlimit64 *limit)
{
	return forgiving("setrlimit64", resource, (const struct rlimit *)limit);
}
