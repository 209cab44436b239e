#!/usr/bin/env python3
"""record.py COMMAND [--seconds N] [--out DIR]: records the shipped baselines, then shows that they hold.

Four servers of Debian's packages run in containers under load while `driftwatch record` learns what they do: they are
also reloaded and restarted, and their logs rotated. Then they run anew under the same load, judged by what was written;
every alert is printed, and is a failure. What a person decided on reading the recording is in review.py.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)

import images
from attacker import RuntimeSocket
from node import Node
from review import review
from services.nginx import CONF, Nginx
from services.postgres import Postgres
from services.redis import CONFIG, Redis
from services.webapp import WebApp


class PlainNginx(Nginx):
    workload = "container/nginx"
    # Without the careless page.
    before, _, after = CONF.partition("    location /page")
    conf = (before + after.partition("\n    }\n")[2]).replace("include /etc/nginx/modules-enabled/*.conf;\n", "")


class PlainRedis(Redis):
    workload = "container/redis"
    conf = "\n".join(line for line in CONFIG.splitlines() if not line.startswith("enable-")) + "\n"


class PlainPostgres(Postgres):
    workload = "container/postgres"


class PythonWeb(WebApp):
    workload = "container/python-web"


SERVICES = [PlainNginx(), PlainRedis(), PlainPostgres(), PythonWeb()]


def use(node, first, seconds):
    """All services for a while, with what happens to them in a day."""
    replicas = [(service, service.replica(node, first + number).start()) for service in SERVICES for number in range(2)]
    time.sleep(seconds / 3)
    for service, replica in replicas:
        service.rotate(replica)
        service.reload(replica)
    time.sleep(seconds / 3)
    for number in range(0, len(replicas), 2):
        replicas[number][1].restart()
    time.sleep(seconds / 3)
    for _, replica in replicas:
        replica.stop()


def monitored(words, act, ready):
    process = subprocess.Popen(
        [*words, "--workload", "container/*", "--ready-file", ready],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    while not os.path.exists(ready):
        if process.poll() is not None:
            raise SystemExit("the monitor did not start")
        time.sleep(0.05)
    act()
    process.terminate()
    out, _ = process.communicate()
    return [json.loads(line) for line in out.splitlines()]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command")
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--out", default="baselines")
    parser.add_argument("--check", action="store_true", help="record nothing, only show whether those of --out hold")
    parser.add_argument("--cache", default="/var/cache/driftwatch-detection")
    options = parser.parse_args()
    command = os.path.abspath(options.command)
    os.makedirs(options.cache, exist_ok=True)
    with Node(options.cache) as node, tempfile.TemporaryDirectory() as scratch:
        images.ensure(node, options.cache)
        shutil.rmtree(f"{node.top}/services", ignore_errors=True)
        node.load = f"{node.top}/load"
        shutil.copytree(f"{HERE}/load", node.load, dirs_exist_ok=True)
        runtime = RuntimeSocket(f"{node.top}/docker.sock")
        if not options.check:
            record = [command, "record", "--for", "24h", "--out", f"{scratch}/out", "--output", "/dev/null"]
            monitored(record, lambda: use(node, 20, options.seconds), f"{scratch}/recording")
            for service in SERVICES:
                keep(f"{scratch}/out", options.out, service.workload)
        run = [command, "run", "--state", f"{scratch}/state", "--baselines", options.out, "--learn", "off"]
        lines = monitored(run, lambda: use(node, 30, options.seconds / 2), f"{scratch}/judging")
        runtime.stop()
    ours = {service.workload for service in SERVICES}
    alerts = [
        line for line in lines if line["event"]["kind"] == "alert" and line["driftwatch"]["workload"]["id"] in ours
    ]
    for line in alerts:
        print(f"{line['driftwatch']['workload']['id']}: {line['rule']['id']}: {line['event']['reason']}")
    linted = subprocess.run([command, "baseline", "lint", options.out])
    stopped = lines[-1]["driftwatch"]
    for each in stopped.get("workloads", []):
        if each.get("id") in ours:
            print(f"{each['id']}: {sum(kind['seen'] for kind in each['ledger'].values())} acts were seen")
    print(f"{len(alerts)} alerts under the load that was recorded")
    raise SystemExit(1 if alerts or linted.returncode else 0)


def keep(recorded, out, workload):
    """The file of a workload, named for people; of any content, since the monitor's own evidence is not shipped."""
    for name in sorted(os.listdir(recorded)):
        with open(f"{recorded}/{name}") as file:
            lines = file.read().splitlines()
        if f"  workload: {workload}" not in lines:
            continue
        spec = lines[: next((i for i, line in enumerate(lines) if line.startswith("status:")), len(lines))]
        with open(f"{out}/{workload.rpartition('/')[2]}.yaml", "w") as file:
            spec = [line for line in spec if not line.startswith(("  digest:", "  image:"))]
            file.write("\n".join(review(workload, spec)) + "\n")


main()
