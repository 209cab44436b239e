#!/bin/sh
# Clients of a store: bursts of every kind of command, quiet times, scripts, subscribers.
cli() { redis-cli -h 127.0.0.1 "$@" >/dev/null 2>&1; }
while :; do
  redis-benchmark -h 127.0.0.1 -q -n 400 -c 4 -r 5000 -d 64 \
    -t set,get,incr,lpush,rpop,sadd,hset,zadd,mset >/dev/null 2>&1
  cli eval 'return redis.call("set", KEYS[1], ARGV[1])' 1 script:key value
  cli subscribe news & subscriber=$!
  cli publish news hello
  sleep 1
  kill $subscriber
  cli --scan --pattern 'key:*1'
  cli info
  sleep 1
done
