/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* What io_uring keeps of its rings and requests; see kernel.h. */
#pragma once

#include "kernel.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

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

#pragma clang attribute pop
