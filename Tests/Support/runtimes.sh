#!/bin/bash
# runtimes.sh VERB [ROW...]: one container of every runtime, for the table of docs/identity.md.
#
#   up      engines and images         start   one of each: prints `ROW INSTANCE FROM TO`, times in ns
#   down    leaves nothing behind      end     the same ones: prints `ROW FROM TO`
#
# Environment: BOX, BOX_CGROUP, BOX_PLACE, see containers.sh.
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/containers.sh"
name=driftwatch-table
pod="shop shop-7d9f8b6c5-x7k2p uid-1"
image=localhost/web:1.2
cri() { python3 "$BOX_LIB/cri.py" "$BOX/containerd/containerd.sock" "$@"; }
ctr_default() { BOX_NAMESPACE=default ctr_ "$@"; }

up() {
  set -e
  view_up
  rootfs "$BOX/root"
  image "$BOX/image.tar" "$image" "$BOX/root" team=image -- /bin/sleep 100 >"$BOX/images"
  image "$BOX/pause.tar" localhost/pause:1 "$BOX/root" -- /bin/sleep 100 >>"$BOX/images"
  podman_up runc
  podman_ load -q -i "$BOX/image.tar" >/dev/null
  dockerd_up
  docker_ load -q -i "$BOX/image.tar" >/dev/null
  containerd_up
  ctr_ images import "$BOX/image.tar" >/dev/null
  ctr_ images import "$BOX/pause.tar" >/dev/null
  ctr_default images import "$BOX/image.tar" >/dev/null
  [ "${BOX_PLACE:-view}" = host ] || podman_api_up
}

# ------------------------------------------------------------------ start_ROW prints the instance's id

start_oci() {
  bundle "$BOX/$1" "$BOX/root" "/$name-$1" '' -- /bin/sleep 100
  oci_start "$1" "$BOX/$1" "$name-$1" && echo "$name-$1"
}
start_crun() { start_oci crun; }
start_runc() { start_oci runc; }
start_podman() { podman_ run -d --pull=never --network none --name $name-podman --label team=a $image; }
start_pod() {
  # In the view a parent with processes can have no children with controllers.
  podman_ pod create --infra=false --share-parent=$([ "${BOX_PLACE:-view}" = host ] && echo true || echo false) \
    --name $name-pod >/dev/null
  podman_ run -d --pull=never --network none --pod $name-pod --name $name-member $image
}
start_docker() { docker_ run -d --network none --name $name-docker --label team=b $image; }
start_compose() {
  docker_ run -d --network none --name table-db-1 --label com.docker.compose.project=table \
    --label com.docker.compose.service=db $image
}
start_containerd() {
  ctr_default run -d --runc-binary "$(containerd_runc)" --label team=c $image $name-ctr && echo $name-ctr
}
start_cri() {
  [ -s "$BOX/sandbox" ] || start_sandbox >/dev/null
  kubelet
  cri container "$(cat "$BOX/sandbox")" $pod main $image "$BOX/kubelet/pods/uid-1/etc-hosts:/etc/hosts" \
    "$BOX/kubelet/pods/uid-1/volumes/kubernetes.io~projected/kube-api-access-x:/run/secrets/kubernetes.io/serviceaccount" \
    -- /bin/sleep 100
}
# What the kubelet keeps for the pod and mounts into its containers: its token names the service account.
kubelet() {
  local volume=$BOX/kubelet/pods/uid-1/volumes/kubernetes.io~projected/kube-api-access-x claims
  claims='{"kubernetes.io":{"namespace":"shop","pod":{"name":"shop-7d9f8b6c5-x7k2p","uid":"uid-1"},
    "serviceaccount":{"name":"front","uid":"u"}}}'
  mkdir -p "$volume"
  echo "127.0.0.1 localhost" >"$BOX/kubelet/pods/uid-1/etc-hosts"
  echo "e30.$(base64 -w 0 <<<"$claims" | tr -d = | tr /+ _-).c2ln" >"$volume/token"
}
start_sandbox() {
  cri pod $pod /kubepods/$name app.kubernetes.io/name=shop pod-template-hash=7d9f8b6c5 | tee "$BOX/sandbox"
}
# podman in podman: the inner one has this machine's files and keeps its own under /inner.
start_nested() {
  mkdir -p "$BOX/nested/upper/inner" && cp "$BOX/image.tar" "$BOX/nested/upper/inner/"
  cat >"$BOX/nested/upper/inner/start" <<'INNER'
#!/bin/sh
export CONTAINERS_CONF=/inner/containers.conf
podman="podman --root /inner/root --runroot /run/inner --tmpdir /run/inner/tmp --storage-driver vfs"
$podman load -q -i /inner/image.tar && exec $podman run --pull=never --network none --name inner localhost/web:1.2 101
INNER
  chmod +x "$BOX/nested/upper/inner/start"
  cp "$BOX/podman/containers.conf" "$BOX/nested/upper/inner/"
  overlay "$BOX/nested" / || return
  podman_ run -d --privileged --network none --name $name-outer --rootfs "$BOX/nested/merged" /inner/start || return
  until_ready 500 podman_ exec $name-outer sh -c 'grep -qsx sleep /proc/[0-9]*/comm'
}
# A unit of a systemd that is the first process of a container.
start_systemd() {
  systemd_up && systemd_ systemd-run --quiet --unit=inner sleep 102 && echo box-systemd
}

# ------------------------------------------------------------------ end_ROW

end_crun() { oci_stop crun $name-crun; }
end_runc() { oci_stop runc $name-runc; }
end_podman() { podman_ rm -f -t 0 $name-podman; }
end_pod() { podman_ pod rm -f -t 0 $name-pod; }
end_docker() { docker_ rm -f $name-docker; }
end_compose() { docker_ rm -f table-db-1; }
end_containerd() {
  ctr_default task kill -s KILL $name-ctr
  until_ready 100 ctr_default task rm $name-ctr
}
end_cri() { :; }
end_sandbox() { cri remove "$(cat "$BOX/sandbox")" && rm "$BOX/sandbox"; }
end_nested() { podman_ rm -f -t 0 $name-outer; overlay_down "$BOX/nested"; }
end_systemd() { systemd_down; }

# ------------------------------------------------------------------ many, and gone after 10 ms

# burst ROW COUNT PARALLEL: containers burst-1 and so on of crun, podman or cri.
burst() {
  local number
  case $1 in
    crun) bundle "$BOX/burst" "$BOX/root" '' '' -- /bin/sleep 0.01 ;;
    cri) start sandbox >/dev/null ;;
  esac
  for ((number = 1; number <= $2; number++)); do
    "burst_$1" "burst-$number" >/dev/null &
    [ "$(jobs -rp | wc -l)" -lt "$3" ] || wait -n
  done
  wait
}
burst_crun() { oci_run crun "$BOX/burst" "$1"; }
burst_podman() {
  podman_ run --rm --pull=never --network none --name "$1" --entrypoint /bin/sleep $image 0.01
}
burst_cri() { cri container "$(cat "$BOX/sandbox")" $pod "$1" $image -- /bin/sleep 0.01; }

# What runs is noted, so that `down` ends no more than that.
start() {
  local row from id
  for row in "$@"; do
    : >"$BOX/$row.runs"
    from=$(date +%s%N)
    id=$("start_$row" 2>"$BOX/$row.log") || {
      echo "$row cannot be started: $(cat "$BOX/$row.log")" >&2
      return 1
    }
    echo "$row $(tail -n 1 <<<"$id") $from $(date +%s%N)"
  done
}

end() {
  local row from
  for row in "$@"; do
    from=$(date +%s%N)
    "end_$row" >"$BOX/$row.log" 2>&1
    rm "$BOX/$row.runs"
    echo "$row $from $(date +%s%N)"
  done
}

down() {
  local row
  [ -d "$BOX" ] || return 0
  cd "$BOX" && for row in *.runs; do [ ! -e "$row" ] || end "${row%.runs}"; done
  [ ! -e podman/api.pid ] || podman_api_down
  [ ! -d podman ] || podman_down
  [ ! -e containerd/containerd.pid ] || containerd_down
  [ ! -e docker/pid ] || dockerd_down
  view_down
} >/dev/null 2>&1

"$@"
