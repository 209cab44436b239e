"""The attacker's side: what listens at the outside address of a replica's network, and the socket of a runtime."""

import os
import selectors
import socket
import threading

from node import OUTSIDE

# Shells and C2, web, mining pool, IRC, mail, FTP, an odd port; each accepts and answers.
TCP_PORTS = [21, 25, 443, 3333, 4444, 4445, 6667, 8080, 8088, 9001]
UDP_PORTS = [53, 123]
STAGE = b"id >/dev/null\n"


class Attacker:
    """Serves the files of a directory over HTTP, gives whoever connects a few shell commands, keeps what comes in."""

    def __init__(self, container, files):
        self.files = files
        self.selector = selectors.DefaultSelector()
        self.running = True
        container.within(self.listen)
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def listen(self):
        for port in TCP_PORTS:
            server = socket.create_server((OUTSIDE, port), backlog=64)
            server.setblocking(False)
            self.selector.register(server, selectors.EVENT_READ, port)
        for port in UDP_PORTS:
            server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            server.bind((OUTSIDE, port))
            self.selector.register(server, selectors.EVENT_READ, port)

    def serve(self):
        while self.running:
            for key, _ in self.selector.select(0.2):
                if key.fileobj.type == socket.SOCK_DGRAM:
                    key.fileobj.recv(4096)
                    continue
                client, _ = key.fileobj.accept()
                threading.Thread(target=self.talk, args=(client, key.data), daemon=True).start()

    def talk(self, client, port):
        with client:
            client.settimeout(5)
            try:
                if port in (443, 8080, 8088):
                    self.web(client)
                else:
                    client.sendall(STAGE + b"exit\n")
                    while client.recv(4096):
                        pass
            except OSError:
                pass

    def web(self, client):
        request = b""
        while b"\r\n\r\n" not in request:
            piece = client.recv(65536)
            if not piece:
                return
            request += piece
        path = request.split(b" ", 2)[1].decode().split("?")[0]
        if b"100-continue" in request:
            client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = b"ok\n"
        if os.path.isfile(self.files + path):
            with open(self.files + path, "rb") as file:
                body = file.read()
        client.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    def stop(self):
        self.running = False
        self.thread.join()
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()


class RuntimeSocket:
    """A socket that answers as a container engine's does, for containers into which it was mounted by carelessness."""

    def __init__(self, path):
        if os.path.exists(path):
            os.unlink(path)
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(path)
        os.chmod(path, 0o666)
        self.server.listen(16)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            with client:
                client.settimeout(2)
                try:
                    client.recv(4096)
                    client.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\n[]\n")
                except OSError:
                    pass

    def stop(self):
        self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
