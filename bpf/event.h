/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The wire format: what the kernel half writes into its rings, and what Events decodes.
 *
 * A record is a `struct record`, followed by the fixed part of its kind, followed by sections:
 * a `struct section`, its bytes, and zeros up to the next multiple of eight. A reader passes over a
 * section that it does not know. Integers are in the byte order of the machine; everything is
 * naturally aligned and every gap has a name.
 */
#ifndef DRIFTWATCH_EVENT_H
#define DRIFTWATCH_EVENT_H

#ifndef __bpf__
#include <stdint.h>
#else
typedef unsigned char uint8_t;
typedef unsigned short uint16_t;
typedef unsigned int uint32_t;
typedef unsigned long long uint64_t;
typedef long long int64_t;
#endif

enum record_kind : uint16_t {
	RECORD_EXEC = 1, /* struct exec_record */
	RECORD_CONNECT = 2, /* struct connect_record */
	RECORD_LISTEN = 3, /* struct listen_record */
	RECORD_OPEN = 4, /* struct open_record */
	RECORD_CGROUP_MADE = 5, /* struct cgroup_record */
	RECORD_CGROUP_REMOVED = 6, /* struct cgroup_record */
	RECORD_CGROUP_RENAMED = 7, /* struct cgroup_record */
	RECORD_EXIT = 8, /* struct exit_record */
	RECORD_ANSWER = 9, /* struct answer_record */
};

/* The kinds that the first-seen filter and the ledger count: RECORD_EXEC..RECORD_OPEN less one. */
#define COUNTED_KINDS 4

enum section_field : uint16_t {
	/*
	 * A path: its components from the last to the first, each followed by a NUL. An empty
	 * section is the root itself. Never holds a slash.
	 */
	FIELD_EXECUTABLE = 1, /* path of the acting process's executable */
	FIELD_PARENT_EXECUTABLE = 2, /* path */
	FIELD_WORKING_DIRECTORY = 3, /* path */
	FIELD_FILE = 4, /* path: open: the file; connect: the unix socket */
	/* Plain bytes. */
	FIELD_FILENAME = 5, /* exec: what was asked for */
	FIELD_INTERPRETER = 6, /* exec: only of a script */
	FIELD_ARGUMENTS = 7, /* exec: words, each followed by a NUL */
	FIELD_CGROUP_PATH = 8, /* absolute, from the root of its hierarchy */
	FIELD_UNIX_NAME = 9, /* connect: sun_path as bound: an abstract one begins with a NUL */
	FIELD_ANCESTORS = 10, /* exec: struct ancestor, from the parent's parent upwards */
	FIELD_LOGIN = 11, /* exec: struct login */
	FIELD_TERMINAL = 12, /* exec: name of the controlling terminal, as `pts0`; only if any */
	FIELD_ANSWER = 13, /* answer: the message, RFC 1035 section 4 */
};

enum section_flag : uint16_t {
	SECTION_TRUNCATED = 1 << 0, /* the bytes are not whole */
	SECTION_OUTSIDE_ROOT = 1 << 1, /* path: the walk ended without meeting the process's root */
	SECTION_DETACHED =
	    1 << 2, /* path: of a mount in no namespace: memfd, pipe, anonymous inode */
	SECTION_UNLINKED = 1 << 3, /* path: the last component has lost its name */
	SECTION_OUTSIDE_MOUNT = 1 << 4, /* path: the file lies above the root of its own mount */
};

struct section {
	uint16_t field; /* enum section_field */
	uint16_t flags; /* enum section_flag */
	uint32_t length; /* bytes, without the padding */
};

/* 128 bits that name one behaviour for as long as the monitor runs. */
struct novelty_key {
	uint64_t high;
	uint64_t low;
};

/* What the filter knows of one behaviour. Times are nanoseconds since boot, suspend included. */
struct novelty {
	uint64_t count; /* acts seen, the first included */
	uint64_t first;
	uint64_t last;
	uint64_t cgroup;
	uint16_t kind; /* enum record_kind */
	uint16_t padding[3];
};

/* A process as itself, whatever its pid is reused for. */
struct process_name {
	uint64_t start; /* nanoseconds since boot of the thread group's leader */
	uint32_t pid; /* thread group id in the initial pid namespace; 0: there is none */
	uint32_t padding;
};

enum process_flag : uint32_t {
	/* The executable's mount belongs to another mount namespace than the process. */
	PROCESS_FOREIGN_EXECUTABLE = 1 << 0,
	/* The last exec happened in another cgroup than `cgroup`. */
	PROCESS_MOVED = 1 << 1,
	/* A task of io_uring acting for the process. */
	PROCESS_IO_WORKER = 1 << 2,
	/* Same executable (inode and device) as the parent. */
	PROCESS_SAME_AS_PARENT = 1 << 3,
};

/* Who acted. Opens every record of a behaviour. */
struct actor {
	struct process_name process;
	struct process_name parent;
	uint64_t cgroup; /* id in the hierarchy that identifies workloads */
	uint64_t parent_cgroup;
	uint64_t exec_cgroup; /* cgroup of the process's last exec; 0: not known */
	uint64_t exec; /* low half of the key of the process's last exec; 0: not known */
	uint64_t parent_exec;
	uint64_t incident; /* set by userland on an ancestor or the process; 0: none */
	uint32_t uid; /* effective, in the initial user namespace */
	uint32_t gid;
	uint32_t mount_namespace; /* inode number */
	uint32_t pid_namespace;
	uint32_t parent_mount_namespace;
	uint32_t parent_pid_namespace;
	uint32_t flags; /* enum process_flag */
	uint32_t thread; /* id of the acting thread in the initial pid namespace */
};

struct record {
	uint16_t kind; /* enum record_kind */
	uint16_t padding;
	uint32_t length; /* bytes of the whole record, this header included */
	uint64_t time; /* nanoseconds since boot, suspend included */
	uint64_t sequence; /* counts records submitted by this CPU, from 1 */
	uint32_t cpu;
	uint32_t padding2;
};

/* A process above the one that acts, as it was at that moment. */
struct ancestor {
	struct process_name process;
	uint64_t exec; /* low half of the key of its last exec; 0: not known */
	uint64_t cgroup;
};

/* As whom a person logged in, whatever they have become since: set by PAM, inherited. */
struct login {
	uint32_t uid; /* in the initial user namespace; UINT32_MAX: nobody logged in */
	uint32_t session; /* audit session; UINT32_MAX: none */
};

enum exec_flag : uint32_t {
	EXEC_UPPER_LAYER = 1 << 0, /* overlayfs: the file is not of a lower layer */
	EXEC_FILELESS = 1 << 1, /* never had a name: memfd, O_TMPFILE */
	EXEC_DELETED = 1 << 2, /* had a name and lost it */
	EXEC_STDIN_SOCKET = 1 << 3, /* an AF_INET or AF_INET6 socket */
	EXEC_STDOUT_SOCKET = 1 << 4,
	EXEC_SCRIPT = 1 << 5, /* the executable is the interpreter of what was asked for */
};

struct exec_record {
	struct record record;
	struct actor actor; /* `executable` and `exec` are already those of the new program */
	struct novelty_key key;
	uint64_t inode;
	int64_t changed; /* ctime of the executable, seconds since the epoch */
	uint32_t changed_nanoseconds;
	uint32_t device; /* dev_t of the kernel: major << 20 | minor */
	uint32_t flags; /* enum exec_flag */
	uint32_t argument_count; /* the true one */
	uint8_t peer[16]; /* of the socket on stdin; IPv4 as ::ffff:a.b.c.d */
	uint16_t peer_port; /* host byte order */
	uint16_t padding[3];
	/* sections: ARGUMENTS FILENAME [INTERPRETER] EXECUTABLE PARENT_EXECUTABLE WORKING_DIRECTORY
	 * [ANCESTORS] LOGIN [TERMINAL] */
};

/* A peer was reached for, or a socket made whose peers no hook sees. */
struct connect_record {
	struct record record;
	struct actor actor;
	struct novelty_key key;
	uint8_t address[16]; /* IPv4 as ::ffff:a.b.c.d; zeros and AF_INET: there is none */
	uint16_t port; /* host byte order */
	/*
	 * AF_INET, AF_INET6 or AF_UNIX, as the destination is, not the socket; any other family,
	 * or AF_INET without an address: the socket's own, which was made.
	 */
	uint16_t family;
	uint16_t type; /* SOCK_STREAM, SOCK_DGRAM, ... */
	uint16_t protocol; /* IPPROTO_*; MPTCP is given as TCP */
	/* sections: EXECUTABLE PARENT_EXECUTABLE WORKING_DIRECTORY [FILE | UNIX_NAME] */
};

struct listen_record {
	struct record record;
	struct actor actor;
	struct novelty_key key;
	uint8_t address[16]; /* IPv4 as ::ffff:a.b.c.d */
	uint16_t port; /* host byte order */
	uint16_t family;
	uint16_t type;
	uint16_t protocol;
	/* sections: EXECUTABLE PARENT_EXECUTABLE WORKING_DIRECTORY */
};

enum access_flag : uint32_t {
	ACCESS_APPEND = 1 << 0,
	ACCESS_CREATE = 1 << 1, /* this open made the file */
	ACCESS_PATH = 1 << 2, /* O_PATH */
	ACCESS_READ = 1 << 3,
	ACCESS_TRUNCATE = 1 << 4,
	ACCESS_WRITE = 1 << 5,
};

enum open_flag : uint32_t {
	/* Opened by another process, which handed the descriptor over. */
	OPEN_RECEIVED = 1 << 0,
};

struct open_record {
	struct record record;
	struct actor actor;
	struct novelty_key key;
	uint64_t inode;
	uint32_t device; /* dev_t of the kernel: major << 20 | minor */
	uint32_t access; /* enum access_flag */
	uint32_t mode; /* st_mode */
	uint32_t filesystem; /* magic number of the superblock */
	uint32_t mount_namespace; /* of the mount it was reached by; 0: none */
	uint32_t flags; /* enum open_flag */
	/* sections: EXECUTABLE PARENT_EXECUTABLE WORKING_DIRECTORY FILE */
};

struct cgroup_record {
	struct record record;
	struct actor actor; /* who made, removed or renamed it */
	uint64_t id;
	uint64_t parent_id;
	/* sections: CGROUP_PATH, and of a made one: EXECUTABLE PARENT_EXECUTABLE WORKING_DIRECTORY
	 */
};

/* Sent only for a process of which a record was sent. */
struct exit_record {
	struct record record;
	struct process_name process;
	uint64_t cgroup;
	uint32_t status; /* as wait() gives it */
	uint32_t padding;
};

/* A resolver answered. */
struct answer_record {
	struct record record;
	uint64_t cgroup; /* of the one who asked */
	uint8_t resolver[16]; /* IPv4 as ::ffff:a.b.c.d */
	/* sections: ANSWER */
};

/* Where acts of one kind went: each is counted once, so that their sum is all that were seen. */
struct ledger_entry {
	uint64_t known; /* repeats, kept in the kernel */
	uint64_t emitted; /* handed to a ring */
	uint64_t over_quota; /* novel, but the workload's quota for novel acts was used up */
	/* Lost, so told when it happens again: */
	uint64_t ring_full; /* novel, but the ring had no room */
	uint64_t interrupted; /* came while another was described on its CPU (ring.bpf.h) */
};

/* All that the processes of one cgroup did on one CPU. */
struct account {
	struct ledger_entry kinds[COUNTED_KINDS]; /* by record kind - 1 */
	uint64_t capabilities; /* that were used; a bit for each */
};

/* Records that are no acts. */
enum news_kind : uint32_t {
	NEWS_NODE, /* of cgroups, and of ends of processes */
	NEWS_ANSWERS,
	NEWS_KINDS,
};

struct news {
	uint64_t emitted;
	uint64_t over_quota;
	uint64_t ring_full;
	uint64_t interrupted;
};

/* What a workload's novel acts draw from (quota.bpf.h). */
enum bucket_kind : uint32_t {
	BUCKET_OPEN,
	BUCKET_SOCKET, /* connects and listens */
	BUCKET_EXEC,
	BUCKET_SALIENT, /* execs beyond the bucket before that must not be missed */
	BUCKET_ANSWER, /* of resolvers */
	BUCKETS,
};

struct bucket {
	uint64_t tokens; /* thousandths */
	uint64_t refilled; /* nanoseconds since boot; 0: never drawn from, so full */
};

/* Novel acts that a workload may still make, and what was turned away, by kind - 1. */
struct quota {
	struct bucket buckets[5]; /* BUCKETS */
	uint64_t over[COUNTED_KINDS];
};

/* What the kernel half keeps of a process, by thread group id; inherited at fork. */
struct process {
	uint64_t start;
	uint64_t exec; /* low half of the key of its last exec, or a number given by userland */
	uint64_t exec_cgroup;
	uint32_t reported; /* a record named this process: its exit is told */
	uint32_t padding;
};

/* Largest record: paths of 4096 bytes, arguments of 8 KiB, and the fixed part. A per-CPU map's
 * value may not exceed 32 KiB. */
#define RECORD_MAX 32768
#define PATH_BYTES_MAX 4096
#define ARGUMENT_BYTES_MAX 8192
#define ARGUMENT_WORDS_MAX 64
/* Engine, shim, runtime, shells and sudo under sshd under systemd take ten. */
#define ANCESTORS_MAX 16
/* What resolvers send at most where they heed the advice of 2020 (dnsflagday.net). */
#define ANSWER_BYTES_MAX 1232

_Static_assert(sizeof(struct section) == 8, "wire format");
_Static_assert(sizeof(struct process_name) == 16, "wire format");
_Static_assert(sizeof(struct actor) == 112, "wire format");
_Static_assert(sizeof(struct record) == 32, "wire format");
_Static_assert(sizeof(struct ancestor) == 32, "wire format");
_Static_assert(sizeof(struct login) == 8, "wire format");
_Static_assert(sizeof(struct exec_record) == 216, "wire format");
_Static_assert(sizeof(struct connect_record) == 184, "wire format");
_Static_assert(sizeof(struct listen_record) == 184, "wire format");
_Static_assert(sizeof(struct open_record) == 192, "wire format");
_Static_assert(sizeof(struct cgroup_record) == 160, "wire format");
_Static_assert(sizeof(struct exit_record) == 64, "wire format");
_Static_assert(sizeof(struct answer_record) == 56, "wire format");
_Static_assert(sizeof(struct novelty) == 40, "map format");
_Static_assert(sizeof(struct quota) == 16 * BUCKETS + 8 * COUNTED_KINDS, "map format");

#endif
