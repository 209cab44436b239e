#!/bin/bash
# test-kernels.sh [-f FILTER] [PLACE...]: the tests of what is seen, in every tier of every PLACE, and a table of what
# became of each case of docs/evasions.md there. A PLACE is `here` or a series of Debian's kernels, such as 6.1, one boot
# each under qemu; with `:TIER` only that tier. Fails on a test that fails and on a case that is missed. A kernel that
# cannot be had any more is said and passed over; that none can be had is status 3. With a FILTER the table has only the
# cases that it judged. The logs stay in .build/verdicts.
set -u
cd "$(dirname "$0")/.." || exit 1
seen='EventTests|FirstSeenTests|ContainerTests|RuleTests|WhoTests|NameTests|RestrictTests'
# What is about the monitor itself is the same everywhere, and too much for an emulated machine.
itself='RestartTests|UsageTests|FloodTests|CoverageTests|DiskTests|OutputTests|SurvivalTests|ProtectionTests'
# What only a machine of its own may go through.
expendable='ExpendableTests'
filter= partly=
while getopts f: option; do
  case $option in
    f) filter=$OPTARG partly=partly ;;
    *) exit 2 ;;
  esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- here 5.10 6.1 6.12 6.18 7.2
# Boots may be slow, but not endless.
limit=${LIMIT:-2700}

make -s -C Tests/Provokers && swift build --build-tests || exit 1
BUNDLE=$(swift build --show-bin-path)/driftwatchPackageTests.xctest
export BUNDLE
out=$PWD/.build/verdicts
rm -rf "$out"
mkdir -p "$out"

tested=0 status=0
for place in "$@"; do
  series=${place%%:*} tiers='fentry tracepoint'
  [ "$series" = "$place" ] || tiers=${place#*:}
  echo "== Linux $([ "$series" = here ] && uname -r || echo "$series")"
  if [ "$series" = here ]; then
    LABEL=here Tests/Support/tiers.sh "$out" "${filter:-NodeTests.($seen|$itself)}" $tiers
  else
    Tests/Support/vm.sh -m 3072 -t "$limit" -d "$out" "$series" -- \
      env DRIFTWATCH_PATIENCE=8 BUNDLE="$BUNDLE" Tests/Support/tiers.sh "$out" \
      "${filter:-NodeTests.($seen|$expendable)}" $tiers
  fi
  case $? in
    0) tested=$((tested + 1)) ;;
    3) echo "Linux $series: NOT TESTED, no such kernel to be had" ;;
    *) status=1 tested=$((tested + 1)) && echo "Linux $series: FAILED" ;;
  esac
done
[ "$tested" -gt 0 ] || exit 3
scripts/verdicts.py docs/evasions.md "$out" $partly || status=1
exit "$status"
