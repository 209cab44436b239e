#!/bin/bash
# tiers.sh OUT FILTER TIER...: runs the tests that FILTER names once for each tier on this kernel. Leaves in OUT, named
# after kernel and tier, the verdicts (NAME.verdicts) and the log (NAME.log); prints what went wrong.
# Environment: BUNDLE, the built tests; LABEL in place of the kernel's series.
set -u
out=$1 filter=$2
shift 2
kernel=$(uname -r | grep -oE '^[0-9]+\.[0-9]+')
status=0
for tier in "$@"; do
  name=$out/${LABEL:-$kernel}.$tier started=$SECONDS
  if ! refused=$("${BUNDLE%/*}/driftwatch" events --tier "$tier" --for 1s 2>&1 >/dev/null); then
    echo "Linux $kernel has no $tier tier: $(tail -n 1 <<<"$refused")" | tee "$name.refused"
    # Of a kernel that was booted for it, that is a failure.
    [ "${LABEL:-}" = here ] || status=1
    continue
  fi
  : >"$name.verdicts"
  DRIFTWATCH_TIER=$tier DRIFTWATCH_VERDICTS=$name.verdicts \
    "$BUNDLE" --testing-library swift-testing --filter "$filter" >"$name.log" 2>&1 || status=1
  grep -E ' recorded an issue ' "$name.log" | cut -c1-400
  grep -oE 'KERNEL TESTS SKIPPED.*' "$name.log" | sort | uniq -c
  summary=$(grep -oE 'Test run with .*' "$name.log" | tail -n 1)
  echo "Linux $kernel, $tier tier: ${summary:-the tests could not be run, see $name.log} In all $((SECONDS - started)) s."
  [ -n "$summary" ] || status=1
done
exit "$status"
