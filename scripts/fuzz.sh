#!/bin/bash
# fuzz.sh SECONDS [TARGET...]: fuzzes each target for so long, from the corpora in the tree.
#
# What is found is left in .build/fuzz/found: make it a sample of the corpus, named by what it broke. What only reaches
# new code is kept in .build/fuzz/corpus, and is where the next run goes on.
set -u
cd "$(dirname "$0")/.." || exit 1
seconds=$1
shift
corpora=Tests/FuzzTests/Corpus
targets=("$@")
[ $# -gt 0 ] || mapfile -t targets < <(ls "$corpora")

# Instrumented, so in a directory of its own.
build=.build/fuzz
build_fuzz() {
  DRIFTWATCH_FUZZ=1 swift build --scratch-path "$build" --product Fuzz -c release --sanitize fuzzer \
    -Xswiftc -enable-testing "$@"
}
build_fuzz || exit 1
fuzz=$(build_fuzz --show-bin-path)/Fuzz

status=0
mkdir -p "$build/found"
for target in "${targets[@]}"; do
  mkdir -p "$build/corpus/$target"
  log=$build/$target.log
  # An input that takes a second, or 2 GiB, is a finding like a crash.
  SWIFT_BACKTRACE=enable=no DRIFTWATCH_FUZZ=$target "$fuzz" -max_total_time="$seconds" -timeout=1 -rss_limit_mb=2048 -max_len=40000 \
    -print_final_stats=1 -artifact_prefix="$build/found/$target-" "$build/corpus/$target" "$corpora/$target" \
    >"$log" 2>&1
  result=$?
  awk -v target="$target" -v result="$result" '
    / cov: / { for (i = 1; i < NF; i++) { if ($i == "cov:") edges = $(i + 1); if ($i == "ft:") features = $(i + 1) } }
    /number_of_executed_units/ { runs = $2 }
    /average_exec_per_sec/ { rate = $2 }
    /peak_rss_mb/ { memory = $2 }
    END {
      printf "%-9s %9d runs %7d/s %6d edges %6d features %5d MiB  %s\n", target, runs, rate, edges, features, memory,
        result ? "FOUND SOMETHING" : "nothing found"
    }' "$log"
  if [ "$result" != 0 ]; then
    grep -m 3 -E 'Fatal error|ERROR: libFuzzer|Test unit written' "$log"
    status=1
  fi
done
exit "$status"
