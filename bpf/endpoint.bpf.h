/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Where a socket reaches, or is bound. */
#pragma once

struct endpoint {
	u32 address[4]; /* network order */
	u16 port; /* host order */
	u16 family;
	u16 type;
	u16 protocol;
};

static __always_inline void set_ipv4(struct endpoint *end, u32 address)
{
	end->address[2] = bpf_htonl(0x0000ffff);
	end->address[3] = address;
	end->family = AF_INET;
}

/* IPv4 reached through IPv6 is IPv4. */
static __always_inline void set_ipv6(struct endpoint *end, u32 a, u32 b, u32 c, u32 d)
{
	end->address[0] = a;
	end->address[1] = b;
	end->address[2] = c;
	end->address[3] = d;
	end->family = !a && !b && c == bpf_htonl(0x0000ffff) ? AF_INET : AF_INET6;
}

/* MPTCP is TCP to whoever reviews it. */
static __always_inline u16 plain_protocol(u32 protocol)
{
	return protocol == IPPROTO_MPTCP ? IPPROTO_TCP : protocol;
}
