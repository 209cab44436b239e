/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * What resolvers answer, so that a peer can be called by the name that was asked for.
 *
 * A socket through which a resolver is called remembers who called. What reaches such a socket from
 * a resolver's port is an answer, and its bytes go to userland as they are. Any other packet costs
 * a look at its port.
 */
#pragma once

#define RESOLVER_PORT 53

/* Who asks through a socket. */
struct asker {
	u64 cgroup;
	u64 owner; /* whose quota the answers draw from */
	u32 next; /* TCP: where in the stream the next answer starts */
	u32 padding;
};

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct asker);
} askers SEC(".maps");

/* Within the call that names the peer: answers come in at any time, whoever runs then. */
static __always_inline void remember_asker(struct bpf_sock_addr *ctx, struct task_struct *task,
					   const bool direct)
{
	struct asker *asker;

	if (ctx->user_port != bpf_htons(RESOLVER_PORT) || !ctx->sk)
		return;
	asker = bpf_sk_storage_get(&askers, ctx->sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	if (!asker)
		return;
	asker->cgroup = cgroup_of(task, direct);
	asker->owner = owner_of(asker->cgroup);
}

/* RFC 1035, section 4.1.1. */
struct dns_header {
	__be16 id;
	__be16 flags;
	__be16 questions;
	__be16 answers;
	__be16 authorities;
	__be16 additionals;
};

#define DNS_RESPONSE 0x8000
#define DNS_OPCODE 0x7800 /* 0: a question for a name */
#define DNS_RCODE 0x000f /* 0: there was no error */

/* Where a packet's parts are, from the start of its network header. */
struct packet {
	u32 source[4]; /* network order; IPv4 as ::ffff:a.b.c.d */
	u32 transport;
	u32 protocol;
	__be16 source_port;
};

/* Tells of the message of `length` bytes at `offset`, if it names an address. */
static __always_inline void tell_answer(struct __sk_buff *skb, const struct packet *packet,
					const struct asker *asker, u32 offset, u32 length)
{
	struct work *work = work_of(FAMILY_ANSWER);
	struct buffer *buffer = buffer_of(FAMILY_ANSWER);
	u64 kept = length;
	u64 start = sizeof(struct answer_record);
	struct answer_record *record;
	struct dns_header header;

	if (!work || !buffer || length < sizeof(header) ||
	    bpf_skb_load_bytes(skb, offset, &header, sizeof(header)))
		return;
	if (!(header.flags & bpf_htons(DNS_RESPONSE)) || !header.answers ||
	    header.flags & bpf_htons(DNS_OPCODE | DNS_RCODE))
		return;
	if (!may_tell_answer(asker->owner)) {
		count_news(NEWS_ANSWERS, TALLY_OVER_QUOTA);
		return;
	}
	if (!enter(work)) {
		count_news(NEWS_ANSWERS, TALLY_INTERRUPTED);
		return;
	}
	begin(work, buffer, RECORD_ANSWER, sizeof(*record));
	record = (void *)buffer->bytes;
	record->cgroup = asker->cgroup;
	__builtin_memcpy(record->resolver, packet->source, sizeof(record->resolver));
	/*
	 * Apart, or clang makes of both bounds one comparison that no verifier before 6.10
	 * understands; nor did those learn from a comparison with zero.
	 */
	opaque(kept);
	if (kept > ANSWER_BYTES_MAX)
		kept = ANSWER_BYTES_MAX;
	opaque(kept);
	if (kept >= sizeof(header) &&
	    !bpf_skb_load_bytes(skb, offset, &buffer->bytes[start + sizeof(struct section)],
				kept)) {
		close_section(work, buffer, start, FIELD_ANSWER,
			      kept < length ? SECTION_TRUNCATED : 0, kept);
		count_news(NEWS_ANSWERS,
			   submit(work, buffer, &answers_ring) ? TALLY_EMITTED : TALLY_RING_FULL);
	}
	leave(work);
}

/*
 * Finds where the transport's header starts; false for what is not a resolver's. IPv6 options are
 * passed over by no one: resolvers send none.
 */
static __always_inline bool from_resolver(struct __sk_buff *skb, struct packet *packet)
{
	u8 *bytes = (void *)(u64)skb->data, *end = (void *)(u64)skb->data_end, *transport;

	if (skb->protocol == bpf_htons(ETH_P_IP)) {
		if (bytes + 20 > end)
			return false;
		packet->protocol = bytes[9];
		packet->transport = (bytes[0] & 0xf) * 4;
		packet->source[0] = packet->source[1] = 0;
		packet->source[2] = bpf_htonl(0x0000ffff);
		packet->source[3] = *(u32 *)(bytes + 12);
	} else {
		if (bytes + 40 > end)
			return false;
		packet->protocol = bytes[6];
		packet->transport = 40;
		__builtin_memcpy(packet->source, bytes + 8, sizeof(packet->source));
	}
	transport = bytes + packet->transport;
	if (transport + 2 > end)
		return false;
	return *(u16 *)transport == bpf_htons(RESOLVER_PORT);
}

/* RFC 9293, section 3.1: the parts of a header that tell where a segment's bytes belong. */
#define TCP_HEADER 20
#define TCP_SEQUENCE 4
#define TCP_OFFSET 12
#define TCP_FLAGS 13
#define TCP_FLAG_SYN 0x02

/* Both questions of a client, A and AAAA, may be answered in one segment. */
#define ANSWERS_PER_SEGMENT 4

/*
 * In a stream each answer follows its length. Only what stands where an answer must start is taken
 * for one: else whoever can get a resolver to send a long record could write an answer into it. One
 * that is spread over segments is told as far as the first of them reaches.
 */
static __always_inline void stream_arrived(struct __sk_buff *skb, const struct packet *packet,
					   struct asker *asker)
{
	u32 at = packet->transport, length = skb->len, sequence;
	u8 header[TCP_HEADER];
	__be16 announced;

	if (bpf_skb_load_bytes(skb, at, header, sizeof(header)))
		return;
	sequence = bpf_ntohl(*(u32 *)&header[TCP_SEQUENCE]);
	at += (header[TCP_OFFSET] >> 4) * 4;
	if (header[TCP_FLAGS] & TCP_FLAG_SYN) {
		asker->next = sequence + 1;
		return;
	}
	for (int i = 0; i < ANSWERS_PER_SEGMENT; i++) {
		if (sequence != asker->next || at + sizeof(announced) >= length ||
		    bpf_skb_load_bytes(skb, at, &announced, sizeof(announced)))
			return;
		at += sizeof(announced);
		announced = bpf_ntohs(announced);
		tell_answer(skb, packet, asker, at,
			    announced < length - at ? announced : length - at);
		at += announced;
		sequence += sizeof(announced) + announced;
		asker->next = sequence;
	}
}

SEC("?cgroup_skb/ingress")
int answered(struct __sk_buff *skb)
{
	struct packet packet = {};
	struct bpf_sock *sk;
	struct asker *asker;
	u32 start;

	if (!from_resolver(skb, &packet))
		return 1;
	sk = skb->sk;
	if (!sk)
		return 1;
	sk = bpf_sk_fullsock(sk);
	if (!sk)
		return 1;
	asker = bpf_sk_storage_get(&askers, sk, NULL, 0);
	if (!asker)
		return 1;
	if (packet.protocol == IPPROTO_TCP) {
		stream_arrived(skb, &packet, asker);
	} else if (packet.protocol == IPPROTO_UDP) {
		start = packet.transport + 8; /* the header of UDP */
		if (start < skb->len)
			tell_answer(skb, &packet, asker, start, skb->len - start);
	}
	return 1;
}
