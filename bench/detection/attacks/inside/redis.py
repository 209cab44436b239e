"""What a module makes of Redis."""

from attacks.inside import inside
from attacks.places import HOME, TOKEN
from node import OUTSIDE

ATTACKS = [
    inside("T1005", "the server reads the accounts", ["run.open", "/etc/passwd"], ("open", r"^/etc/passwd$")),
    inside("T1528", "the server reads the service account's token", ["run.open", TOKEN], ("open", r"/token$")),
    inside(
        "T1552.001",
        "the server reads a cloud credential",
        ["run.open", f"{HOME}/.aws/credentials"],
        ("open", r"/\.aws/credentials$"),
    ),
    inside(
        "T1552.007",
        "the server speaks to the engine's socket",
        ["run.speak", "/run/docker.sock"],
        ("connect", r"/docker\.sock"),
    ),
    inside("T1071.001", "the server connects to its master", ["run.connect", OUTSIDE, "443"], ("connect", r":443$")),
    inside("T1571", "the server listens at a port of its own", ["run.listen", "4545"], ("listen", r":4545$")),
    inside("T1074.001", "the server lays data down", ["run.open", "/tmp/.w", "w"], ("open", r"^/tmp/\.w$")),
    inside("T1620", "the server runs what has no file", ["run.fileless"], ("exec", r"memfd:"), ("open", r"/bin/true$")),
    inside(
        "T1059.004",
        "the server gives the attacker a shell",
        ["run.connect", OUTSIDE, "4444", "shell"],
        ("exec", r"/(dash|sh)$"),
        ("connect", r":4444$"),
    ),
]
