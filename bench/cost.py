"""What driftwatch itself takes: time in the kernel, losses, latency, memory, processor time."""
import contextlib
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time

import watchers

TICK = os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def kernel_accounting():
    """The kernel times every BPF program; it adds about 40 ns a run, so only while it is asked for."""
    path = "/proc/sys/kernel/bpf_stats_enabled"
    with open(path) as file:
        before = file.read()
    with open(path, "w") as file:
        file.write("1")
    try:
        yield
    finally:
        with open(path, "w") as file:
            file.write(before)


def programs():
    """Id to (name, nanoseconds, runs) of every BPF program of the machine."""
    listed = json.loads(subprocess.run(["bpftool", "-j", "prog", "show"], capture_output=True, text=True).stdout)
    return {p["id"]: (p.get("name", "?"), p.get("run_time_ns", 0), p.get("run_cnt", 0)) for p in listed}


def kernel_time(command, words, loop):
    """Kernel-accounted nanoseconds per known call, over all programs of the monitor that ran meanwhile."""
    if not shutil.which("bpftool"):
        return {}
    found = {}
    with kernel_accounting():
        others = set(programs())
        with watchers.driftwatch(command, words):
            for kind in ("open", "open32", "uring-open", "uring-nop", "exec", "connect", "datagram", "getppid"):
                loop(kind, 0.2)
                before = programs()
                calls = loop(kind, 1)[1]
                after = programs()
                spent = {}
                for number, (name, time_after, runs_after) in after.items():
                    _, time_before, runs_before = before.get(number, (name, 0, 0))
                    if number not in others and runs_after - runs_before > calls / 10:
                        spent[name] = {
                            "ns_per_run": round((time_after - time_before) / (runs_after - runs_before), 1),
                            "runs_per_call": round((runs_after - runs_before) / calls, 2),
                        }
                total = sum(part["ns_per_run"] * part["runs_per_call"] for part in spent.values())
                found[kind] = {"ns_per_call": round(total, 1), "programs": spent}
    return found


def full_speed(command, loop, scratch):
    """What is lost of known and of new opens, made as fast as one processor can."""
    found = {}
    for name, words, kind in (
        ("known opens, filtered", ["run", "--learn", "24h"], "open"),
        ("new opens, filtered", ["run", "--learn", "24h"], "new"),
        ("every open printed", ["events", "--kind", "open"], "open"),
    ):
        directory = tempfile.mkdtemp(dir=scratch)
        with watchers.driftwatch(command, words) as told:
            calls = loop(kind, 3, directory if kind == "new" else None)[1]
        ledger = told.get("ledger", {}).get("open", {})
        found[name] = {"calls": calls, **{key: ledger.get(key) for key in ("seen", "emitted", "over_quota", "lost")}}
    return found


def latency(command, count):
    """Milliseconds from an open to its line in a pipe."""
    with tempfile.TemporaryDirectory() as files:
        ready = files + "/ready"
        process = subprocess.Popen(
            [command, "events", "--kind", "open", "--ready-file", ready], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)
        try:
            if not watchers.wait_for(lambda: os.path.exists(ready)):
                return None
            os.set_blocking(process.stdout.fileno(), False)
            found, rest = [], b""
            for number in range(count):
                path = f"{files}/latency-{number}"
                start = time.monotonic()
                os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
                while time.monotonic() - start < 1:
                    rest += process.stdout.read() or b""
                    if path.encode() + b'"' in rest:
                        found.append((time.monotonic() - start) * 1000)
                        break
                    time.sleep(0.0002)
                rest = b""
                time.sleep(0.01)
            found.sort()
            return {"median": round(statistics.median(found), 2), "p99": round(found[int(len(found) * 0.99)], 2),
                    "missing": count - len(found)} if found else None
        finally:
            watchers.stop(process)


def attach_time(command, words, count):
    """Seconds from start until every hook is attached."""
    found = []
    for _ in range(count):
        with watchers.driftwatch(command, words) as told:
            found.append(told["attached"])
    return round(statistics.median(found), 3)


def processor_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def memory_of(pid):
    """MiB in all, and without what is mapped from files."""
    with open(f"/proc/{pid}/status") as file:
        fields = dict(line.split(":", 1) for line in file)
    return [round(int(fields[name].split()[0]) / 1024, 1) for name in ("VmRSS", "RssAnon")]


def many_baselines(command, loop, scratch, baselines, entries):
    """Memory, idle processor time, and what judging takes, with many reviewed baselines."""
    directory = scratch + "/baselines"
    os.makedirs(directory)
    for number in range(baselines):
        with open(f"{directory}/{number}.yaml", "w") as file:
            file.write("apiVersion: driftwatch/v1\nkind: Baseline\n"
                       f"metadata: {{workload: oci/service-{number}}}\nspec:\n  open:\n")
            for entry in range(entries):
                file.write(f"    - {{exe: /usr/bin/program-{entry % 20}, path: /srv/{number}/data/{entry}/*, access: [read]}}\n")
    with watchers.driftwatch(command, ["run", "--learn", "24h", "--baselines", directory]) as told:
        pid = told["pid"]
        time.sleep(5)
        idle = processor_seconds(pid)
        time.sleep(10)
        idle = (processor_seconds(pid) - idle) / 10
        resident, own = memory_of(pid)
        before = processor_seconds(pid)
        calls = loop("new", 2, tempfile.mkdtemp(dir=scratch))[1]
        time.sleep(2)
        spent = processor_seconds(pid) - before
    emitted = told.get("ledger", {}).get("open", {}).get("emitted") or calls
    return {
        "baselines": baselines, "entries": entries, "attach_s": round(told["attached"], 2), "judging_s": round(told["judging"], 2), "resident_mib": resident,
        "own_mib": own,
        "idle_percent": round(idle * 100, 2), "us_per_record": round(spent / max(1, emitted) * 1e6, 2),
        "records": emitted,
    }
