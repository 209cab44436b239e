#!/bin/sh
# Clients of a database: busy and quiet times, reads and writes, a table that comes and goes, a backup now and then.
run() { /usr/lib/postgresql/15/bin/pgbench -h 127.0.0.1 -U postgres -n "$@" postgres >/dev/null 2>&1; }
sql() { psql -h 127.0.0.1 -U postgres -qAtc "$1" postgres >/dev/null 2>&1; }
until sql 'select 1'; do sleep 0.2; done
/usr/lib/postgresql/15/bin/pgbench -h 127.0.0.1 -U postgres -i -s 1 -q postgres >/dev/null 2>&1
while :; do
  run -R 30 -T 6 -c 2
  run -R 5 -T 3 -c 1 -S
  sql 'create table if not exists report as select aid, abalance from pgbench_accounts where aid % 7 = 0'
  sql 'create index on report(aid); select count(*) from report a join report b using (aid); drop table report'
  sql 'vacuum analyze pgbench_history; checkpoint'
  pg_dump -h 127.0.0.1 -U postgres -t pgbench_branches postgres >/dev/null 2>&1
  sleep 1
done
