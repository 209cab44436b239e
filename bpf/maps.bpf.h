/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* What userland sets, and what the kernel half keeps. */
#pragma once

struct allowance {
	u64 rate; /* acts a second, in thousandths */
	u64 burst; /* the bucket's size, in thousandths */
};

/* Set before the program is loaded, so that the verifier removes what is switched off. */
struct config {
	u64 secret[2]; /* random per start, odd: nobody outside can make two acts collide */
	struct allowance quotas[BUCKETS]; /* novel acts of each workload */
	u64 tick; /* nanoseconds of one jiffy: the resolution of CLOCK_MONOTONIC_COARSE */
	u32 own_tgid; /* the monitor itself, never reported */
	s32 cgroup_subsys; /* -1: cgroup2 names workloads; else the v1 controller that does */
	s32 hierarchy; /* cgroup_root.hierarchy_id of that hierarchy; 0: cgroup2 */
	u32 first_seen; /* 0: every act is a record */
};
const volatile struct config config SEC(".rodata.config");

/* Set while the program runs. */
struct control {
	u64 epoch; /* part of every key: another one makes every behaviour new again */
	u64 incidents_active; /* 0: `incidents` is empty, no need to look */
	u64 unix_woken; /* 0: that program is not attached */
	u64 hears; /* 0: recvmsg4 or recvmsg6 is not attached */
	u64 restrictions; /* 0: `restrictions` is empty, no need to look */
};
volatile struct control control SEC(".data.control");

/*
 * 128 Ki behaviours: a node with 100 workloads of 1,000 each fits. The least recently seen one
 * falls out, and is merely told again. 10 MiB.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 131072);
	__type(key, struct novelty_key);
	__type(value, struct novelty);
} novelties SEC(".maps");

/*
 * By the cgroup that owns it (owner_of()). 8 Ki: several times the workloads of a large node; a
 * bucket that falls out is full again.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, u64);
	__type(value, struct quota);
} quotas SEC(".maps");

/* Topmost cgroups of workloads, as userland knows them; removed with the cgroup. As many as quotas:
 * what falls out is found again one level up, or stands for itself. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, u64);
	__type(value, u8);
} owners SEC(".maps");

/* Execs that were told, without their words: 16 Ki pairs of program and parent. What falls out
 * stands out once more. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct novelty_key);
	__type(value, u8);
} outlines SEC(".maps");

/* By thread group id. Twice the default pid_max. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, u32);
	__type(value, struct process);
} procs SEC(".maps");

struct incident {
	u64 start; /* of the process, since thread group ids are reused */
	u64 id;
};

/* By thread group id: processes below an anomalous exec. Userland writes the first, fork the rest.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__uint(map_flags, 1); /* BPF_F_NO_PREALLOC: nearly always empty */
	__type(key, u32);
	__type(value, struct incident);
} incidents SEC(".maps");

/*
 * By cgroup. Userland sets the size, which is memory times CPUs; makes the account of NOBODY, for
 * acts that find no place; and closes those of cgroups that are gone.
 */
#define NOBODY 0
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 512);
	__type(key, u64);
	__type(value, struct account);
} ledger SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, NEWS_KINDS);
	__type(key, u32);
	__type(value, struct news);
} news SEC(".maps");

/* exec, connect, listen, cgroups, exits. Userland sets the size of both rings: 2 MiB are 3,000
 * execs unread. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4 << 20);
} control_ring SEC(".maps");

/* Opens have their own, so that a flood of them pushes nothing else out. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 << 20);
} opens_ring SEC(".maps");

/* What resolvers answered: a whole burst of one workload in the largest size, of ten in the usual.
 */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 512 << 10);
} answers_ring SEC(".maps");

/* Programs that share a scratch buffer, since no two of them run on a CPU at once (ring.bpf.h). */
enum family {
	FAMILY_EXEC,
	FAMILY_CONNECT,
	FAMILY_LISTEN,
	FAMILY_OPEN,
	FAMILY_CGROUP,
	FAMILY_ANSWER,
	FAMILIES,
};

struct buffer {
	u8 bytes[RECORD_MAX] __attribute__((aligned(8)));
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, FAMILIES);
	__type(key, u32);
	__type(value, struct buffer);
} buffers SEC(".maps");

/* State beside the buffer. Pointers are kept as numbers: that is how they reach global functions.
 */
struct work {
	u64 busy;
	u64 length; /* of the record so far */
	struct novelty_key key;
	u64 subject; /* struct file * or struct sock * that the act is about */
	/* path.bpf.h: one walk */
	u64 dentry;
	u64 mount; /* struct vfsmount * */
	u64 root_dentry;
	u64 root_mount;
	u64 section; /* where its section starts */
	struct qstr name; /* of the component at hand */
	u32 flags; /* enum section_flag */
	u32 done;
	struct novelty_key outline; /* exec.bpf.h: the key before the words are mixed in */
	/* exec.bpf.h: NULs among the arguments, and where the last one kept ends */
	u64 words;
	u64 cut;
	u64 before_cut;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, FAMILIES);
	__type(key, u32);
	__type(value, struct work);
} works SEC(".maps");

/* By CPU: records submitted. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} sequences SEC(".maps");
