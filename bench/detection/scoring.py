"""From alerts and what was done to recall, precision, false alerts and times."""

import statistics

from attacks.attack import follows, names_act, shows, subject

RULES = [
    "exec.unexpected",
    "exec.shell",
    "exec.dropped",
    "exec.fileless",
    "exec.reverse-shell",
    "exec.injected",
    "connect.unexpected",
    "listen.unexpected",
    "open.unexpected",
    "open.credential",
    "open.escape",
    "monitor.saturated",
]


def attribute(alerts, attacks, instances, alone=False):
    """Which attack each alert tells of; None: it is a false one.

    By the command that its process was given, which may be told again later; by an act while the attack went on; else by
    the incident that it belongs to. An attack that had a container to itself (`alone`) is also told by what no run without
    an attack ever brought.
    """
    usual = {signature(line) for line in alerts if line.instance not in instances}
    incidents, owners = {}, []
    for line in alerts:
        owner = None
        if line.instance in instances:
            time = line.happened
            for number in reversed(range(len(attacks))):
                each = attacks[number]
                during = each["start"] - 0.1 <= time <= each["end"]
                of_its_own = during and (shows(each["attack"], line) or alone and signature(line) not in usual)
                if of_its_own or each["start"] - 0.1 <= time and follows(each["attack"], line):
                    owner = number
                    break
        if owner is not None:
            incidents.setdefault(line.get("driftwatch.incident.id"), owner)
        owners.append(owner)
    return [
        incidents.get(line.get("driftwatch.incident.id")) if owner is None else owner
        for line, owner in zip(alerts, owners)
    ]


def signature(line):
    return line.get("rule.id"), line.get("process.executable"), subject(line)


def step_of(line, steps):
    current = "before"
    for start, step in steps:
        if line.happened >= start:
            current = step
    return current


def brief(line, step):
    return {
        "rule": line.get("rule.id"),
        "step": step,
        "instance": (line.get("container.name") or line.instance)[:30],
        "severity": line.get("event.severity"),
        "who": line.get("process.executable"),
        "what": subject(line),
        "args": " ".join(line.get("process.args", []))[:200],
        "access": line.get("driftwatch.file.access"),
        "reason": line.get("event.reason", "")[:300],
    }


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None


def score(service, monitor, phases, instances, learned, days):
    alerts = [line for line in monitor.alerts() if line.workload == service.workload]
    owners = attribute(alerts, phases.attacks, instances, service.alone)
    table, delays = [], []
    for number, done in enumerate(phases.attacks):
        mine = [line for line, owner in zip(alerts, owners) if owner == number]
        first = min((line.arrived for line in mine), default=None)
        if done["done"] and first is not None:
            delays.append(first - done["start"])
        table.append(
            {
                "technique": done["attack"].technique,
                "title": done["attack"].title,
                "way": done["attack"].way,
                "done": done["done"],
                "noticed": bool(mine),
                "named": any(names_act(done["attack"], line) for line in mine),
                "began": rounded(done["start"]),
                "ended": rounded(done["end"]),
                "rules": sorted({line.get("rule.id") for line in mine}),
                "alerts": len(mine),
                "seconds": None if first is None else round(first - done["start"], 3),
            }
        )
    false = [brief(line, step_of(line, phases.steps)) for line, owner in zip(alerts, owners) if owner is None]
    return {
        "tuned": service.tuned,
        "user": service.user,
        "attacks": table,
        "recall": share([row["noticed"] for row in table if row["done"]]),
        "recall_named": share([row["named"] for row in table if row["done"]]),
        "time_to_detect_s": {
            "median": rounded(statistics.median(delays) if delays else None),
            "p99": rounded(percentile(delays, 0.99)),
        },
        "false": false,
        "false_per_day": {
            "life": sum(
                f["step"] not in ("learning", "attacks", "after", "before") and f["severity"] > 20 for f in false
            )
            / days,
            "release": sum(
                f["step"] not in ("learning", "attacks", "after", "before") and f["severity"] <= 20 for f in false
            )
            / days,
        },
        "rules": rules(alerts, owners, phases),
        "precision": share([owner is not None for owner in owners]),
        "time_to_arm_s": rounded(learned),
        "lost": lost(monitor.snapshot(), service.workload),
        "days": days,
    }


def lost(lines, workload):
    """Acts that the monitor says it lost, of this workload and those named with it, or of nobody knows whom."""
    gaps = [line.get("driftwatch.gap") or {} for line in lines if line.get("event.action") == "coverage-gap"]
    return sum(gap.get("lost", 0) for gap in gaps if {workload, "unknown"} & set(gap.get("workloads", [])))


def rules(alerts, owners, phases):
    table = {}
    for rule in RULES:
        of_rule = [owner for line, owner in zip(alerts, owners) if line.get("rule.id") == rule]
        if of_rule:
            table[rule] = {
                "alerts": len(of_rule),
                "false": sum(owner is None for owner in of_rule),
                "precision": share([owner is not None for owner in of_rule]),
                "attacks": len({owner for owner in of_rule if owner is not None}),
            }
    return table


def share(flags):
    return round(sum(flags) / len(flags), 4) if flags else None


def rounded(value):
    return None if value is None else round(value, 3)
