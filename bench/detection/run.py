#!/usr/bin/env python3
"""run.py COMMAND [--service NAME ...] [--together N]: how well drift is detected, on real services in containers.

Each service is learned, lives two days in minutes, and is attacked; see docs/detection.md, which this writes, together
with bench/detection/results.json. Needs root and what scripts/bootstrap.sh tests detection installs.
"""

import argparse
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import traceback

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)

import images
import life
import report
import scoring
from attacker import RuntimeSocket
from node import Node
from services import SERVICES
from watch import Monitor


def weapons(top):
    """What the attackers' web server hands out."""
    os.makedirs(top, exist_ok=True)
    source = f"{HERE}/attacks/tool.c"
    subprocess.run(["cc", "-O2", "-static", "-o", f"{top}/tool", source], check=True)
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-DLIBRARY", "-o", f"{top}/lib.so", source], check=True)
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", f"{top}/module.so", f"{HERE}/attacks/module.c"], check=True)
    with open(f"{top}/stage.sh", "w") as file:
        file.write("hostname >/dev/null\n")
    with open(f"{top}/stage.py", "w") as file:
        file.write("import os\nos.getuid()\n")


def measure(node, monitor, service, options):
    print(f"{service.name}: starting", flush=True)
    phases = life.Phases()
    replicas, learned = life.learn(node, monitor, service, phases, options.limit)
    print(f"{service.name}: learned for {learned and round(learned)} s", flush=True)
    size = baseline_size(monitor, service)
    life.live(node, service, replicas, phases, options.days)
    life.attack(node, monitor, service, replicas, phases, options.attack)
    result = scoring.score(service, monitor, phases, replicas[0].instances, learned, options.days)
    result["baseline"] = size
    for replica in replicas:
        replica.stop()
    return result


def side_by_side(services, many, act):
    """What `act` gives for each service, so many at a time; who fails is told and left out."""
    turn, results = threading.Semaphore(many), {}

    def one(service):
        with turn:
            try:
                results[service.name] = act(service)
            except Exception:
                print(f"{service.name} could not be measured: {traceback.format_exc()}", file=sys.stderr)

    # Daemons, so that an interrupt ends them too.
    threads = [threading.Thread(target=one, args=(service,), daemon=True) for service in services]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    except KeyboardInterrupt:
        print("cut short: only what was measured by now is kept", file=sys.stderr)
    return dict(results)


def baseline_size(monitor, service):
    code, text, error = monitor.baseline("show", service.workload)
    return {"entries": text.count("\n    - {"), "bytes": len(text)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command")
    parser.add_argument("--service", action="append", choices=list(SERVICES))
    parser.add_argument("--together", type=int, default=3, help="services that are measured at the same time")
    parser.add_argument("--limit", type=float, default=300, help="seconds after which learning is ended by hand")
    parser.add_argument("--days", type=int, default=life.DAYS)
    parser.add_argument("--attack", help="only attacks whose name has this in it; nothing is kept")
    parser.add_argument("--cache", default="/var/cache/driftwatch-detection")
    parser.add_argument("--lines", help="keep all lines of the monitor in this file")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    os.makedirs(options.cache, exist_ok=True)
    chosen = [SERVICES[name]() for name in options.service or SERVICES]
    with Node(options.cache) as node, tempfile.TemporaryDirectory() as scratch:
        images.ensure(node, options.cache)
        shutil.rmtree(f"{node.top}/services", ignore_errors=True)
        weapons(f"{node.top}/www")
        node.load = f"{node.top}/load"
        shutil.copytree(f"{HERE}/load", node.load, dirs_exist_ok=True)
        runtime = RuntimeSocket(f"{node.top}/docker.sock")
        with Monitor(os.path.abspath(options.command), f"{scratch}/state", f"{scratch}/log") as monitor:
            results = side_by_side(chosen, options.together, lambda service: measure(node, monitor, service, options))
        runtime.stop()
        if options.lines:
            with open(options.lines, "w") as file:
                for line in monitor.lines:
                    file.write(json.dumps({"arrived": line.arrived, **line.document}) + "\n")
    if not options.attack:
        keep(results)
    print(report.brief(results))


def keep(results):
    """Results of this run beside those of services that were not run."""
    path = f"{HERE}/results.json"
    kept = {"services": {}}
    if os.path.exists(path):
        with open(path) as file:
            kept = json.load(file)
    kept["machine"] = {"kernel": platform.release(), "cpus": os.cpu_count()}
    kept["services"].update(results)
    with open(path, "w") as file:
        json.dump(kept, file, indent=1, sort_keys=True)
        file.write("\n")
    report.write(os.path.join(HERE, "../../docs/detection.md"), kept, list(SERVICES))


main()
