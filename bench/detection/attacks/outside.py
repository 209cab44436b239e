"""Attacks that come in through the runtime or from the host."""

import subprocess

from attacks.attack import Attack


def outside(technique, title, act, told):
    return Attack(technique, title, act, told, way="outside")


def session(service, replica):
    return replica.node.podman("exec", replica.name, "sh", "-c", "id", check=False) != ""


def entered(service, replica):
    words = ["nsenter", "-t", str(replica.server.pid), "-m", "-p", "-n", "-i", "-u", "-C", "cat", "/etc/group"]
    return subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True).returncode == 0


ATTACKS = [
    outside("T1059.013", "a command through the container engine", session, ("exec", r"/(dash|sh|id)$")),
    outside("T1609", "a process of the host enters the container", entered, ("exec", r"/cat$")),
]
