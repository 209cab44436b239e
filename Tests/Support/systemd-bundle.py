#!/usr/bin/env python3
"""systemd-bundle.py CONFIG: gives a container's config.json what systemd needs as its PID 1."""
import json
import sys

CAPABILITIES = """CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE
NET_ADMIN NET_RAW SYS_CHROOT SYS_ADMIN SYS_PTRACE MKNOD AUDIT_WRITE SETFCAP SYS_NICE"""


def main():
    with open(sys.argv[1]) as file:
        config = json.load(file)
    held = ["CAP_" + name for name in CAPABILITIES.split()]
    config["process"]["noNewPrivileges"] = False
    config["process"]["capabilities"] = {kind: held for kind in ("bounding", "effective", "permitted")}
    if not any(namespace["type"] == "cgroup" for namespace in config["linux"]["namespaces"]):
        config["linux"]["namespaces"].append({"type": "cgroup"})
    for mount in config["mounts"]:
        if mount["destination"] == "/sys/fs/cgroup":
            mount["options"] = [option for option in mount["options"] if option != "ro"]
    config["mounts"] += [
        {"destination": path, "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "nodev", "mode=755"]}
        for path in ("/run", "/run/lock", "/tmp")
    ]
    config["linux"]["maskedPaths"] = []
    config["linux"]["readonlyPaths"] = []
    with open(sys.argv[1], "w") as file:
        json.dump(config, file, indent=1)


main()
