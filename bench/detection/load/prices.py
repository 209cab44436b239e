"""The neighbour that an application asks for prices, and a client of the application, in one container."""

import http.server
import os
import random
import subprocess
import threading


class Prices(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(random.randint(1, 100)).encode())

    do_PUT = do_GET

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 9000), Prices)
threading.Thread(target=server.serve_forever, daemon=True).start()
if os.environ.get("ONLY_PRICES"):
    threading.Event().wait()
while True:
    subprocess.run(["wrk", "-t1", "-c2", "-d24h", "-s", "/load/shop.lua", "http://127.0.0.1:8000"])
