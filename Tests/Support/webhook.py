#!/usr/bin/env python3
"""A server of webhooks that answers as the path asks: /200, /404, /500, /302, /hang, /close.

Prints its port, then a line of JSON for each request."""
import json
import socketserver
import time
from http.server import BaseHTTPRequestHandler


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        print(json.dumps({
            "method": self.command, "path": self.path, "body": body,
            "timestamp": self.headers.get("X-Driftwatch-Timestamp", ""),
            "signature": self.headers.get("X-Driftwatch-Signature", ""),
            "response": self.headers.get("X-Driftwatch-Response", ""),
        }), flush=True)
        how = self.path.strip("/")
        if how == "hang":
            time.sleep(600)
        if how in ("hang", "close"):
            self.close_connection = True
            return
        self.send_response(int(how))
        if how == "302":
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    allow_reuse_address = True


with Server(("127.0.0.1", 0), Handler) as server:
    print(server.server_address[1], flush=True)
    server.serve_forever()
