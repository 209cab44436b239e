/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The few kernel types that the probe reads, and of each only the fields that it touches. libbpf
 * moves every access to where the running kernel keeps the field (CO-RE); names and nesting
 * matter, order and size do not. `name___flavour` is the same type as another kernel defines it.
 */
#ifndef DRIFTWATCH_KERNEL_H
#define DRIFTWATCH_KERNEL_H

typedef unsigned char __u8;
typedef signed char __s8;
typedef unsigned short __u16;
typedef short __s16;
typedef unsigned int __u32;
typedef int __s32;
typedef unsigned long long __u64;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u64 __be64;
typedef __u16 __le16;
typedef __u32 __le32;
typedef __u64 __le64;
typedef __u32 __wsum;
typedef __u16 __sum16;

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;
typedef __s64 s64;

#ifndef NULL
#define NULL ((void *)0)
#endif
#define bool _Bool
#define true 1
#define false 0

/* Kernel ABI that is a macro there, so absent from BTF. */
#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define AF_KEY 15
#define AF_NETLINK 16
#define AF_ALG 38
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOCK_RAW 3
#define IPPROTO_ICMP 1
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define IPPROTO_ICMPV6 58
#define IPPROTO_UDPLITE 136
#define IPPROTO_SMC 256
#define IPPROTO_MPTCP 262
#define TCP_LISTEN 10
#define SOCK_BINDPORT_LOCK 8 /* sk_userlocks: the program named the port itself */

#define S_IFMT 00170000
#define S_IFSOCK 0140000

#define O_TRUNC 00001000
#define O_PATH 010000000
#define O_APPEND 00002000
#define O_TMPFILE_BIT 020000000 /* __O_TMPFILE without O_DIRECTORY */
#define FMODE_READ 0x1
#define FMODE_WRITE 0x2
#define FMODE_EXEC 0x20
#define FMODE_PATH 0x4000
#define FMODE_CREATED 0x100000
#define FMODE_NOACCOUNT 0x20000000

#define PF_IO_WORKER 0x10 /* 5.12, commit 3bfe6106693b */
#define PF_KTHREAD 0x200000
#define TS_COMPAT 0x2 /* thread_info.status: the system call came by a 32-bit entry */
#define SIGNAL_GROUP_EXIT 0x4

#define SB_KERNMOUNT (1 << 22)
#define OVERLAYFS_SUPER_MAGIC 0x794c7630
#define TMPFS_MAGIC 0x01021994
#define HUGETLBFS_MAGIC 0x958458f6
/* An anonymous mount namespace: no inode number before 6.18, this one since. */
#define MNT_NS_ANON_INO 0xeffffff7u

/* Map and program ABI (uapi/linux/bpf.h): only what is used. */
enum {
	BPF_ANY = 0,
	BPF_NOEXIST = 1,
	BPF_EXIST = 2,
};
#define BPF_F_NO_PREALLOC 1
#define BPF_SK_STORAGE_GET_F_CREATE 1
enum bpf_map_type {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERCPU_HASH = 5,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_LRU_HASH = 9,
	BPF_MAP_TYPE_SK_STORAGE = 24,
	BPF_MAP_TYPE_RINGBUF = 27,
};

/* Contexts of cgroup programs; the verifier rewrites accesses, so the layout is uapi. */
struct bpf_sock;
struct bpf_sock_addr {
	__u32 user_family;
	__u32 user_ip4; /* network order */
	__u32 user_ip6[4];
	__u32 user_port; /* network order */
	__u32 family;
	__u32 type;
	__u32 protocol;
	__u32 msg_src_ip4;
	__u32 msg_src_ip6[4];
	union {
		struct bpf_sock *sk;
		__u64 : 64;
	} __attribute__((aligned(8)));
};
struct bpf_sock {
	__u32 bound_dev_if;
	__u32 family;
	__u32 type;
	__u32 protocol;
	__u32 mark;
	__u32 priority;
	__u32 src_ip4;
	__u32 src_ip6[4];
	__u32 src_port; /* host order */
	__be16 dst_port;
	__u16 : 16;
	__u32 dst_ip4;
	__u32 dst_ip6[4];
	__u32 state;
	__s32 rx_queue_mapping;
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* ---- files */

struct qstr {
	union {
		struct {
			u32 hash;
			u32 len;
		};
		u64 hash_len;
	};
	const unsigned char *name;
};

struct hlist_bl_node {
	struct hlist_bl_node **pprev;
};

struct file_system_type {
	const char *name;
};

struct super_block {
	u32 s_dev;
	unsigned long s_flags;
	unsigned long s_magic;
};

struct timespec64 {
	s64 tv_sec;
	long tv_nsec;
};

struct inode {
	u16 i_mode;
	struct super_block *i_sb;
	unsigned long i_ino;
	u32 i_nlink;
	struct timespec64 i_ctime; /* up to 6.5 */
};
struct inode___6_6 {
	struct timespec64 __i_ctime; /* 6.6, commit 13bc24457850 */
};
struct inode___6_11 {
	s64 i_ctime_sec; /* 6.11, commit 3aa63a569c64 */
	u32 i_ctime_nsec;
};

struct dentry {
	struct hlist_bl_node d_hash;
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
	struct super_block *d_sb;
};

struct vfsmount {
	struct dentry *mnt_root;
	struct super_block *mnt_sb;
};

struct ns_common {
	u32 inum;
};

struct mnt_namespace {
	struct ns_common ns;
};

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
	struct mnt_namespace *mnt_ns;
	int mnt_id;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct file {
	u32 f_mode;
	u32 f_flags;
	struct inode *f_inode;
	struct path f_path;
	void *private_data;
};

struct fdtable {
	u32 max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct fs_struct {
	struct path root;
	struct path pwd;
};

/* ---- cgroups */

struct kernfs_node {
	u64 id;
};

struct cgroup_root {
	int hierarchy_id;
};

struct cgroup;
struct cgroup_subsys_state {
	struct cgroup *cgroup;
	struct cgroup_subsys_state *parent;
};

struct cgroup {
	struct cgroup_subsys_state self;
	struct kernfs_node *kn;
	struct cgroup_root *root;
};

struct css_set {
	struct cgroup_subsys_state *subsys[1];
	struct cgroup *dfl_cgrp;
};

/* ---- tasks */

struct thread_info {
	u32 status;
};

struct mm_struct {
	unsigned long arg_start;
	unsigned long arg_end;
	struct file *exe_file;
};

typedef struct {
	int counter;
} atomic_t;

struct signal_struct {
	atomic_t live;
	u32 flags;
	int group_exit_code;
};

struct pid_namespace {
	struct ns_common ns;
};

struct upid {
	struct pid_namespace *ns;
};

struct pid {
	u32 level;
	struct upid numbers[1];
};

struct nsproxy {
	struct mnt_namespace *mnt_ns;
};

typedef struct {
	u32 val;
} kuid_t;

typedef struct {
	u32 val;
} kgid_t;

struct cred {
	kuid_t euid;
	kgid_t egid;
};

struct task_struct {
	struct thread_info thread_info;
	u32 flags;
	int exit_code;
	int pid;
	int tgid;
	struct mm_struct *mm;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct pid *thread_pid;
	u64 start_boottime;
	struct cred *cred;
	struct fs_struct *fs;
	struct files_struct *files;
	struct nsproxy *nsproxy;
	struct signal_struct *signal;
	struct css_set *cgroups;
	struct io_uring_task *io_uring;
};

struct linux_binprm {
	int argc;
	const char *filename;
	const char *interp;
};

struct pt_regs {
	unsigned long orig_ax;
	unsigned long bx;
	unsigned long dx;
	unsigned long cx;
	unsigned long si;
	unsigned long di;
	unsigned long r10;
};

/* ---- io_uring */

struct io_uring_cqe {
	s32 res;
};

/* Of 6.13 on, commit 7029acd8a950; `file_ptr` has flags in its lowest bits, here as before. */
struct io_rsrc_node {
	unsigned long file_ptr;
};

struct io_rsrc_data {
	u32 nr;
	struct io_rsrc_node **nodes;
};

struct io_file_table {
	struct io_rsrc_data data;
};

struct io_wq_work_node {
	struct io_wq_work_node *next;
};

struct io_wq_work_list {
	struct io_wq_work_node *first;
	struct io_wq_work_node *last;
};

struct io_submit_state {
	struct io_wq_work_node free_list;
	struct io_wq_work_list compl_reqs;
};

struct io_ring_ctx {
	struct io_file_table file_table;
	struct io_submit_state submit_state;
};

struct io_fixed_file {
	unsigned long file_ptr;
};

/* Up to 6.12. */
struct io_file_table___6_12 {
	struct io_fixed_file *files;
};

struct io_ring_ctx___6_12 {
	struct io_file_table___6_12 file_table;
	u32 nr_user_files;
};

struct io_cqe {
	s32 res;
};

struct io_kiocb {
	struct file *file;
	u8 opcode;
	struct io_cqe cqe; /* 5.19, commit cef216fc32d7 */
	struct io_ring_ctx *ctx;
	struct io_wq_work_node comp_list;
};

struct io_uring_task {
	struct file *registered_rings[1];
};

struct open_how {
	u64 flags;
};

/* What a request to open keeps of itself, at its start. */
struct io_open {
	u32 file_slot;
	struct open_how how;
};

/* The same of requests for a socket. */
struct io_socket {
	u32 file_slot;
};

/* ---- sockets */

struct in6_addr {
	u8 s6_addr[16]; /* of no kernel: read by address only */
};

struct sock_common {
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	__be16 skc_dport;
	u16 skc_num;
	u16 skc_family;
	u8 skc_state;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
};

struct sk_buff_head {
	struct sk_buff *prev;
};

struct sock {
	struct sock_common __sk_common;
	struct sk_buff_head sk_receive_queue;
	u16 sk_type;
	u16 sk_protocol;
	u8 sk_userlocks : 4; /* a bit field until 5.15 */
};

struct sk_buff {
	struct sock *sk;
};

struct socket {
	struct sock *sk;
};

struct sockaddr_un {
	u16 sun_family;
	char sun_path[108];
};

struct unix_address {
	int len;
	struct sockaddr_un name[0];
};

struct unix_sock {
	struct unix_address *addr;
	struct path path;
	struct sock *peer;
};

#pragma clang attribute pop

#endif
