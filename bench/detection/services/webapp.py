"""A Flask application under gunicorn, run as root as many images do; its debug console was left on."""

import os
import shutil

from attacks.inside import webapp
from services.service import Service, fetch

FILES = os.path.join(os.path.dirname(__file__), "files")


class WebApp(Service):
    name = "webapp"
    inside = webapp.ATTACKS
    command = [
        "gunicorn",
        "--chdir",
        "/srv/app",
        "-w",
        "2",
        "-b",
        "127.0.0.1:8000",
        "--access-logfile",
        "/var/log/shop/access.log",
        "app:app",
    ]
    client = ["python3", "/load/prices.py"]

    def prepare(self, replica):
        app, data, logs = (f"{replica.top}/{part}" for part in ("app", "data", "log"))
        for directory in (app, data, logs):
            os.makedirs(directory, exist_ok=True)
        shutil.copy(f"{FILES}/app.py", app)
        return [(app, "/srv/app:ro"), (data, "/var/lib/shop"), (logs, "/var/log/shop")]

    def is_ready(self, replica):
        return replica.server.within(fetch, "http://127.0.0.1:8000/") != b""

    def rotate(self, replica):
        os.rename(f"{replica.top}/log/access.log", f"{replica.top}/log/access.log.1")
        replica.server.kill("USR1")

    def within_worker(self, replica, code):
        return b"DONE" in replica.server.within(fetch, "http://127.0.0.1:8000/console", code.encode())

    def shell(self, replica, command):
        return self.within_worker(replica, f"import os\nif os.system({command!r}) == 0: print('DONE')")
