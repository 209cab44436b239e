"""PostgreSQL of Debian: pgbench's mixture of reads and writes; its superuser's password is the application's."""

import os
import random
import socket
import struct

from attacks.inside import postgres
from services.service import Service

MAIN = "/var/lib/postgresql/15/main"
CONFIG = """
include '/etc/postgresql/15/main/postgresql.conf'
listen_addresses = '127.0.0.1'
logging_collector = on
log_directory = '/var/log/postgresql'
log_filename = 'postgresql.log'
log_rotation_size = 64kB
log_min_duration_statement = 50ms
checkpoint_timeout = 30s
max_wal_size = 64MB
autovacuum_naptime = 5s
shared_buffers = 32MB
unix_socket_directories = '/tmp'
"""


class Postgres(Service):
    name = "postgres"
    user = run_as = "postgres"
    inside = postgres.ATTACKS
    command = [
        "/usr/lib/postgresql/15/bin/postgres",
        "-D",
        MAIN,
        "-c",
        "config_file=/srv/conf/postgresql.conf",
        "-c",
        "hba_file=/srv/conf/pg_hba.conf",
    ]
    client = ["sh", "/load/pgbench.sh"]
    # As in the official image: it ends its clients' sessions and itself, in order.
    options = ("--stop-signal", "SIGINT")

    def prepare(self, replica):
        conf = f"{replica.top}/conf"
        os.makedirs(conf, exist_ok=True)
        with open(f"{conf}/postgresql.conf", "w") as file:
            file.write(CONFIG)
        with open(f"{conf}/pg_hba.conf", "w") as file:
            file.write("host all all 127.0.0.1/32 trust\nlocal all all trust\n")
        return [(conf, "/srv/conf:ro")]

    def is_ready(self, replica):
        return replica.server.within(query, "select 1") == ["1"]

    def rotate(self, replica):
        replica.server.within(query, "select pg_rotate_logfile()")

    def shell(self, replica, command):
        table = f"t{random.getrandbits(32):x}"
        quoted = (command + "\n[ $? = 0 ] && echo DONE || echo failed").replace("'", "''")
        rows = replica.server.within(
            query,
            f"create temp table {table}(line text); copy {table} from program '{quoted}' (format csv, delimiter e'\\x01', quote e'\\x02'); "
            f"select line from {table}",
        )
        return any("DONE" in row for row in rows)

    def within_worker(self, replica, statement):
        replica.server.within(query, statement)
        return True


def query(statement, port=5432):
    """The first columns of all rows, over the simple protocol."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as server:
        start = b"user\0postgres\0database\0postgres\0\0"
        server.sendall(struct.pack("!ii", len(start) + 8, 196608) + start)
        stream = server.makefile("rb")
        rows, sent = [], False
        while True:
            kind, size = struct.unpack("!ci", stream.read(5))
            body = stream.read(size - 4)
            if kind == b"E":
                raise OSError(body.replace(b"\0", b" ").decode(errors="replace")[:300])
            if kind == b"D":
                length = struct.unpack("!i", body[2:6])[0]
                rows.append("" if length < 0 else body[6 : 6 + length].decode(errors="replace"))
            if kind == b"Z":
                if sent:
                    return rows
                text = statement.encode() + b"\0"
                server.sendall(b"Q" + struct.pack("!i", len(text) + 4) + text)
                sent = True
