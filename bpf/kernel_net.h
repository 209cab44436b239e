/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Sockets; see kernel.h. */
#pragma once

#include "kernel.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

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

/* Up to 5.14: the cgroup is a number in a union; commit 8520e224f547. */
struct sock_cgroup_data___5_14 {
	u64 val;
};
struct sock___5_14 {
	struct sock_cgroup_data___5_14 sk_cgrp_data;
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
