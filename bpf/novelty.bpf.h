/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The first-seen filter: has this cgroup's this executable done this to that before? A repeat costs
 * the walk over two short dentry chains, a lookup, and never leaves the kernel.
 */
#pragma once

/*
 * Reads a field: by a load, where `direct` says that the pointer has a type the verifier knows,
 * else by a probe read. `direct` is a constant, so only one remains.
 */
#define get(direct, pointer, field)                                                                \
	({                                                                                         \
		__typeof__((pointer)->field) value_;                                               \
		if (direct)                                                                        \
			value_ = (pointer)->field;                                                 \
		else                                                                               \
			bpf_core_read(&value_, sizeof(value_), &(pointer)->field);                 \
		value_;                                                                            \
	})

/* 6.2, commit a35b9af4ec2c. Called only by programs that are optional. */
extern void *bpf_rdonly_cast(const void *object, u32 type) __ksym __weak;
#define cast(type, pointer) ((type *)bpf_rdonly_cast(pointer, bpf_core_type_id_kernel(type)))

/* ---- the key */

static __always_inline u64 rotate(u64 value, u32 by)
{
	return value << by | value >> (64 - by);
}

/*
 * Mixes in a word that outsiders cannot choose: ids, and hashes of names, which the kernel salts
 * with the parent's address. A product with a secret moves a difference upwards only, so the halves
 * are rotated, by different amounts: what cancels out in one does not in the other.
 */
static __always_inline void mix(struct novelty_key *key, u64 word)
{
	key->high = rotate((key->high ^ word) * config.secret[0], 32);
	key->low = rotate((key->low + word) * config.secret[1], 29);
}

/*
 * Mixes in a word that outsiders choose (arguments, addresses, names of sockets). It is scattered
 * first: who does not know the secret cannot choose what difference arrives in the state, so cannot
 * make two acts collide.
 */
static __always_inline void mix_foreign(struct novelty_key *key, u64 word)
{
	u64 scattered = rotate(word * config.secret[1], 32) * config.secret[0];

	key->high = rotate(key->high ^ scattered, 27) * 0x9e3779b97f4a7c15ull;
	key->low = rotate(key->low + (scattered ^ rotate(word, 23)), 31) * 0xd6e8feb86659fd93ull;
}

static __always_inline void start_key(struct novelty_key *key, u32 kind, u64 cgroup)
{
	key->high = (config.secret[0] ^ control.epoch) + kind;
	key->low = (config.secret[1] + control.epoch) ^ kind;
	mix(key, cgroup);
}

/*
 * No finaliser: one maps states to keys one to one, so spares no collision, and the map hashes the
 * key itself. But an exec's id is the low half, and 0 says that there is none.
 */
static __always_inline void finish_key(struct novelty_key *key)
{
	if (!key->low)
		key->low = 1;
}

/*
 * Levels walked in the program itself. Deeper chains go on in mix_chain(), exactly. Sixteen cover
 * nearly all files; the verifier walks each level of each chain once.
 */
#define CHAIN_INLINE 16
/* 96 * 32 levels: deeper than any path that open() takes in one call (PATH_MAX / 2). */
#define CHAIN_STEPS 32
#define CHAIN_CALLS 96

/* Goes on with the chain at work->dentry, up to work->root_dentry; 1 when it is at its end. */
__noinline int mix_chain(u32 family)
{
	struct work *work = work_of(family);

	if (!work)
		return 1;
	for (int i = 0; i < CHAIN_STEPS; i++) {
		struct dentry *dentry = (void *)work->dentry, *parent;

		if (work->dentry == work->root_dentry)
			return 1;
		mix(&work->key, BPF_CORE_READ(dentry, d_name.hash_len));
		parent = BPF_CORE_READ(dentry, d_parent);
		if (parent == dentry || !parent) {
			mix(&work->key, BPF_CORE_READ(dentry, d_inode, i_ino));
			return 1;
		}
		work->dentry = (u64)parent;
	}
	return 0;
}

static __always_inline void mix_deep_chain(u32 family, struct novelty_key *key,
					   struct dentry *dentry, struct dentry *root)
{
	struct work *work = work_of(family);

	if (!work)
		return;
	/*
	 * Opens come here before they take the scratch, so that a repeat need not. Where another
	 * one holds it, the dentry itself stands for the rest of its chain: told once more, at
	 * worst.
	 */
	if (family == FAMILY_OPEN && !enter(work)) {
		mix(key, number_of(dentry));
		return;
	}
	work->key = *key;
	work->dentry = (u64)dentry;
	work->root_dentry = (u64)root;
	for (int i = 0; i < CHAIN_CALLS; i++)
		if (mix_chain(family))
			break;
	*key = work->key;
	if (family == FAMILY_OPEN)
		leave(work);
}

/*
 * Mixes in which file this is: its names up to the root of its mount, and the mount. A name's hash
 * differs for each parent directory, so two files never look alike; a rename, or a new file with
 * an old inode number, is another file. What has no name (memfd, pipe) goes by its inode.
 */
static __always_inline void mix_path(struct novelty_key *key, struct path *path, u32 family,
				     const bool direct)
{
	struct vfsmount *mnt = get(direct, path, mnt);
	struct dentry *dentry = get(direct, path, dentry);
	struct dentry *root, *parent, *mountpoint;
	struct super_block *sb;
	struct mount *mount;
	u64 id;

	if (!mnt || !dentry)
		return;
	root = get(direct, mnt, mnt_root);
	sb = get(direct, mnt, mnt_sb);
	mount = direct ? cast(struct mount, mount_of(mnt)) : mount_of(mnt);
	id = (u32)get(direct, mount, mnt_id);
	mountpoint = get(direct, mount, mnt_mountpoint);
	mix(key, id << 32 | get(direct, sb, s_dev));
	/* Mount ids are reused: the mountpoint's name tells most of their owners apart. */
	mix(key, get(direct, mountpoint, d_name.hash_len));
#pragma clang loop unroll(disable)
	for (int i = 0; i < CHAIN_INLINE; i++) {
		if (dentry == root)
			return;
		mix(key, get(direct, dentry, d_name.hash_len));
		parent = get(direct, dentry, d_parent);
		if (parent == dentry) {
			struct inode *inode = get(direct, dentry, d_inode);

			mix(key, inode ? get(direct, inode, i_ino) : 0);
			return;
		}
		dentry = parent;
	}
	mix_deep_chain(family, key, dentry, root);
}

/* ---- the clock of repeats */

/* What to add to the ticks for the boot clock; set anew with each record, as suspending moves it.
 */
static volatile u64 tick_offset;

/*
 * Nanoseconds since boot, a tick late at most. `last` needs no better: the real clock would be a
 * fifth of a repeat's cost, and the coarse one (5.11) is not for tracing programs.
 */
static __always_inline u64 coarse_boot_time(void)
{
	return bpf_jiffies64() * config.tick + tick_offset;
}

/* ---- known or new */

/* Whether the act was done before; if so, it has been counted. */
static __always_inline bool is_known(const struct novelty_key *key, u32 kind, u64 cgroup)
{
	struct novelty *known;

	if (!config.first_seen)
		return false;
	known = bpf_map_lookup_elem(&novelties, key);
	if (!known)
		return false;
	add(&known->count, 1);
	known->last = coarse_boot_time();
	count(kind, cgroup, TALLY_KNOWN);
	return true;
}

/* Whether the act is new and may be told. If not, it has been counted. */
static __always_inline bool is_new(const struct novelty_key *key, u32 kind, u64 cgroup)
{
	return !is_known(key, kind, cgroup) && may_tell(kind, cgroup, false);
}

/* Hands a new act's record to its ring, and only then remembers it: a lost one is tried again. */
static __always_inline bool tell(struct work *work, struct buffer *buffer, u32 kind,
				 const struct novelty_key *key, u64 cgroup)
{
	void *ring = kind == RECORD_OPEN ? (void *)&opens_ring : (void *)&control_ring;
	struct novelty fresh = {.count = 1, .cgroup = cgroup, .kind = kind};

	if (!submit(work, buffer, ring)) {
		count(kind, cgroup, TALLY_RING_FULL);
		return false;
	}
	count(kind, cgroup, TALLY_EMITTED);
	if (config.first_seen) {
		fresh.first = fresh.last = ((struct record *)buffer->bytes)->time;
		bpf_map_update_elem(&novelties, key, &fresh, BPF_NOEXIST);
		tick_offset = fresh.last - bpf_jiffies64() * config.tick;
	}
	return true;
}
