"""The phases that a service goes through: it is learned, lives a few days in minutes, and is attacked."""

import time

from attacks import shell
from attacker import Attacker

# A day of a service: what happens to it once a day, and of its use so much that nothing new comes with more of it.
DAYS = 2
REPLICAS = 3


class Phases:
    """When what began, for the scores."""

    def __init__(self):
        self.steps = []
        self.attacks = []

    def begin(self, step):
        self.steps.append((time.time(), step))


def learn(node, monitor, service, phases, limit):
    """Starts replicas and waits until they are learned; how long that took, None if it had to be ended by hand."""
    phases.begin("learning")
    started = time.time()
    replicas = [service.replica(node, number).start() for number in range(1, REPLICAS + 1)]
    while time.time() - started < limit:
        armed = monitor.armed(service.workload)
        if armed:
            return replicas, armed - started
        time.sleep(0.5)
    code, _, error = monitor.baseline("approve", service.workload)
    print(f"{service.name}: not armed after {limit} s, approved by hand {error.strip()[-200:]}")
    time.sleep(2)
    return replicas, None


def live(node, service, replicas, phases, days=DAYS):
    """Normal life: nothing of it is to be told."""
    for day in range(1, days + 1):
        phases.begin("use")
        time.sleep(10)
        phases.begin("log rotation")
        for replica in replicas:
            service.rotate(replica)
        time.sleep(4)
        phases.begin("reload")
        for replica in replicas:
            service.reload(replica)
        time.sleep(4)
        phases.begin("restart")
        replicas[1].restart()
        time.sleep(4)
        phases.begin("scale-out")
        more = service.replica(node, 10 * day).start()
        time.sleep(6)
        more.stop()
        phases.begin("minor version")
        newer = service.replica(node, 10 * day + 1, version="new").start()
        time.sleep(10)
        newer.stop()


def attack(node, monitor, service, replicas, phases, only=None):
    """All attacks on one replica, while it and the others go on being used."""
    victim = replicas[0]
    service.before_attacks(replicas)
    phases.begin("attacks")
    attacker = Attacker(victim.server, f"{node.top}/www")
    for each in service.foothold_attacks() + shell.ALL + service.inside + service.outside:
        if each.root and service.user != "root" or only and only not in each.id:
            continue
        seen = len(monitor.snapshot())
        start = time.time()
        try:
            done = bool(each.perform(service, victim))
        except Exception as error:
            done = False
            print(f"{service.name}: {each.id}: {error}")
        told = settle(monitor, service, seen)
        phases.attacks.append({"attack": each, "start": start, "end": time.time(), "done": done})
        print(f"{service.name}: {each.id}: {'' if done else 'COULD NOT BE DONE, '}{told} alerts", flush=True)
    phases.begin("after")
    time.sleep(3)
    # What is told late is told all the same: the delay is measured, too.
    monitor.catch_up()
    attacker.stop()


def settle(monitor, service, seen, least=0.5, most=2.0):
    """Waits until what an attack brought has been told; how many alerts."""
    begun = time.time()
    count = -1
    while True:
        time.sleep(0.25)
        alerts = sum(line.workload == service.workload for line in monitor.alerts(seen))
        waited = time.time() - begun
        if waited > most or waited > least and alerts == count and alerts > 0:
            return alerts
        count = alerts
