/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The path of a struct path: what d_path() would say, from the leaf to the process's root, for
 * paths of any depth up to PATH_BYTES_MAX. Runs for new behaviours only, so it reads by probe and
 * runs on every kernel alike.
 */
#pragma once

/* A name in the dcache is at most NAME_MAX bytes. */
#define COMPONENT_MAX 255

/*
 * Steps of one call. The body is verified once and called often: a long loop in one piece would
 * cost the verifier a path for every step.
 */
#define WALK_STEPS 32
/* 96 * 32 steps: 2048 one-letter components are a path of 4096 bytes, and a thousand mounts beside.
 */
#define WALK_CALLS 96

static __always_inline struct mount *mount_of(struct vfsmount *mnt)
{
	return (void *)mnt - bpf_core_field_offset(struct mount, mnt);
}

/* Whether a mount's namespace says that the kernel mounted it for itself: MNT_NS_INTERNAL, which is
 * ERR_PTR(-EINVAL). */
static __always_inline bool is_internal(struct mnt_namespace *ns)
{
	return (u64)ns >= (u64)-4095;
}

/* Inode number of a mount's namespace; 0 for a mount that is in none or in an anonymous one. */
static __always_inline u32 namespace_of(struct vfsmount *mnt)
{
	struct mnt_namespace *ns = BPF_CORE_READ(mount_of(mnt), mnt_ns);
	u32 inum;

	if (!ns || is_internal(ns))
		return 0;
	inum = BPF_CORE_READ(ns, ns.inum);
	return inum == MNT_NS_ANON_INO ? 0 : inum;
}

/* One component, or the end of the walk. */
static __always_inline void walk_step(struct work *work, struct buffer *buffer)
{
	struct dentry *dentry = (void *)work->dentry;
	struct vfsmount *mnt = (void *)work->mount;
	struct dentry *parent;
	u64 offset, length;

	if (work->dentry == work->root_dentry && work->mount == work->root_mount) {
		work->done = 1;
		return;
	}
	if (dentry == BPF_CORE_READ(mnt, mnt_root)) {
		struct mount *mount = mount_of(mnt);
		struct mount *above = BPF_CORE_READ(mount, mnt_parent);

		if (above != mount && above) {
			work->dentry = (u64)BPF_CORE_READ(mount, mnt_mountpoint);
			work->mount = (u64)above + bpf_core_field_offset(struct mount, mnt);
			return;
		}
		if (namespace_of(mnt)) {
			work->flags |= SECTION_OUTSIDE_ROOT;
			work->done = 1;
			return;
		}
		/* Mounted nowhere, often a single file (crun's own): go on in its file system. */
	}
	parent = BPF_CORE_READ(dentry, d_parent);
	bpf_core_read(&work->name, sizeof(work->name), &dentry->d_name);
	if (parent == dentry || !parent) {
		/* The root of a file system above the mount's own, or a file that hangs nowhere. */
		work->done = 1;
		if (namespace_of(mnt)) {
			work->flags |= SECTION_OUTSIDE_MOUNT;
			return;
		}
		work->flags |= SECTION_DETACHED;
		/* A file system's root, or a pipe and the like, which have an inode but no name. */
		if (work->name.hash_len >> 32 <= 1)
			return;
	}
	offset = work->length;
	length = work->name.len;
	opaque(offset);
	opaque(length);
	if (length > COMPONENT_MAX || offset > RECORD_MAX - 512 ||
	    offset + length - work->section > PATH_BYTES_MAX + sizeof(struct section) - 1 ||
	    bpf_probe_read_kernel(&buffer->bytes[offset], length, work->name.name)) {
		work->flags |= SECTION_TRUNCATED;
		work->done = 1;
		return;
	}
	/* A rename meanwhile: the same step again. */
	if (BPF_CORE_READ(dentry, d_name.name) != work->name.name ||
	    BPF_CORE_READ(dentry, d_name.hash_len) != work->name.hash_len) {
		work->done = 0;
		return;
	}
	offset += length;
	opaque(offset);
	if (offset > RECORD_MAX - 8)
		return;
	buffer->bytes[offset] = 0;
	work->length = offset + 1;
	work->dentry = (u64)parent;
}

__noinline int walk(u32 family)
{
	struct work *work = work_of(family);
	struct buffer *buffer = buffer_of(family);

	if (!work || !buffer)
		return 1;
	for (int i = 0; i < WALK_STEPS; i++) {
		walk_step(work, buffer);
		if (work->done)
			return 1;
	}
	return 0;
}

/*
 * Appends the path at `address` (a struct path *) as seen from the root at `root` (another).
 * Addresses are numbers, since global functions take no kernel pointers before 6.8.
 */
__noinline int add_path(u32 family, u32 field, u64 address, u64 root)
{
	struct work *work = work_of(family);
	struct buffer *buffer = buffer_of(family);
	struct path *path = (void *)address, *from = (void *)root;
	struct dentry *dentry;
	u64 start;

	if (!work || !buffer || !path)
		return 0;
	start = work->length;
	if (start > SECTION_START_MAX)
		return 0;
	dentry = BPF_CORE_READ(path, dentry);
	if (!dentry)
		return 0;
	work->section = start;
	work->length = start + sizeof(struct section);
	work->dentry = (u64)dentry;
	/* Read to where they are kept: io_uring comes here with most of the stack used up. */
	bpf_core_read(&work->mount, sizeof(work->mount), &path->mnt);
	bpf_core_read(&work->root_dentry, sizeof(work->root_dentry), &from->dentry);
	bpf_core_read(&work->root_mount, sizeof(work->root_mount), &from->mnt);
	work->done = 0;
	/* What d_unlinked() says. */
	work->flags =
	    !BPF_CORE_READ(dentry, d_hash.pprev) && BPF_CORE_READ(dentry, d_parent) != dentry
		? SECTION_UNLINKED
		: 0;
	for (int i = 0; i < WALK_CALLS; i++)
		if (walk(family))
			break;
	if (!work->done)
		work->flags |= SECTION_TRUNCATED;
	start = work->section;
	close_section(work, buffer, start, field, work->flags,
		      work->length - start - sizeof(struct section));
	return 0;
}
