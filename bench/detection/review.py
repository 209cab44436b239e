"""What a person decided on reading the recorded baselines, as patterns for paths, with the reason.

Each takes the place of all entries of the recording that it matches; what nothing matches stays as it was recorded.
"""

import re

ALL = ["create", "read", "truncate", "write"]
READ = ["read"]

# Every program on Debian.
COMMON = [
    # Libraries change their numbers with each update; who could put one there has had the machine before.
    (r"/usr/lib/x86_64-linux-gnu/lib[^/]*\.so[^/]*", "/usr/lib/x86_64-linux-gnu/lib*", READ),
    # Which zone a machine is in is its owner's business.
    (r"/usr/share/zoneinfo(/.*)?", "/usr/share/zoneinfo/**", READ),
]

REVIEWS = {
    "container/nginx": [
        # Pages come and go.
        (r"/srv/www/.*", "/srv/www/**", READ),
        # Modules of Debian that the recorded configuration does not load.
        (
            r"/usr/share/lua/.*|/usr/lib/nginx/modules/.*|/usr/share/nginx/modules-available/.*|/etc/nginx/modules-enabled",
            None,
            None,
        ),
        (r".*/libluajit.*", None, None),
    ],
    "container/redis": [
        # Each rewrite of the append-only file has the next number.
        (r"/var/lib/redis/appendonlydir/.*", "/var/lib/redis/appendonlydir/*", ["append", *ALL]),
        # Of kinds of clocks there are several.
        (r"/sys/devices/system/clocksource/.*", "/sys/devices/system/clocksource/*/current_clocksource", READ),
    ],
    "container/postgres": [
        # A cluster's files are named by numbers of relations, segments and processes; a start after a crash opens all.
        (r"/var/lib/postgresql/[^/]+/main/[^/]+/.*", "/var/lib/postgresql/*/main/*/**", ALL),
        (r"/var/lib/postgresql/[^/]+/main/[^/]+", "/var/lib/postgresql/*/main/*", ALL),
        (None, "/var/lib/postgresql/*/main", READ),
    ],
    "container/python-web": [
        # Which modules are loaded depends on the request, and their sources are read for the text of an error.
        (r"/usr/lib/python3[^/]*(/.*)?", "/usr/lib/python3*/**", READ),
        (r"/usr/local/lib/python3[^/]*(/.*)?", "/usr/local/lib/python3*/**", READ),
        # Python tries a directory for temporary files with a file of eight letters, uploads have `tmp` before them, and
        # gunicorn keeps one per worker.
        (r"/tmp/.*", None, None),
        *((None, rf"/tmp/{name}" + 8 * r"\w", ["create", "read", "write"]) for name in ("", "tmp", "wgunicorn-")),
        (r"/var/lib/shop/uploads(/.*)?", "/var/lib/shop/uploads/**", ALL),
        (r"/srv/app(/.*)?", "/srv/app/**", READ),
    ],
}
ENTRY = re.compile(r"    - \{exe: (?P<exe>[^,]+), path: (?P<path>[^,]+), access: \[(?P<access>[^]]+)\]\}")


def review(workload, lines):
    """The lines of a recorded spec as reviewed."""
    patterns = REVIEWS[workload] + COMMON
    kept, opens, programs = [], set(), set()
    for line in lines:
        entry = ENTRY.fullmatch(line)
        if not entry:
            kept.append(executed(line))
            continue
        programs.add(entry["exe"])
        opens |= decided(patterns, entry)
    for expression, path, access in patterns:
        if expression is None:
            opens |= {(exe, path, tuple(access)) for exe in programs}
    text = [f"    - {{exe: {exe}, path: {path}, access: [{', '.join(access)}]}}" for exe, path, access in sorted(opens)]
    return kept + text


def decided(patterns, entry):
    for expression, path, access in patterns:
        if expression and re.fullmatch(expression, entry["path"]):
            return {(entry["exe"], path, tuple(access))} if path else set()
    return {(entry["exe"], entry["path"], tuple(entry["access"].split(", ")))}


def executed(line):
    """Who starts a container's first program is the engine's business; how many workers an application has, its own."""
    line = line.replace(", parent: /usr/bin/conmon", "")
    return re.sub(r"(args: \[/usr/bin/python3, /usr/bin/gunicorn), .*\]\}", r'\1, "**"]}', line)
