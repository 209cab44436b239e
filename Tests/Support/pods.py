#!/usr/bin/env python3
"""pods.py DIR: a kubelet that answers on a loopback port, over https, as DIR/behaviour says; prints the port.

Its certificate is DIR/server.pem, of the authority DIR/ca.pem; DIR/other.pem is another authority. What it lists is
DIR/pods.json, for whoever has the token in DIR/wanted. The behaviour is read anew at each question. It ends with
standard input.
"""
import http.server
import os
import socketserver
import ssl
import subprocess
import sys
import threading
import time

directory = sys.argv[1]


def path(name):
    return os.path.join(directory, name)


def content(name):
    with open(path(name), "rb") as file:
        return file.read().strip()


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, stderr=subprocess.DEVNULL)


def certificates():
    new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    for name in ("ca", "other"):
        openssl("req", "-x509", *new, "-subj", "/CN=" + name, "-keyout", path(name + ".key"), "-out", path(name + ".pem"))
    openssl("req", *new, "-subj", "/CN=node", "-keyout", path("server.key"), "-out", path("server.csr"))
    with open(path("names"), "w") as names:
        names.write("subjectAltName=IP:127.0.0.1")
    authority = ["-CA", path("ca.pem"), "-CAkey", path("ca.key"), "-CAcreateserial"]
    openssl("x509", "-req", "-in", path("server.csr"), *authority, "-extfile", path("names"), "-out", path("server.pem"))


class Kubelet(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        behaviour = content("behaviour").decode()
        if behaviour == "silent":
            time.sleep(60)
        elif behaviour == "hangs up":
            self.close_connection = True
        elif behaviour == "redirects":
            self.answer(302, b"", ("Location", "https://127.0.0.1:%d/list" % self.server.server_port))
        elif behaviour == "garbage":
            self.answer(200, b"\0\1garbage")
        elif behaviour == "deep":
            self.answer(200, b'{"kind": "PodList", "items": ' + b"[" * 100_000)
        elif behaviour == "endless":
            self.send_response(200)
            self.end_headers()
            for _ in range(64):
                self.wfile.write(b" " * (1 << 20))
        elif behaviour == "refuses" or self.headers.get("Authorization", "").encode() != b"Bearer " + content("wanted"):
            self.answer(401, b"Unauthorized")
        else:
            self.answer(200, content("pods.json"))

    def answer(self, status, body, *headers):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


certificates()
class Server(socketserver.ThreadingTCPServer):
    """Not http.server's own: that one asks the name service who it is."""

    daemon_threads = True


server = Server(("127.0.0.1", 0), Kubelet)
server.server_port = server.server_address[1]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(path("server.pem"), path("server.key"))
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
print(server.server_port, flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
