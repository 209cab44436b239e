"""One instance of a service: a container in a network of its own, and a client that uses it."""

import os

import images

BAIT = {
    "var/run/secrets/kubernetes.io/serviceaccount/token": "eyJ-not-a-real-token",
    "home/deploy/.aws/credentials": "[default]\naws_secret_access_key = not-a-real-key\n",
    "home/deploy/.kube/config": "apiVersion: v1\nkind: Config\n" * 8,
    "home/deploy/.bash_history": "ls\npsql -h db\n",
    "home/deploy/.ssh/id_ed25519": "-----BEGIN OPENSSH PRIVATE KEY-----\nnot-a-real-key\n",
}


def lay_bait(top):
    """Secrets as they lie in containers, readable for whoever runs there; gives the volumes."""
    for path, text in BAIT.items():
        os.makedirs(os.path.dirname(f"{top}/{path}"), exist_ok=True)
        with open(f"{top}/{path}", "w") as file:
            file.write(text)
    return [
        (f"{top}/var/run/secrets/kubernetes.io", "/var/run/secrets/kubernetes.io:ro"),
        (f"{top}/home/deploy", "/home/deploy:ro"),
    ]


class Replica:
    def __init__(self, node, service, number, version="old"):
        self.node, self.service, self.version = node, service, version
        self.name = f"{service.name}-{number}"
        self.top = f"{node.top}/services/{self.name}"
        os.makedirs(self.top, exist_ok=True)
        self.client = self.server = None

    @property
    def instances(self):
        """Ids of the containers in which attacks took place."""
        return {self.server.id}

    def start(self):
        node, service = self.node, self.service
        node.network(self.name)
        volumes = (
            service.prepare(self) + lay_bait(f"{node.top}/bait") + [(f"{node.top}/docker.sock", "/run/docker.sock")]
        )
        self.server = node.start(
            self.name,
            images.name(self.version),
            service.command,
            network=self.name,
            workload=service.workload,
            user=service.run_as,
            volumes=volumes,
            options=service.options,
        )
        service.wait(self)
        service.started(self)
        if service.client:
            self.client = node.start(
                f"{self.name}-client",
                images.name("new"),
                service.client,
                network=self.name,
                workload="clients/" + service.name,
                volumes=[(f"{node.load}", "/load:ro")],
            )
        return self

    def restart(self):
        self.server.restart()
        self.service.wait(self)

    def stop(self):
        for container in (self.client, self.server):
            if container:
                container.stop()
