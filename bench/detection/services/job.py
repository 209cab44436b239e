"""What runs to its end again and again: a container for each run; an intruder changes what it is fed."""

import threading
import time

import images
from replica import Replica, lay_bait
from services.service import Service


class Job(Service):
    """One replica is a chain of runs, a pause after each; attacks are runs of their own, with tampered input."""

    pause = 1.0
    alone = True
    # Its containers are gone before anybody could enter them.
    outside = []

    def is_ready(self, replica):
        return True

    def reload(self, replica):
        """Each run reads all settings anew."""

    def replica(self, node, number, version="old"):
        return Runs(node, self, number, version)

    def before_attacks(self, replicas):
        # Runs take turns on few cores: those that are attacked run alone.
        for replica in replicas:
            replica.rest()

    def tamper(self, replica, command):
        """Puts the command where the next run will execute it; gives what takes it away again."""
        raise NotImplementedError

    def shell(self, replica, command):
        undo = self.tamper(replica, command)
        try:
            return replica.run("attacked") == 0
        finally:
            undo()


class Runs(Replica):
    """A chain of runs under one name."""

    def __init__(self, node, service, number, version="old"):
        super().__init__(node, service, number, version)
        self.stopping = threading.Event()
        self.busy = threading.Lock()
        self.count = 0
        self.attacked = set()

    @property
    def instances(self):
        return self.attacked

    def start(self):
        self.node.network(self.name)
        self.volumes = (
            self.service.prepare(self)
            + lay_bait(f"{self.node.top}/bait")
            + [(f"{self.node.top}/docker.sock", "/run/docker.sock")]
        )
        # Holds the network, and is who the runs talk to.
        self.server = self.client = self.node.start(
            f"{self.name}-client",
            images.name("new"),
            ["python3", "/load/prices.py"],
            network=self.name,
            workload="clients/" + self.service.name,
            volumes=[(self.node.load, "/load:ro")],
            options=["--env", "ONLY_PRICES=1"],
        )
        self.thread = threading.Thread(target=self.go_on, daemon=True)
        self.thread.start()
        return self

    def go_on(self):
        while not self.stopping.is_set():
            self.service.feed(self)
            self.run("run")
            self.stopping.wait(self.service.pause)

    def run(self, kind):
        with self.busy:
            self.count += 1
            code, container, said = self.node.run(
                f"{self.name}-{kind}-{self.count}",
                images.name(self.version),
                self.service.command,
                network=self.name,
                workload=self.service.workload,
                volumes=self.volumes,
                options=self.service.options,
            )
            if kind == "attacked":
                self.attacked.add(container)
            elif code != 0:
                print(f"{self.name}: a run failed: {said[-300:]}", flush=True)
            return code

    def restart(self):
        """It starts anew with each run."""
        time.sleep(1)

    def rest(self):
        """No runs any more but those that are asked for."""
        self.stopping.set()
        self.thread.join()

    def stop(self):
        self.rest()
        self.client.stop()
