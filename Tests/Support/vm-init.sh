#!/bin/busybox sh
# PID 1 of the virtual machine: the host's root, read-only, under an overlay in memory; then the command.
# /settings holds SHARES and SYSTEMD. Written to the ports named out, err and rc.
export PATH=/bin
/bin/busybox --install -s /bin 2>/dev/null
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for module in $(cat /modules/order); do insmod "/modules/$module" 2>/dev/null; done
. /settings

tries=0
until [ "${port_rc:-}" ] && [ -e "$port_rc" ] && [ -e "${port_out:-/none}" ] && [ -e "${port_err:-/none}" ]; do
  for port in /sys/class/virtio-ports/*; do
    [ -e "$port/name" ] && eval "port_$(cat "$port/name")=/dev/${port##*/}"
  done
  tries=$((tries + 1))
  [ $tries -gt 200 ] && poweroff -f
  sleep 0.05
done
# A port opens once: kept over the move of /dev.
exec 3>"$port_out" 4>"$port_err" 5>"$port_rc"
fail() {
  echo "vm-init: $*" >&4
  echo 125 >&5
  poweroff -f
}

mkdir -p /lower /upper /root
mount -t virtiofs -o ro root /lower || fail "cannot mount the host's root"
mount -t tmpfs -o mode=755 tmpfs /upper
mkdir /upper/files /upper/work
mount -t overlay -o lowerdir=/lower,upperdir=/upper/files,workdir=/upper/work overlay /root || fail "cannot mount an overlay"
mount --move /proc /root/proc
mount --move /sys /root/sys
mount --move /dev /root/dev
number=0
for share in $SHARES; do
  mkdir -p "/root$share"
  mount -t virtiofs "share$number" "/root$share" || fail "cannot mount $share"
  number=$((number + 1))
done
release=$(uname -r)
mkdir -p "/root/lib/modules/$release"
mount -t virtiofs -o ro modules "/root/lib/modules/$release"
mount -t tmpfs -o mode=755 tmpfs /root/run
cp /command /root/run/command
chmod +x /root/run/command
mkdir -p /root/dev/pts /root/dev/shm
mount -t devpts -o ptmxmode=666 devpts /root/dev/pts
mount -t tmpfs -o mode=1777 tmpfs /root/dev/shm
# The tests' own overlays cannot have an overlay as their upper layer.
mkdir -p /root/tmp/driftwatch-node
mount -t tmpfs tmpfs /root/tmp/driftwatch-node
mount -t cgroup2 cgroup2 /root/sys/fs/cgroup
mount -t bpf bpf /root/sys/fs/bpf
mount -t tracefs tracefs /root/sys/kernel/tracing
mount -t securityfs securityfs /root/sys/kernel/security 2>/dev/null
ip link set lo up
# Moved to the top, so that paths seen from outside a chroot begin there.
cd /root && mount --move . /
if [ "$SYSTEMD" ]; then
  mkdir -p run/systemd/system
  cat >run/systemd/system/job.service <<UNIT
[Unit]
DefaultDependencies=no
[Service]
Type=oneshot
ExecStart=/run/job
UNIT
  # A port opens once, and systemd passes on nothing that is open.
  cat >run/job <<JOB
#!/bin/sh
exec 3>$port_out 4>$port_err 5>$port_rc
/run/command </dev/null >&3 2>&4 3>&- 4>&- 5>&-
echo \$? >&5
poweroff -ff
JOB
  chmod +x run/job
  exec 3>&- 4>&- 5>&-
  exec chroot . /lib/systemd/systemd --unit=job.service --show-status=no
fi
chroot . /run/command </dev/null >&3 2>&4 3>&- 4>&- 5>&-
echo $? >&5
poweroff -f
