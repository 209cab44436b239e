/* What an attacker brings: as a program, a miner that talks to its pool and burns a little; as a library, its constructor. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <unistd.h>

#ifdef LIBRARY
__attribute__((constructor)) static void loaded(void)
{
	getppid();
}
#else
int main(int count, char **words)
{
	volatile unsigned long burnt = 0;

	if (count == 3) {
		struct sockaddr_in pool = { .sin_family = AF_INET, .sin_port = htons(atoi(words[2])) };
		int s = socket(AF_INET, SOCK_STREAM, 0);

		inet_pton(AF_INET, words[1], &pool.sin_addr);
		if (connect(s, (struct sockaddr *)&pool, sizeof(pool)) || write(s, "{}\n", 3) != 3)
			return 1;
	}
	while (burnt < 30000000)
		burnt++;
	return 0;
}
#endif
