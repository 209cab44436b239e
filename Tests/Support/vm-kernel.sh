#!/bin/bash
# vm-kernel.sh SERIES: fetches the newest Debian kernel of a series (6.1, 5.10, ...), unpacks it below $VM_CACHE and
# prints the directory. Nothing is installed; a series that no suite has any more is a failure with status 3.
set -u
series=${1:?a series, such as 6.1}
VM_CACHE=${VM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/driftwatch/kernels}
here=$(dirname "$(readlink -f "$0")")
apt=$VM_CACHE/apt
mkdir -p "$VM_CACHE"

die() {
  echo "vm-kernel: $1" >&2
  exit "${2:-1}"
}

if [ -s "$VM_CACHE/$series/initramfs" ] && [ "$VM_CACHE/$series/initramfs" -nt "$here/vm-init.sh" ]; then
  echo "$VM_CACHE/$series"
  exit
fi

# ------------------------------------------------------------------ an apt of its own, beside the system's

mirror() { apt-get indextargets --format '$(SITE)' 'Origin: Debian' | grep -m1 "/$1\$"; }

set_up_apt() {
  local suite main security key='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'
  main=$(mirror debian) security=$(mirror debian-security)
  mkdir -p "$apt"/{state/lists/partial,cache/archives/partial,none}
  : >"$apt/state/status"
  {
    for suite in bookworm bookworm-backports trixie trixie-backports sid; do echo "deb $key $main $suite main"; done
    for suite in bullseye-security bookworm-security trixie-security; do
      echo "deb $key ${security:-$main-security} $suite main"
    done
  } >"$apt/sources.list"
  cat >"$apt/apt.conf" <<CONF
Dir::State "$apt/state"; Dir::State::status "$apt/state/status"; Dir::Cache "$apt/cache";
Dir::Etc::sourcelist "$apt/sources.list"; Dir::Etc::sourceparts "$apt/none";
Dir::Etc::parts "$apt/none"; Dir::Etc::main "/dev/null";
Acquire::Languages "none"; Acquire::Check-Valid-Until "false"; APT::Architecture "amd64"; APT::Sandbox::User "root";
CONF
  APT_CONFIG=$apt/apt.conf apt-get -qq update || echo "vm-kernel: some suites cannot be had; going on" >&2
}
[ "$apt/apt.conf" -nt "$0" ] || set_up_apt
export APT_CONFIG=$apt/apt.conf

release=$(apt-cache search --names-only "^linux-image-${series//./\\.}[.+-].*-cloud-amd64\$" |
  sed 's/ .*//; s/^linux-image-//' | grep -v unsigned | sort -V | tail -n 1)
[ -n "$release" ] || die "no suite has a kernel $series" 3

# ------------------------------------------------------------------ kernel and modules

kernel=$VM_CACHE/$series.new
rm -rf "$kernel"
mkdir -p "$kernel"/{packages,tree,lib/modules}
(
  cd "$kernel/packages" || exit 1
  apt-get -qq download "linux-image-$release" || exit 1
  for part in linux-binary linux-modules; do
    ! apt-cache show "$part-$release" >/dev/null 2>&1 || apt-get -qq download "$part-$release" || exit 1
  done
) || die "linux-image-$release cannot be downloaded" 3
for package in "$kernel"/packages/*.deb; do dpkg-deb -x "$package" "$kernel/tree" || die "cannot unpack $package"; done
# Booted as ELF: unpacking takes long under emulation.
python3 - "$(find "$kernel/tree" -name 'vmlinuz*' -type f | head -n 1)" "$kernel/vmlinux" <<'PYTHON' || die "cannot unpack the kernel image"
import struct, subprocess, sys
image = open(sys.argv[1], "rb").read()
offset, length = struct.unpack_from("<II", image, 0x248)
start = (image[0x1F1] + 1) * 512 + offset
payload = image[start : start + length]
tools = {b"\xfd7zX": "xz", b"\x28\xb5\x2f\xfd": "zstd", b"\x02\x21\x4c\x18": "lz4", b"\x1f\x8b\x08\x00": "gzip"}
# The last four bytes are the length, not part of the stream.
done = subprocess.run([tools[payload[:4]], "-dc"], input=payload[:-4], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
assert done.stdout[:4] == b"\x7fELF"
open(sys.argv[2], "wb").write(done.stdout)
PYTHON
mv "$(dirname "$(find "$kernel/tree" -path '*/modules/*/kernel' -type d | head -n 1)")" "$kernel/lib/modules/$release"
rm -rf "$kernel/packages" "$kernel/tree"
depmod -b "$kernel" "$release"
echo "$release" >"$kernel/release"

# ------------------------------------------------------------------ first file system: busybox, and modules in their order

tree=$kernel/initramfs.tree
mkdir -p "$tree"/{bin,modules,proc,sys,dev}
cp "$(command -v busybox)" "$tree/bin/busybox"
cp "$here/vm-init.sh" "$tree/init"
: >"$tree/modules/order"
for wanted in virtio_pci virtio_console virtiofs overlay; do
  modprobe -d "$kernel" -S "$release" --show-depends "$wanted" 2>/dev/null
done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r file; do
  name=$(basename "$file")
  name=${name%%.ko*}.ko
  case $file in
    *.xz) xz -dc "$file" ;;
    *.zst) zstd -qdc "$file" ;;
    *) cat "$file" ;;
  esac >"$tree/modules/$name"
  echo "$name" >>"$tree/modules/order"
done
(cd "$tree" && find . | cpio -o -H newc --quiet) >"$kernel/initramfs"
rm -rf "$tree" "${VM_CACHE:?}/$series"
mv "$kernel" "$VM_CACHE/$series"
echo "$VM_CACHE/$series"
