"""Containers and networks of the benchmark: podman in the view that Tests/Support/containers.sh makes, offline."""

import ctypes
import json
import os
import subprocess
import threading

HERE = os.path.dirname(os.path.realpath(__file__))
BOX = os.path.join(HERE, "../../Tests/Support/containers.sh")
# Documentation addresses (RFC 5737), each network's own: nothing leaves the machine.
OUTSIDE = "203.0.113.66"
NEIGHBOURS = "198.51.100"
CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


class Node:
    def __init__(self, cache):
        self.top = f"{cache}/box"
        self.env = {**os.environ, "BOX": self.top, "BOX_CGROUP": "driftwatch-detection"}
        self.networks = []
        os.makedirs(self.top, exist_ok=True)

    def call(self, *words, check=True):
        done = subprocess.run([BOX, *words], env=self.env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if check and done.returncode != 0:
            raise RuntimeError(f"{' '.join(words)[:200]}: {done.stderr.strip()[-500:]}")
        return done.stdout.strip()

    def podman(self, *words, check=True):
        return self.call("podman_", *words, check=check)

    def __enter__(self):
        self.call("view_up")
        self.call("podman_up")
        self.podman("rm", "-fa", "-t", "0", check=False)
        return self

    def __exit__(self, *_):
        self.podman("rm", "-fa", "-t", "0", check=False)
        for name in self.networks:
            self.call("veth_down", name, check=False)
        self.call("cgroup_clean", "libpod_parent", check=False)
        self.call("view_down", check=False)

    def has_image(self, name):
        return name in self.podman("images", "--format", "{{.Repository}}:{{.Tag}}").split()

    def network(self, name):
        """A network of its own in which the outside and the neighbours are addresses of the loopback."""
        self.call("view", "ip", "netns", "add", name)
        self.networks.append(name)
        self.call(
            "view",
            "sh",
            "-c",
            f"""
            ip -n {name} link set lo up
            ip -n {name} addr add {OUTSIDE}/32 dev lo
            ip -n {name} addr add {NEIGHBOURS}.1/24 dev lo""",
        )

    def start(self, name, image, command, **how):
        """A container that runs on."""
        self.podman("run", "-d", *self.words(name, **how), image, *command)
        return Container(self, name)

    def run(self, name, image, command, **how):
        """A container that runs to its end: its exit status, its id, what it said."""
        record = f"{self.top}/{name}.id"
        if os.path.exists(record):
            os.unlink(record)
        done = subprocess.run(
            [BOX, "podman_", "run", "--rm", "--cidfile", record, *self.words(name, **how), image, *command],
            env=self.env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        with open(record) as file:
            return done.returncode, file.read().strip(), done.stdout + done.stderr

    @staticmethod
    def words(name, network, workload, user=None, volumes=(), options=()):
        words = [
            "--pull=never",
            "--name",
            name,
            "--network",
            f"ns:/run/netns/{network}",
            "--label",
            f"driftwatch.workload={workload}",
            "--stop-timeout",
            "5",
            *options,
        ]
        for source, target in volumes:
            words += ["-v", f"{source}:{target}"]
        if user:
            words += ["--user", user]
        return words


class Container:
    def __init__(self, node, name):
        self.node, self.name = node, name
        self.refresh()

    def refresh(self):
        about = json.loads(self.node.podman("inspect", self.name))[0]
        self.id, self.pid = about["Id"], about["State"]["Pid"]

    def kill(self, signal):
        self.node.podman("kill", "-s", signal, self.name)

    def restart(self):
        self.node.podman("restart", "-t", "5", self.name)
        self.refresh()

    def stop(self):
        self.node.podman("rm", "-f", "-t", "2", self.name, check=False)

    def within(self, act, *arguments):
        """What `act` gives when it runs in the container's network, not in the container."""
        return within(self.pid, act, *arguments)


def within(pid, act, *arguments):
    outcome = {}

    def run():
        try:
            descriptor = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
            try:
                if libc.setns(descriptor, CLONE_NEWNET) != 0:
                    raise OSError(ctypes.get_errno(), "setns")
            finally:
                os.close(descriptor)
            outcome["value"] = act(*arguments)
        except Exception as error:  # handed to who asked
            outcome["error"] = error

    # A thread of its own: the network of a thread is its alone, and ends with it.
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if "error" in outcome:
        raise outcome["error"]
    return outcome["value"]
