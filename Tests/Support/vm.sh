#!/bin/bash
# vm.sh [-d DIR]... [-m MIB] [-c CPUS] [-t SECONDS] [-s] [-v] SERIES -- COMMAND ARGUMENT...
# Boots a Debian kernel under qemu and runs one command in it as root, in this directory, on the host's own files;
# what it writes vanishes, except below a DIR that is shared. Passes output and status on.
# -s: the host's systemd is PID 1, and the command a unit of it.
# Status: of the command; 124 out of time; 125 the machine died or could not start; 3 no such kernel to be had.
set -u
here=$(dirname "$(readlink -f "$0")")
memory=2048 cpus=2 limit=300 verbose= systemd= shares=()
while getopts d:m:c:t:sv option; do
  case $option in
    d) shares+=("$(realpath "$OPTARG")") ;;
    m) memory=$OPTARG ;;
    c) cpus=$OPTARG ;;
    t) limit=$OPTARG ;;
    s) systemd=1 ;;
    v) verbose=1 ;;
    *) exit 125 ;;
  esac
done
shift $((OPTIND - 1))
series=${1:?a series, such as 6.1}
shift
[ "${1:-}" != -- ] || shift
kernel=$("$here/vm-kernel.sh" "$series") || exit
release=$(cat "$kernel/release")

work=$(mktemp -d "${TMPDIR:-/tmp}/driftwatch-vm.XXXXXX")
helpers=() machine=
clean_up() {
  [ -z "$machine" ] || kill "$machine" 2>/dev/null
  [ ${#helpers[@]} -eq 0 ] || kill "${helpers[@]}" 2>/dev/null
  wait 2>/dev/null
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM
die() {
  echo "vm: $1" >&2
  exit 125
}

# ------------------------------------------------------------------ what is to be done, as a second initramfs

quote() { printf "'%s'" "${1//\'/\'\\\'\'}"; }
mkdir "$work/job"
echo "SHARES='${shares[*]:-}' SYSTEMD=$systemd" >"$work/job/settings"
{
  echo '#!/bin/sh'
  echo "export PATH=$(quote "$PATH") HOME=/root TERM=dumb"
  # Whatever happens to this machine, nobody else has it.
  echo "export DRIFTWATCH_EXPENDABLE=1"
  echo "cd $(quote "$PWD") 2>/dev/null || cd /"
  printf 'exec'
  for word in "$@"; do printf ' %s' "$(quote "$word")"; done
  echo
} >"$work/job/command"
(cd "$work/job" && printf 'settings\ncommand\n' | cpio -o -H newc --quiet) >"$work/job.cpio"
cat "$kernel/initramfs" "$work/job.cpio" >"$work/initramfs"

# ------------------------------------------------------------------ the machine

arguments=(
  -nodefaults -no-user-config -display none -monitor none -no-reboot -smp "$cpus" -m "$memory"
  -object "memory-backend-memfd,id=memory,size=${memory}M,share=on"
  -accel tcg,thread=multi -cpu max -M q35,memory-backend=memory,usb=off,vmport=off,smbus=off,sata=off
  -kernel "$kernel/vmlinux" -initrd "$work/initramfs"
  # The BPF security module must be named to be there.
  -append "console=ttyS0 $([ "$verbose" ] && echo loglevel=7 || echo quiet) panic=-1 nokaslr mitigations=off
    no_timer_check random.trust_cpu=on audit=0 lsm=lockdown,capability,landlock,yama,apparmor,bpf"
  -serial "file:$work/console" -device virtio-serial-pci
)
for port in out err rc; do
  arguments+=(-chardev "file,id=$port,path=$work/$port" -device "virtserialport,chardev=$port,name=$port")
done

# share TAG DIR CACHE: one more directory for the machine.
share() {
  local daemon=/usr/lib/qemu/virtiofsd try
  [ -x $daemon ] || die "$daemon is missing: apt-get install qemu-system-common"
  $daemon --socket-path="$work/$1.sock" -o source="$2" -o sandbox=chroot -o cache="$3" -o log_level=err \
    --thread-pool-size=2 </dev/null >>"$work/share.log" 2>&1 &
  helpers+=($!)
  arguments+=(-chardev "socket,id=$1,path=$work/$1.sock" -device "vhost-user-fs-pci,chardev=$1,tag=$1,queue-size=256")
  for ((try = 0; try < 100; try++)); do
    [ ! -S "$work/$1.sock" ] || return 0
    sleep .02
  done
  die "$2 cannot be shared: $(cat "$work/share.log")"
}
share root / always
share modules "$kernel/lib/modules/$release" always
for number in "${!shares[@]}"; do share "share$number" "${shares[number]}" auto; done

# A file at its end counts as unplugged, and the guest's writes would block: pipes, kept open from this side.
: >"$work/console"
mkfifo "$work/out" "$work/err"
cat "$work/out" &
readers=($!)
cat "$work/err" >&2 &
readers+=($!)
helpers+=("${readers[@]}")
exec 8<>"$work/out" 9<>"$work/err"
timeout -k 5 "$limit" qemu-system-x86_64 "${arguments[@]}" </dev/null 2>"$work/qemu.log" &
machine=$!
wait "$machine"
ended=$? machine=
exec 8>&- 9>&-
wait "${readers[@]}"

if [ -s "$work/rc" ]; then exit "$(head -n 1 "$work/rc" | tr -dc 0-9)"; fi
if [ "$ended" = 124 ] || [ "$ended" = 137 ]; then
  echo "vm: not done after $limit s; console:" >&2
  tail -n 15 "$work/console" >&2
  exit 124
fi
cat "$work/qemu.log" >&2
tail -n 40 "$work/console" >&2
die "the machine ended without a status"
