#!/usr/bin/env python3
"""From an act to the restriction in force: response.py DRIFTWATCH [COUNT].

Each of COUNT workloads, cgroups of their own with a baseline, reads a secret, then sends datagrams to where its baseline
does not let it go until the kernel refuses one. Prints the times between, in milliseconds."""
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

COUNT = int(sys.argv[2]) if len(sys.argv) > 2 else 60
ELSEWHERE = ("127.1.0.9", 8443)


def cgroup2():
    with open("/proc/self/mountinfo") as mounts:
        for words in map(str.split, mounts):
            if words[words.index("-") + 1] == "cgroup2":
                return words[4]
    sys.exit("no cgroup2 hierarchy is mounted")


def settings(directory):
    entry = """apiVersion: driftwatch/v1
kind: Baseline
metadata: {workload: cgroup/driftwatch-bench/%d}
spec: {connect: [{exe: "*", cidr: 127.1.0.1/32}]}
"""
    os.mkdir(directory + "/baselines")
    with open(directory + "/baselines/all.yaml", "w") as file:
        file.write("---\n".join(entry % number for number in range(COUNT)))
    with open(directory + "/config.yaml", "w") as file:
        file.write("""response:
  mode: enforce
  most-per-minute: 1000
  policies:
    - {name: bench, match: {rules: [open.credential]}, steps: [{restrict: {for: 1h}}]}
""")


def act(path):
    """In a process of its own: milliseconds until a datagram is refused."""
    with open(path + "/cgroup.procs", "w") as procs:
        procs.write(str(os.getpid()))
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    # So that its cgroup is known: what is measured is not how long that takes.
    open("/etc/hostname").close()
    out.sendto(b"x", ELSEWHERE)
    time.sleep(0.3)
    began = time.monotonic()
    open("/etc/shadow").close()
    while time.monotonic() - began < 5:
        try:
            out.sendto(b"x", ELSEWHERE)
        except PermissionError:
            return 1000 * (time.monotonic() - began)
        except ConnectionRefusedError:
            pass
        time.sleep(0.0001)
    return None


def measured(path):
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(writing, json.dumps(act(path)).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        result = json.load(answer)
    os.waitpid(pid, 0)
    return result


def main():
    root = cgroup2() + "/driftwatch-bench"
    with tempfile.TemporaryDirectory() as directory:
        settings(directory)
        with open(directory + "/log", "w") as log:
            monitor = subprocess.Popen(
                [sys.argv[1], "run", "--config", directory + "/config.yaml", "--state", directory + "/state",
                 "--baselines", directory + "/baselines", "--learn", "off", "--workload", "cgroup/driftwatch-bench/*",
                 "--output", directory + "/lines", "--ready-file", directory + "/ready"], stderr=log)
        try:
            while not os.path.exists(directory + "/ready"):
                if monitor.poll() is not None:
                    sys.exit(open(directory + "/log").read())
                time.sleep(0.05)
            time.sleep(2)
            times = []
            for number in range(COUNT):
                path = f"{root}/{number}"
                os.makedirs(path, exist_ok=True)
                times.append(measured(path))
        finally:
            monitor.send_signal(signal.SIGTERM)
            monitor.wait()
            for number in range(COUNT):
                if os.path.isdir(f"{root}/{number}"):
                    os.rmdir(f"{root}/{number}")
            if os.path.isdir(root):
                os.rmdir(root)
    missed = times.count(None)
    times = sorted(time for time in times if time is not None)
    if not times:
        sys.exit("nothing was restricted")
    print(json.dumps({
        "count": len(times), "missed": missed, "median_ms": round(statistics.median(times), 2),
        "p95_ms": round(times[int(0.95 * (len(times) - 1))], 2), "worst_ms": round(times[-1], 2),
    }))


main()
