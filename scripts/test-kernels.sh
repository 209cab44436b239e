#!/bin/bash
# test-kernels.sh [SERIES...]: the tests of events and first-seen on other kernels, one boot each. A kernel that cannot
# be had any more is said and passed over; that none can be had is a failure.
set -u
cd "$(dirname "$0")/.." || exit 1
make -s -C Tests/Provokers && swift build --build-tests || exit 1
bundle=$(swift build --show-bin-path)/driftwatchPackageTests.xctest
tested=0 status=0
[ $# -gt 0 ] || set -- 6.1 5.10
for series in "$@"; do
  echo "== Linux $series"
  Tests/Support/vm.sh -m 3072 -t 900 "$series" -- \
    env DRIFTWATCH_PATIENCE=8 "$bundle" --testing-library swift-testing --filter "${FILTER:-EventTests|FirstSeenTests}"
  case $? in
    0) tested=$((tested + 1)) ;;
    3) echo "Linux $series: not tested, no such kernel to be had" ;;
    *) status=1 tested=$((tested + 1)) && echo "Linux $series: FAILED" ;;
  esac
done
[ "$tested" -gt 0 ] || status=1
echo "kernels tested: $tested"
exit "$status"
