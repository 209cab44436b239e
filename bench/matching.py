"""What judging costs by the size of a baseline: `check` over recorded acts that are all known."""
import json
import os
import random
import subprocess

SIZES = (10, 1000, 100_000)


def place(entry):
    """What an entry of the baseline allows, and a path that it does: every fourth is a directory's files."""
    if entry % 4:
        return f"/srv/conf/{entry}.conf", f"/srv/conf/{entry}.conf"
    return f"/srv/data/{entry}/*", f"/srv/data/{entry}/x"


def write_baseline(path, size):
    with open(path, "w") as file:
        file.write("apiVersion: driftwatch/v1\nkind: Baseline\nmetadata:\n  workload: container/service\nspec:\n  open:\n")
        for entry in range(size):
            file.write(f"    - {{exe: /usr/bin/program-{entry % 20}, path: {place(entry)[0]}, access: [read]}}\n")


def write_acts(path, size, count):
    numbers = random.Random(1)
    with open(path, "w") as file:
        for _ in range(count):
            entry = numbers.randrange(size)
            file.write(json.dumps({
                "@timestamp": "2026-11-20T09:00:00.000000000Z", "event": {"kind": "event", "action": "open"},
                "process": {"pid": 7, "executable": f"/usr/bin/program-{entry % 20}"},
                "file": {"path": place(entry)[1]},
                "driftwatch": {"workload": {"id": "container/service", "kind": "container", "instance": "i"},
                               "file": {"access": ["read"]}},
            }) + "\n")


def processor_seconds(words):
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(words)} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def matching(command, scratch, count):
    """Microseconds of processor time per act, reading its line included, by the number of entries; loading is not."""
    found = {}
    for size in SIZES:
        baseline, acts, none = (f"{scratch}/{size}{ending}" for ending in (".yaml", ".jsonl", ".none"))
        write_baseline(baseline, size)
        write_acts(acts, size, count)
        write_acts(none, size, 0)
        words = [command, "check", "--baselines", baseline]
        loading, whole = (min(processor_seconds(words + [file]) for _ in range(5)) for file in (none, acts))
        found[str(size)] = {"us_per_act": round((whole - loading) / count * 1e6, 2), "loading_s": round(loading, 3)}
    return found
