/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Contexts of the programs in harness.bpf.c. */
#pragma once

#define KEY_WORDS 4

struct path_test {
	uint64_t fd;
	uint64_t cpu; /* out */
};

struct identity_test {
	uint64_t fd;
	struct novelty_key key; /* out */
};

struct key_test {
	uint64_t cgroup;
	uint64_t kind;
	uint64_t ids[KEY_WORDS];
	uint64_t words[KEY_WORDS];
	struct novelty_key key; /* out */
};

struct quota_test {
	uint64_t cgroup;
	uint64_t kind;
	uint64_t salient;
	uint64_t allowed; /* out */
};

struct words_test {
	uint64_t cpu; /* out */
	struct novelty_key key; /* out */
};

struct act_test {
	uint64_t cgroup;
	uint64_t word;
};
