#!/usr/bin/env python3
"""run.py COMMAND [--quick]: what watching costs; prints a table, writes bench/results.json and docs/benchmarks.md.

The machine's speed wanders: every watcher takes its turn in every round, calls are timed in slices of 10 ms, and
of all slices the lowest tenth counts.
"""
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile

import cost
import matching
import report
import watchers

HERE = os.path.dirname(os.path.abspath(__file__))
LOOPS = HERE + "/build/loops"
KINDS = {
    "open": 0.6, "open32": 0.3, "uring-open": 0.6, "uring-nop": 0.3, "exec": 1.0, "connect": 0.5, "datagram": 0.4,
    "getppid": 0.3,
}
RUN = ["run", "--learn", "24h"]


def loop(kind, seconds, path=None):
    path = path or (HERE + "/build/nothing" if kind == "exec" else "/etc/hostname")
    lines = subprocess.run([LOOPS, kind, str(seconds), path], check=True, capture_output=True, text=True).stdout.split()
    return [float(line) for line in lines[:-1]], int(lines[-1])


def lowest_tenth(slices):
    return statistics.median(sorted(slices)[: max(1, len(slices) // 10)])


def interleaved(command, rounds, scratch):
    """Nanoseconds per call of every kind under every watcher, and what each lost."""
    entries = {"nothing": watchers.nothing, "driftwatch": lambda: watchers.driftwatch(command, RUN)}
    entries.update(watchers.others(scratch))
    slices = {name: {kind: [] for kind in KINDS} for name in entries}
    lost, failed = {}, {}
    for number in range(rounds):
        for name, watching in entries.items():
            if name in failed:
                continue
            print(f"round {number + 1} of {rounds}: {name}", file=sys.stderr)
            try:
                with watching() as told:
                    for kind, seconds in KINDS.items():
                        slices[name][kind] += loop(kind, seconds)[0]
            except (RuntimeError, subprocess.CalledProcessError) as error:
                failed[name] = str(error)
                continue
            if "ledger" in told:
                lost[name] = lost.get(name, 0) + sum(kind["lost"] for kind in told["ledger"].values())
            if "lost" in told:
                lost[name] = lost.get(name, 0) + told["lost"]
    for name in failed:
        print(f"left out: {name}: {failed[name]}", file=sys.stderr)
    return {
        name: {kind: round(lowest_tenth(found), 1) for kind, found in kinds.items()}
        | ({"lost": lost[name]} if name in lost else {})
        for name, kinds in slices.items() if name not in failed
    }


def main():
    command = os.path.abspath(sys.argv[1])
    quick = "--quick" in sys.argv
    subprocess.run(["make", "-s", "-C", HERE], check=True)
    with tempfile.TemporaryDirectory() as scratch:
        results = {
            "machine": {"kernel": platform.release(), "cpus": os.cpu_count()},
            "calls_ns": interleaved(command, 1 if quick else 5, scratch),
            "kernel_ns": cost.kernel_time(command, RUN, loop),
            "full_speed": cost.full_speed(command, loop, scratch),
            "latency_ms": cost.latency(command, 40 if quick else 200),
            "attach_s": cost.attach_time(command, RUN, 2 if quick else 5),
            "many_baselines": cost.many_baselines(command, loop, scratch, *((20, 100) if quick else (500, 1000))),
            "matching": matching.matching(command, scratch, 2000 if quick else 50_000),
        }
    if not quick:
        with open(HERE + "/results.json", "w") as file:
            json.dump(results, file, indent=2, sort_keys=True)
            file.write("\n")
    text = report.markdown(results)
    print(text)
    if not quick:
        report.write(os.path.dirname(HERE) + "/docs/benchmarks.md", text)


main()
