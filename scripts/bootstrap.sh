#!/bin/bash
# bootstrap.sh WHAT...: Debian packages that building, testing or measuring needs and that are missing.
# WHAT: build, tests, browser, kernels, bench, detection.
set -eu

build="libbpf-dev libelf-dev zlib1g-dev libsqlite3-dev pkg-config make"
tests="busybox-static crun runc podman catatonit docker.io containerd iproute2 util-linux gcc libc6-dev python3 openssl"
kernels="qemu-system-x86 qemu-system-common busybox-static kmod cpio zstd xz-utils lz4 python3"
detection="mmdebstrap runc podman catatonit iproute2 util-linux gcc libc6-dev python3"
# What is measured against; what a distribution does not have is left out of the table.
bench="gcc libc6-dev python3"
wanted="bpftrace libbpf-tools bpfcc-tools"
# What opens pages, what they are written with, and what shows them as paper; without them pages are not looked at.
browser="python3"
pages="chromium fonts-dejavu-core poppler-utils"

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

missing=()
optional=()
for what in "$@"; do
  for package in ${!what}; do installed "$package" || missing+=("$package"); done
  case $what in
    bench) others=$wanted ;;
    browser) others=$pages ;;
    *) others= ;;
  esac
  for package in $others; do installed "$package" || optional+=("$package"); done
done
[ ${#missing[@]} -gt 0 ] || [ ${#optional[@]} -gt 0 ] || exit 0

if [ ${#missing[@]} -eq 0 ] && { [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; }; then
  echo "going on without ${optional[*]}" >&2
  exit 0
fi
if ! command -v apt-get >/dev/null; then
  echo "not a Debian system: install by hand what corresponds to: ${missing[*]}" >&2
  exit 1
fi
[ "$(id -u)" = 0 ] || { echo "packages are missing, and only root can install them: ${missing[*]}" >&2; exit 1; }

# A daemon that comes with a package is not to be started by installing it.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
  trap 'rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
ls /var/lib/apt/lists/*Packages* >/dev/null 2>&1 || apt-get update -qq
install() { apt-get install -y -qq --no-install-recommends "$@" >/dev/null; }

echo "installing: ${missing[*]} ${optional[*]}" >&2
if [ ${#missing[@]} -gt 0 ]; then
  install "${missing[@]}" || { apt-get update -qq && install "${missing[@]}"; }
fi
for package in "${optional[@]}"; do
  install "$package" || echo "$package cannot be had here; going on without it" >&2
done
