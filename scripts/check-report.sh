#!/bin/bash
# check-report.sh COMMAND [DIRECTORY]: a real run of the monitor leaves evidence; its report and its register are opened in a
# real headless Chromium, which must find nothing, and so must their like with something planted not pass. What they look like
# is left in DIRECTORY (.build/pages).
set -u
cd "$(dirname "$0")/.." || exit 1
command=${1:-.build/debug/driftwatch}
pages=${2:-.build/pages}
if ! command -v chromium >/dev/null; then
  echo 'PAGES NOT CHECKED: chromium is not installed (scripts/bootstrap.sh browser)' >&2
  exit 3
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/driftwatch-pages.XXXXXX")
monitor=
clean_up() {
  [ -z "$monitor" ] || kill "$monitor" 2>/dev/null
  wait
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

failures=0
fail() {
  echo "FAILED: $*" >&2
  failures=$((failures + 1))
}
# check NAME FILE: nothing is found in it.
check() {
  local found
  if found=$(scripts/browser.py "$2" "$pages/$1"); then
    echo "$1: $(wc -c <"$2") bytes, nothing found; see $pages/$1"
  else
    fail "$1: $found"
  fi
}
# planted NAME FILE WHAT: something is found in it, or the check above says nothing.
planted() {
  scripts/browser.py "$2" "$work/planted" >"$work/found" && fail "$1: $3 went unnoticed"
  [ -s "$work/found" ] || fail "$1: the browser did not look"
}

# The report of a week in which there was a bit of everything.
check week Tests/Fixtures/reports/week.html

# One of what really happened here.
if scripts/preflight.sh 2>/dev/null; then
  "$command" run --state "$work/state" --learn 3s --output /dev/null --ready-file "$work/ready" 2>"$work/log" &
  monitor=$!
  for ((try = 0; try < 300; try++)); do [ ! -e "$work/ready" ] || break; sleep .1; done
  sleep 4
  sh -c 'cat /etc/hostname /etc/shadow' >/dev/null
  sleep 1.5
  "$command" report --state "$work/state" --from 1h -o json >"$work/running.json" || fail 'no report beside the monitor'
  kill -INT "$monitor"
  wait "$monitor" || fail "the monitor ended with $?: $(tail -n 1 "$work/log")"
  monitor=
  "$command" report --state "$work/state" --from 1h -o html >"$work/report.html" || fail 'no report'
  "$command" register --state "$work/state" -o html >"$work/register.html" || fail 'no register'
  check report "$work/report.html"
  check register "$work/register.html"
  for format in json md; do
    "$command" report --state "$work/state" --from 1h -o $format >"$work/text" || fail "no report as $format"
    grep -q 'NHI9:2025' "$work/text" || fail "the report as $format lacks its controls"
  done

  # Changed evidence: told, written all the same, exit code 3.
  sed -i '5s/"severity":[0-9]*/"severity":1/; 5s/"kind":"state"/"kind":"event"/' "$work/state/evidence/00000001.jsonl"
  "$command" report --state "$work/state" --from 1h -o html >"$work/changed.html" 2>/dev/null
  code=$?
  [ $code = 3 ] || fail "changed evidence: exit code $code, not 3"
  grep -q 'The evidence was changed' "$work/changed.html" || fail 'changed evidence is not told'
  check changed "$work/changed.html"
else
  echo 'the pages of a real run are NOT CHECKED: nothing can be watched here' >&2
fi

page=Tests/Fixtures/reports/week.html
sed 's|</main>|<img src="http://127.0.0.1:9/x">&|' $page >"$work/image.html"
planted image "$work/image.html" 'a picture from a network'
sed 's|</main>|<script>console.log(1)</script>&|' $page >"$work/script.html"
planted script "$work/script.html" 'a script'
sed 's|<meta http-equiv[^>]*>||; s|</main>|<img src="http://127.0.0.1:9/x">&|' $page >"$work/open.html"
planted open "$work/open.html" 'a request that no policy forbids'
sed 's|</main>|<div style="width:3000px">x</div>&|' $page >"$work/broad.html"
planted broad "$work/broad.html" 'a page that is wider than its screen'

# What a person may type wrongly, each one line.
for arguments in '--from 1h --to 2h' '--from 2099-01-01' '--from yesterday' '--state /nonexistent'; do
  # shellcheck disable=SC2086
  "$command" report $arguments >"$work/out" 2>"$work/err"
  code=$?
  [ $code = 1 ] || [ $code = 2 ] || fail "report $arguments: exit code $code"
  [ ! -s "$work/out" ] && [ "$(wc -l <"$work/err")" = 1 ] || fail "report $arguments: $(cat "$work/err")"
done

[ "$failures" = 0 ] || exit 1
