#!/bin/sh
# A nightly job: backs the content up, checks it, writes a report and sends it, and lets old backups go.
set -e
. /data/job.conf
stamp=$(date +%Y%m%d-%H%M%S-%N)
work=$(mktemp -d)
tar -czf "/data/backups/backup-$stamp.tar.gz" -C /data/content .
find /data/content -type f -name '*.txt' | sort >"$work/list"
xargs sha256sum <"$work/list" >"$work/sums"
python3 /srv/job/report.py "$work/sums" "/data/reports/report-$stamp.json"
curl -fsS -T "/data/reports/report-$stamp.json" "$REPORTS/$stamp" >/dev/null
for kind in backups reports; do
  ls -1 /data/$kind | head -n -"$KEEP" | while read -r old; do rm -f "/data/$kind/$old"; done
done
gzip -t "/data/backups/backup-$stamp.tar.gz"
rm -rf "$work"
