"""The monitor that is measured, and its lines with the time at which each was there to be read."""

import json
import os
import signal
import subprocess
import threading
import time
from datetime import datetime


class Line:
    def __init__(self, document, arrived):
        self.document, self.arrived = document, arrived

    def get(self, path, default=None):
        value = self.document
        for key in path.split("."):
            if not isinstance(value, dict) or key not in value:
                return default
            value = value[key]
        return value

    @property
    def happened(self):
        """When what it tells of was done, in seconds."""
        text = self.get("@timestamp")
        return datetime.fromisoformat(text[:26] + "+00:00").timestamp() if text else self.arrived

    @property
    def is_alert(self):
        return self.get("event.kind") == "alert"

    @property
    def workload(self):
        return self.get("driftwatch.workload.id")

    @property
    def instance(self):
        return self.get("driftwatch.workload.instance")


class Monitor:
    def __init__(self, command, state, log):
        self.command, self.state, self.log = command, state, log
        self.lines, self.lock = [], threading.Lock()

    def __enter__(self):
        ready = f"{self.state}.ready"
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                [
                    self.command,
                    "run",
                    "--state",
                    self.state,
                    "--workload",
                    "bench/*",
                    "--learn",
                    "auto",
                    "--ready-file",
                    ready,
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        deadline = time.monotonic() + 60
        while not os.path.exists(ready):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"the monitor did not start: see {self.log}")
            time.sleep(0.05)
        return self

    def read(self):
        for text in self.process.stdout:
            line = Line(json.loads(text), time.time())
            with self.lock:
                self.lines.append(line)

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)
        self.reader.join(5)

    def snapshot(self, start=0):
        with self.lock:
            return self.lines[start:]

    def alerts(self, start=0):
        return [line for line in self.snapshot(start) if line.is_alert]

    def catch_up(self, most=120):
        """Waits until it tells of what happens now, or has nothing to tell."""
        deadline = time.time() + most
        while time.time() < deadline:
            recent = self.snapshot(-50)
            if not recent or recent[-1].arrived < time.time() - 3:
                return
            if max(line.happened for line in recent) > time.time() - 2:
                return
            time.sleep(0.5)

    def armed(self, workload):
        """When learning ended, by the line that says so; None while it goes on."""
        for line in self.snapshot():
            if line.get("event.action") == "baseline-armed" and line.workload == workload:
                return line.arrived
        return None

    def baseline(self, *words):
        done = subprocess.run([self.command, "baseline", *words, "--state", self.state], capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr
