"""What the benchmark asks of a service."""

import time
import urllib.request

from attacks import outside
from replica import Replica


class Service:
    """A server: replicas that run on, each used by a client of its own."""

    name = ""
    # Whether it was looked at while anything was chosen by its results; False: held back, only reported.
    tuned = False
    # As whom a process runs that is taken over, and as whom the container is started if not as root.
    user = "root"
    run_as = None
    # Whether each attack has a container to itself.
    alone = False
    command = []
    client = []
    options = ()
    # Attacks that need no shell, by what this very service can be made to do.
    inside = []
    # And those that come in through the runtime.
    outside = outside.ATTACKS

    @property
    def workload(self):
        return f"bench/{self.name}"

    def replica(self, node, number, version="old"):
        return Replica(node, self, number, version)

    def prepare(self, replica):
        """Files of the host before the replica starts; gives its volumes."""
        return []

    def is_ready(self, replica):
        raise NotImplementedError

    def wait(self, replica, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                if self.is_ready(replica):
                    return
            except OSError:
                pass
            time.sleep(0.2)
        raise RuntimeError(
            f"{replica.name} did not become ready: {replica.node.podman('logs', replica.name, check=False)[-500:]}"
        )

    def reload(self, replica):
        """New settings, without a restart."""
        replica.server.kill("HUP")

    def rotate(self, replica):
        """What logrotate does once a day."""

    def shell(self, replica, command):
        """Has the process that was taken over run the command by `sh -c`; true if the command could do it."""
        raise NotImplementedError

    def started(self, replica):
        """Once it is ready, before anybody uses it."""

    def before_attacks(self, replicas):
        """By default they all go on being used."""

    def foothold_attacks(self):
        """How it is taken over, where that is an attack of its own; `shell` works only after these."""
        return []


def fetch(url, data=None, timeout=10):
    with urllib.request.urlopen(urllib.request.Request(url, data=data), timeout=timeout) as answer:
        return answer.read()
