#!/bin/bash
# test.sh [--filter NAME | --skip NAME]...: builds the provokers and runs every test, or those that are named; then what is
# seen once more on a kernel that takes fentry where the machine's own does not, and says how it went.
set -u
cd "$(dirname "$0")/.." || exit 1
started=$SECONDS
make -s -C Tests/Provokers || exit 1
# The kernel half by itself: paths, keys and quotas, run by the kernel for the asking.
if scripts/preflight.sh 2>/dev/null; then make -s -C bpf test || exit 1; fi

swift build --build-tests || exit 1

# Not by `swift test`: it waits for all who inherited its output, so after a crash for servers that nobody ends.
limit=2700
log=$(mktemp)
tests=
run() {
  # What a shell starts in the background is deaf to SIGINT, and so would be all that the tests start.
  timeout -k 10 "$limit" env --default-signal=INT,QUIT \
    .build/debug/driftwatchPackageTests.xctest --testing-library swift-testing "$@" >>"$log" 2>&1 &
  tests=$!
  tail -n +"$shown" -f --pid="$tests" "$log"
  wait "$tests"
  local ended=$?
  shown=$(($(wc -l <"$log") + 1))
  [ "$ended" -eq 0 ] || status=$ended
}

# The tests take down what they made; this is for a run that was cut short.
clean_up() {
  # timeout leads a process group, in which all that the tests started directly is.
  [ -z "$tests" ] || kill -KILL -- "-$tests" 2>/dev/null
  rm -f "$log"
  [ ! -d /tmp/driftwatch-node ] || [ "$(id -u)" != 0 ] || (
    export BOX=/tmp/driftwatch-node/box BOX_CGROUP=driftwatch-node
    Tests/Support/containers.sh view_down
    Tests/Support/containers.sh cgroup_clean driftwatch-test
    [ ! -d /tmp/driftwatch-node/table ] ||
      BOX=/tmp/driftwatch-node/table BOX_CGROUP=driftwatch-table Tests/Support/runtimes.sh down
    rm -rf /tmp/driftwatch-node
  ) >/dev/null 2>&1
}
trap clean_up EXIT
shown=1 status=0
if [ $# -gt 0 ]; then
  run "$@"
else
  # First those that talk with servers and programs: beside tests that keep all of Swift's threads busy for minutes, their
  # time limits would be up before anybody has looked.
  talking='^(EnginesTests|ResponsesTests)\.'
  run --filter "$talking"
  run --skip "$talking"
fi

skipped=$(grep -c 'KERNEL TESTS SKIPPED' "$log")
echo
grep -E ' recorded an issue ' "$log" | sed 's/ at .*//' | sort | uniq -c
summary=$(grep -oE 'Test run with .*' "$log")
if [ "$status" -eq 124 ]; then summary="The tests were ended after $limit s."; fi
if [ "$status" -ge 128 ]; then summary="The tests crashed ($status): $(grep -m 1 'Fatal error' "$log")"; fi
echo "${summary:-The tests could not be run.} In all $((SECONDS - started)) s."
if [ "$skipped" -gt 0 ]; then
  echo "the kernel was not watched by these tests:"
  grep -o 'KERNEL TESTS SKIPPED.*' "$log" | sort | uniq -c
  # Where everything is there to watch a kernel, not to have watched it is a failure.
  if [ -n "${REQUIRE_KERNEL_TESTS:-}" ]; then
    echo "and this machine has what they need, so that is a failure" >&2
    status=1
  fi
fi

# What follows goes with all tests only.
[ $# -eq 0 ] || exit "$status"

# The pages in a real browser.
scripts/check-report.sh .build/debug/driftwatch
case $? in
  0 | 3) ;;
  *) status=1 ;;
esac

# The other tier, on a kernel booted for it: that takes minutes.
other='the fentry tier on Linux 6.1'
if .build/debug/driftwatch doctor 2>/dev/null | grep -q '^tier  *fentry'; then
  echo "both tiers are this machine's own: $other is left to make test-kernels"
elif ! scripts/bootstrap.sh kernels; then
  echo "NOT TESTED: $other, since qemu cannot be had here"
else
  LIMIT=900 scripts/test-kernels.sh -f 'NodeTests.(EventTests|FirstSeenTests)' 6.1:fentry
  case $? in
    0) ;;
    3) echo "NOT TESTED: $other, since the kernel cannot be had here" ;;
    *) status=1 ;;
  esac
fi
echo "In all $((SECONDS - started)) s."
exit "$status"
