#!/usr/bin/env python3
"""bundle.py DIR ROOTFS CGROUP NETNS [ENV=VALUE ...] -- COMMAND ...

Turns the config.json that `runc spec` left in DIR into a container of this rootfs, cgroup
(empty: the runtime's choice) and network namespace of /run/netns (empty: a new one).
"""
import json
import sys


def main():
    directory, rootfs, cgroup, network = sys.argv[1:5]
    split = sys.argv.index("--")
    environment, command = sys.argv[5:split], sys.argv[split + 1 :]
    path = directory + "/config.json"
    with open(path) as file:
        config = json.load(file)
    config["root"] = {"path": rootfs, "readonly": False}
    config["process"].update(terminal=False, args=command)
    config["process"]["env"] += environment
    # A spec's default limits need controllers that a hybrid host keeps in the old hierarchy.
    config["linux"].pop("resources", None)
    config["process"].pop("rlimits", None)
    if cgroup:
        config["linux"]["cgroupsPath"] = cgroup
    for namespace in config["linux"]["namespaces"]:
        if namespace["type"] == "network" and network:
            namespace["path"] = "/run/netns/" + network
    with open(path, "w") as file:
        json.dump(config, file, indent=1)


main()
