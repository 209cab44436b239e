#!/usr/bin/env python3
"""soak.py DRIFTWATCH [MINUTES]: containers, execs, opens and connects that go on and on under `driftwatch run`; then
whether it stayed as small as it was, and told of all that it lost. Needs root and what scripts/bootstrap.sh tests installs."""
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.realpath(__file__))
BOX = os.path.join(HERE, "../Tests/Support/containers.sh")
PROVOKERS = os.path.join(HERE, "../Tests/Provokers/build")
COUNTED = ["exec", "connect", "listen", "open"]


def box(*words, check=True):
    return subprocess.run([BOX, *words], check=check, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def churn(top, bundle, stop):
    """Containers of some 10 ms, four at a time, each under a name that was never used before."""
    burst = 0
    while not stop.is_set():
        burst += 1
        box("oci_burst", "crun", "20", "4", bundle, f"soak-{burst}", check=False)
        stop.wait(1)


def restart(top, bundle, stop):
    """One workload that is started again and again, and does the same each time."""
    while not stop.is_set():
        box("oci_start", "crun", bundle, "soak-web", check=False)
        stop.wait(5)
        box("oci_stop", "crun", "soak-web", check=False)


def acts(top, bundle, stop):
    """Execs, opens and connects, some known, some never done before."""
    number = 0
    while not stop.is_set():
        number += 1
        known, new = f"{top}/known", f"{top}/{random.getrandbits(64):x}"
        for command in (
            ["open-again", "10", known],
            ["open", "openat", known, "read"],
            ["open-new", top, "20"],
            ["nothing", str(number)],
            ["connect", "block", "127.0.0.1", str(20000 + number % 20000)],
            ["listen", "tcp", str(40000 + number % 5000)],
        ):
            subprocess.run([f"{PROVOKERS}/{command[0]}", *command[1:]], stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
        open(new, "w").close()
        os.unlink(new)
        stop.wait(0.2)


def sample(pid):
    with open(f"/proc/{pid}/status") as status:
        resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))
    return {"resident": resident, "descriptors": len(os.listdir(f"/proc/{pid}/fd"))}


def faults(samples, lines):
    """What is wrong, in words; nothing if all is well."""
    early = [s for s in samples if s["time"] >= 60] or samples
    late = sorted(s["resident"] for s in samples[-3:])[1 if len(samples) > 1 else 0]
    if late > 1.1 * early[0]["resident"]:
        yield f"resident memory grew from {early[0]['resident']} to {late} KiB"
    if samples[-1]["descriptors"] > early[0]["descriptors"]:
        yield f"descriptors grew from {early[0]['descriptors']} to {samples[-1]['descriptors']}"
    stopped = [line for line in lines if line["event"]["action"] == "monitor-stopped"]
    if not stopped:
        yield "it did not say goodbye"
        return
    for kind in COUNTED:
        account = stopped[0]["driftwatch"]["ledger"][kind]
        if (account["seen"] != account["known"] + account["emitted"] + account["over_quota"] + account["lost"]
                or account["emitted"] != account["received"] + account["undecodable"]
                or account["received"] != account["judged"] + account["held"]):
            yield f"the account of {kind} does not balance: {account}"
    # What a busy machine loses is told, by how much and why; what is lost without a word is a fault.
    lost = sum(stopped[0]["driftwatch"]["ledger"][kind]["lost"] for kind in COUNTED)
    # What was left in the ring at the end is held, not lost: its gap explains no loss.
    told = sum(gap["lost"] for gap in gaps(lines) if "left in the ring" not in gap["why"])
    if lost > told:
        yield f"{lost} acts were lost, and {told} told as gaps"


def gaps(lines):
    return [line["driftwatch"]["gap"] for line in lines if line["event"]["action"] == "coverage-gap"]


def main():
    if not 2 <= len(sys.argv) <= 3:
        sys.exit(__doc__)
    minutes = float(sys.argv[2]) if len(sys.argv) == 3 else 30
    with tempfile.TemporaryDirectory(prefix="driftwatch-soak-") as top:
        os.environ.update(BOX=f"{top}/box", BOX_CGROUP=os.path.basename(top))
        os.makedirs(f"{top}/box")
        open(f"{top}/known", "w").close()
        output, ready = f"{top}/lines", f"{top}/ready"
        box("view_up")
        monitor = None
        try:
            box("rootfs", f"{top}/image")
            box("bundle", f"{top}/burst", f"{top}/image", "", "", "--", "/bin/true")
            box("bundle", f"{top}/web", f"{top}/image", "/soak-web", "", "--", "/bin/sh", "-c",
                "while :; do cat /etc/* 2>/dev/null; sleep 0.2; done")
            monitor = subprocess.Popen([sys.argv[1], "run", "--state", f"{top}/state", "--learn", "20s", "--output",
                                        output, "--ready-file", ready])
            while not os.path.exists(ready):
                if monitor.poll() is not None:
                    sys.exit("the monitor ended at once")
                time.sleep(0.05)
            stop, started, samples = threading.Event(), time.monotonic(), []
            load = [threading.Thread(target=each, args=(top, f"{top}/{name}", stop))
                    for each, name in ((churn, "burst"), (restart, "web"), (acts, ""))]
            for thread in load:
                thread.start()
            print(f"{'seconds':>8} {'KiB':>8} {'descriptors':>12}", flush=True)
            while time.monotonic() - started < minutes * 60:
                time.sleep(10)
                samples.append({"time": round(time.monotonic() - started), **sample(monitor.pid)})
                now = samples[-1]
                print(f"{now['time']:>8} {now['resident']:>8} {now['descriptors']:>12}", flush=True)
            stop.set()
            for thread in load:
                thread.join()
            monitor.send_signal(signal.SIGTERM)
            asked = time.monotonic()
            monitor.wait(60)
            took = time.monotonic() - asked
            with open(output) as text:
                lines = [json.loads(line) for line in text]
        finally:
            if monitor and monitor.poll() is None:
                monitor.kill()
                monitor.wait()
            box("view_down", check=False)
        states = [line for line in lines if line["event"]["kind"] == "state"]
        for line in states:
            if line["event"]["action"] == "monitor-stopped":
                for kind in COUNTED:
                    account = line["driftwatch"]["ledger"][kind]
                    print(f"{kind:>8} " + ", ".join(f"{name} {account[name]}" for name in sorted(account)))
        wrong = list(faults(samples, states))
        if took > 5:
            wrong.append(f"it took {took:.1f} s to end")
        for why in sorted({gap["why"] for gap in gaps(states)}):
            found = [gap for gap in gaps(states) if gap["why"] == why]
            print(f"told: {len(found)} gaps, {sum(gap['lost'] for gap in found)} acts: {why}")
        for fault in wrong:
            print(fault, file=sys.stderr)
        print("grew, or lost without a word" if wrong else f"no larger, ended in {took:.1f} s, every loss told")
        sys.exit(1 if wrong else 0)


main()
