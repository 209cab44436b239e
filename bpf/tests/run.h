/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* What the parts of the test share. */
#pragma once

#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../event.h"
#include "harness.h"

/* As in maps.bpf.h. */
struct config {
	uint64_t secret[2], quotas[BUCKETS][2], tick;
	uint32_t own_tgid;
	int32_t cgroup_subsys, hierarchy;
	uint32_t first_seen;
};
enum { FAMILY_EXEC, FAMILY_OPEN = 3 };
#define BURST 5
#define OPENS_RING 4096
#define WORDS_VARIABLE "DRIFTWATCH_BPF_WORDS"

extern struct bpf_object *object;

void check(bool right, const char *what, const char *detail);
int failures_so_far(void);
/* Runs a program of the harness, and ends the test where it cannot run. */
void call(const char *program, void *context, size_t size);
int program_of(const char *name);
int map_of(const char *name);
bool same(struct novelty_key a, struct novelty_key b);

void test_paths(int top);
void test_identities(int top);
void test_words(void);
/* The other half of test_words(): in a process that was started with the words. */
int report_words(void);
void test_acts(void);
