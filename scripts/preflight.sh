#!/bin/sh
# What watching a kernel needs of a machine; each thing missing is one line.
fail() {
  echo "$1" >&2
  exit 1
}
[ "$(id -u)" = 0 ] || fail "watching the kernel takes root: run this as root"
[ -r /sys/kernel/btf/vmlinux ] || fail "this kernel has no BTF (/sys/kernel/btf/vmlinux): use one built with CONFIG_DEBUG_INFO_BTF, as distributions do"
awk '$0 ~ / - cgroup2 / { found = 1 } END { exit !found }' /proc/self/mountinfo ||
  fail "no cgroup2 hierarchy is mounted: mount -t cgroup2 none /sys/fs/cgroup/unified"
