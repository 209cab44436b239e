#!/bin/bash
# Real container runtimes for the tests, offline, as root, on any host that has a cgroup2 hierarchy.
#
#   source Tests/Support/containers.sh      then call the functions, or
#   Tests/Support/containers.sh VERB ...    to call one of them: `containers.sh view_up`
#
# Everything lives under $BOX and in the cgroup /$BOX_CGROUP; `view_down`, `NAME_down` and
# `cgroup_clean` leave nothing behind. Packages: scripts/bootstrap.sh tests.
# Runtimes run in the view of a cgroup2-only host, or with BOX_PLACE=host on this one as it is.
BOX=${BOX:-${TMPDIR:-/tmp}/driftwatch-box}
BOX_CGROUP=${BOX_CGROUP:-driftwatch-box}
BOX_LIB=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
# Where the cgroup2 hierarchy is mounted: of a hybrid host not at /sys/fs/cgroup itself.
CGROUP2=$(awk '{ for (i = 7; i < NF; i++) if ($i == "-" && $(i + 1) == "cgroup2") { print $5; exit } }' \
  /proc/self/mountinfo)

# until_ready TRIES COMMAND...: true as soon as COMMAND is, tried every 20 ms.
until_ready() {
  local tries=$1 try
  shift
  for ((try = 0; try < tries; try++)); do
    "$@" >/dev/null 2>&1 && return
    sleep .02
  done
  return 1
}

# cgroup_clean NAME...: the empty cgroups that a runtime leaves behind, in all hierarchies.
cgroup_clean() {
  local hierarchy name
  for hierarchy in /sys/fs/cgroup/ "$CGROUP2/" /sys/fs/cgroup/*/; do
    for name in "$@"; do
      [ -d "$hierarchy$name" ] && find "$hierarchy$name" -depth -type d -exec rmdir {} \; 2>/dev/null
    done
  done
  true
}

# ------------------------------------------------------------------ files

# rootfs DIR: 2 MB of busybox.
rootfs() {
  local applet
  mkdir -p "$1"/{bin,proc,sys,dev,tmp,etc,run,root,www/cgi-bin}
  cp "$(command -v busybox)" "$1/bin/busybox"
  for applet in sh true false sleep ls cat id ip nc wget ps echo chmod cp mv rm mkdir ping httpd date head touch; do
    ln -sf busybox "$1/bin/$applet"
  done
}

# overlay DIR LOWER: DIR/merged; what a container writes lands in DIR/upper.
overlay() {
  mkdir -p "$1"/{upper,work,merged}
  here mount -t overlay overlay -o "lowerdir=$2,upperdir=$1/upper,workdir=$1/work" "$1/merged"
}

overlay_down() { here umount "$1/merged"; }

# image OUT NAME ROOTFS [LABEL=VALUE...] -- COMMAND...: an archive for `load` and `import`.
image() {
  local out=$1 name=$2 directory=$3
  shift 3
  tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$directory" -cf "$out.layer" . &&
    python3 "$BOX_LIB/image.py" "$out" "$name" "$out.layer" "$@"
  rm -f "$out.layer"
}

# bundle DIR ROOTFS CGROUP NETNS [ENV=VALUE...] -- COMMAND...: for crun and runc.
bundle() {
  mkdir -p "$1" && rm -f "$1/config.json" && (cd "$1" && runc spec) && python3 "$BOX_LIB/bundle.py" "$@"
}

# ------------------------------------------------------------------ the view of a cgroup2-only host

# A mount and a cgroup namespace, rooted in /$BOX_CGROUP, in which runtimes meet a cgroup2-only
# host on any machine. A mount or network namespace made outside afterwards is not seen inside.
# The view's own processes sit in a leaf, since a cgroup with controllers may not hold processes.
view_up() {
  mkdir -p "$BOX/ns" "$CGROUP2/$BOX_CGROUP/leaf"
  mount --bind "$BOX/ns" "$BOX/ns" && mount --make-private "$BOX/ns" && touch "$BOX"/ns/{mnt,cgroup}
  # A mount namespace cannot be bound within one of a higher number, and since 6.18 each CPU numbers its own: where this
  # is not the host's first namespace, another CPU may have to do it.
  until_ready 50 view_make || view_make
}

view_make() {
  umount "$BOX/ns/mnt" "$BOX/ns/cgroup" 2>/dev/null
  (
    echo "$BASHPID" >"$CGROUP2/$BOX_CGROUP/cgroup.procs"
    # Where cgroup2 lies there already, it takes no second mount.
    unshare --mount="$BOX/ns/mnt" --cgroup="$BOX/ns/cgroup" --propagation private \
      sh -c 'umount -l /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup'
  )
}

view() {
  (
    echo "$BASHPID" >"$CGROUP2/$BOX_CGROUP/leaf/cgroup.procs"
    exec nsenter --mount="$BOX/ns/mnt" --cgroup="$BOX/ns/cgroup" --wd="$PWD" -- "$@"
  )
}

# here COMMAND...: where runtimes are to run.
here() {
  if [ "${BOX_PLACE:-view}" = host ]; then "$@"; else view "$@"; fi
}

# daemon DIR NAME COMMAND...: in the background, its own pid in DIR/NAME.pid, what it says in DIR/NAME.log.
daemon() {
  local files=$1/$2
  shift 2
  here sh -c 'echo $$ >"$0" && exec "$@"' "$files.pid" "$@" >"$files.log" 2>&1 &
}

# Ends what still runs in the view's cgroup: all of it was started there.
view_down() {
  local pid
  for pid in $(find "$CGROUP2/$BOX_CGROUP" -name cgroup.procs -exec cat {} + 2>/dev/null); do
    kill -KILL "$pid"
  done 2>/dev/null
  until_ready 100 eval '[ -z "$(find "$CGROUP2/$BOX_CGROUP" -name cgroup.procs -exec cat {} + 2>/dev/null)" ]'
  umount "$BOX/ns/mnt" "$BOX/ns/cgroup" "$BOX/ns"
  cgroup_clean "$BOX_CGROUP"
}

# ------------------------------------------------------------------ network

# veth A B: two network namespaces, 10.99.0.1 and 10.99.0.2, joined to each other and nothing else.
veth() {
  local name
  view ip netns add "$1" && view ip netns add "$2" &&
    view ip link add "v$1" netns "$1" type veth peer name "v$2" netns "$2" &&
    view ip -n "$1" addr add 10.99.0.1/24 dev "v$1" && view ip -n "$2" addr add 10.99.0.2/24 dev "v$2" || return
  for name in "$1" "$2"; do
    view ip -n "$name" link set lo up && view ip -n "$name" link set "v$name" up || return
  done
}

veth_down() {
  local name
  for name in "$@"; do view ip netns del "$name"; done
}

# ------------------------------------------------------------------ crun and runc

# oci RUNTIME VERB...: crun or runc. Containers: `(cd BUNDLE && oci crun run ID)`.
oci() {
  if [ "$1" = crun ] && [ "${BOX_PLACE:-view}" = host ]; then on_hybrid "$@"; else here "$@"; fi
}

# oci_start RUNTIME BUNDLE ID: detached; its pid in BUNDLE/pid.
oci_start() {
  oci_stop "$1" "$3" >/dev/null 2>&1
  (cd "$2" && oci "$1" run -d --pid-file "$2/pid" "$3" </dev/null >"$2/log" 2>&1) || {
    cat "$2/log" >&2
    return 1
  }
}

# agent_start BUNDLE ID: an agent (Tests/Provokers/agent.c) as detached container; descriptor 3 is a
# directory of the host that leaked into it. Orders go into BUNDLE/../merged/tmp/orders.
agent_start() {
  oci_stop crun "$2" >/dev/null 2>&1 # what a run that was cut short left
  view mkfifo "$1/../merged/tmp/orders"
  (cd "$1" && view crun run -d --preserve-fds 1 --pid-file "$1/pid" "$2" 3<"$BOX" </dev/null >"$1/answers" 2>&1) || {
    cat "$1/answers" >&2
    return 1
  }
}

# oci_run RUNTIME BUNDLE ID: to its end.
oci_run() { (cd "$2" && oci "$1" run "$3" </dev/null); }

oci_stop() { oci "$1" delete -f "$2"; }

# oci_burst RUNTIME COUNT PARALLEL BUNDLE PREFIX: COUNT containers PREFIX-1.. of a short command. The bundle must
# name no cgroup: each container gets its own.
oci_burst() {
  local runtime=$1 prefix=$5
  (cd "$4" && seq "$2" | view xargs -P "$3" -I{} sh -c 'exec "$0" run "$1" </dev/null' "$runtime" "$prefix-{}")
}

# on_hybrid COMMAND...: crun on the host itself; of a hybrid one it trips over the controller that is left in cgroup2.
on_hybrid() {
  [ "$CGROUP2" != /sys/fs/cgroup ] || { "$@"; return; }
  unshare -m --propagation private \
    bash -c 'mount --bind /dev/null "$0/cgroup.controllers"; exec "$@"' "$CGROUP2" "$@"
}

# ------------------------------------------------------------------ podman

podman_up() {
  mkdir -p "$BOX/podman"
  cat >"$BOX/podman/containers.conf" <<CONF
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
pids_limit = 0
cgroups = "no-conmon"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "${1:-runc}"
CONF
  gcc -shared -fPIC -O2 -o "$BOX/podman/nomemlock.so" "$BOX_LIB/nomemlock.c" -ldl || return
  printf '#!/bin/sh\nLD_PRELOAD=%s exec crun "$@"\n' "$BOX/podman/nomemlock.so" >"$BOX/podman/crun"
  chmod +x "$BOX/podman/crun"
}

podman_() {
  here env CONTAINERS_CONF="$BOX/podman/containers.conf" podman --root "$BOX/podman/root" \
    --runroot "$BOX/podman/run" --tmpdir "$BOX/podman/tmp" "$@"
}

# Always in the view: outside it `system service` would move every process of the root cgroup.
podman_api_up() {
  [ "${BOX_PLACE:-view}" = view ] || return
  rm -f "$BOX/podman/api.sock"
  daemon "$BOX/podman" api env CONTAINERS_CONF="$BOX/podman/containers.conf" podman --root "$BOX/podman/root" \
    --runroot "$BOX/podman/run" --tmpdir "$BOX/podman/tmp" system service -t 0 "unix://$BOX/podman/api.sock"
  until_ready 200 test -S "$BOX/podman/api.sock"
}

podman_api_down() { stop_pid "$(cat "$BOX/podman/api.pid")"; }

podman_down() { podman_ rm -fa -t 0 >/dev/null; cgroup_clean libpod_parent; }

# ------------------------------------------------------------------ containerd, with its CRI

containerd_up() {
  mkdir -p "$BOX/containerd/cni"
  cat >"$BOX/containerd/config.toml" <<CONF
version = 2
root = "$BOX/containerd/root"
state = "$BOX/containerd/state"
[grpc]
  address = "$BOX/containerd/containerd.sock"
[ttrpc]
  address = "$BOX/containerd/containerd.sock.ttrpc"
[plugins."io.containerd.internal.v1.opt"]
  path = "$BOX/containerd/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$BOX/containerd/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      BinaryName = "$(containerd_runc)"
CONF
  daemon "$BOX/containerd" containerd containerd -c "$BOX/containerd/config.toml"
  until_ready 250 ctr_ version
}

# In the view of a hybrid host there are no controllers, which CRI and ctr always ask for.
containerd_runc() {
  if [ "${BOX_PLACE:-view}" = view ] && [ "$CGROUP2" != /sys/fs/cgroup ]; then
    echo "$BOX_LIB/runc-without-limits"
  else
    command -v runc
  fi
}

ctr_() { ctr -a "$BOX/containerd/containerd.sock" -n "${BOX_NAMESPACE:-k8s.io}" "$@"; }

# ctr_import TAR NAME MANIFEST-DIGEST: the second tag gives the image its repository digest.
ctr_import() { ctr_ images import "$1" && ctr_ images tag --force "$2" "${2%:*}@$3" >/dev/null; }

containerd_down() {
  stop_pid "$(cat "$BOX/containerd/containerd.pid")"
  cgroup_clean k8s.io kubepods default
}

# ------------------------------------------------------------------ docker

dockerd_up() {
  mkdir -p "$BOX/docker"
  here dockerd --data-root "$BOX/docker/data" --exec-root "$BOX/docker/exec" --pidfile "$BOX/docker/pid" \
    -H "unix://$BOX/docker/docker.sock" --iptables=false --ip6tables=false --bridge=none \
    --ip-forward=false --ip-masq=false >"$BOX/docker/log" 2>&1 &
  until_ready 500 docker_ version
}

docker_() { docker -H "unix://$BOX/docker/docker.sock" "$@"; }

dockerd_down() {
  stop_pid "$(cat "$BOX/docker/pid")"
  umount "$BOX/docker/exec/netns/default" 2>/dev/null
  cgroup_clean docker
}

# stop_pid PID: ends one process and waits until it is gone.
stop_pid() {
  kill "$1" 2>/dev/null
  until_ready 500 eval "! kill -0 $1 2>/dev/null || grep -q '^State:.Z' /proc/$1/status"
}

# ------------------------------------------------------------------ systemd

# A real systemd as PID 1 of a crun container whose root is the host's own under an overlay.
systemd_up() {
  mkdir -p "$BOX"/systemd/{upper/etc/systemd/system,work,merged,bundle}
  printf '[Unit]\nDefaultDependencies=no\nAllowIsolate=yes\n' \
    >"$BOX/systemd/upper/etc/systemd/system/test.target"
  overlay "$BOX/systemd" /
  bundle "$BOX/systemd/bundle" "$BOX/systemd/merged" /systemd '' container=oci -- \
    /lib/systemd/systemd --unit=test.target --show-status=no || return
  python3 "$BOX_LIB/systemd-bundle.py" "$BOX/systemd/bundle/config.json"
  oci_start crun "$BOX/systemd/bundle" box-systemd &&
    until_ready 500 systemd_running
}

systemd_running() { [ "$(systemd_ systemctl is-system-running)" = running ]; }

# systemd_ COMMAND...: inside it: `systemd_ systemd-run --unit=name sleep 100`.
systemd_() { nsenter -t "$(cat "$BOX/systemd/bundle/pid")" -a "$@"; }

systemd_down() {
  oci_stop crun box-systemd
  sleep .5
  overlay_down "$BOX/systemd"
}

[ "${BASH_SOURCE[0]}" != "$0" ] || "$@"
