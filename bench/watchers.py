"""What can watch: each a context in which it is attached, ready and, where it can say so, counted."""
import contextlib
import glob
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

# Older tools look for tracepoints below debugfs, which a host need not have mounted.
TRACEFS = """mount -t debugfs none /sys/kernel/debug 2>/dev/null
mount -t tracefs none /sys/kernel/debug/tracing 2>/dev/null
mount -t tracefs none /sys/kernel/tracing 2>/dev/null
exec "$@" """


def stop(process, how=signal.SIGINT):
    """Ends one process that was started here."""
    if process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(condition, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.005)
    return False


@contextlib.contextmanager
def nothing():
    yield {}


@contextlib.contextmanager
def driftwatch(command, words):
    """Gives {pid, attached, judging: seconds until it did, ledger: once it has ended}."""
    told = {}
    with tempfile.TemporaryDirectory() as files:
        ready, lines = files + "/ready", files + "/lines"
        start = time.monotonic()
        with open(lines, "wb") as out, open(files + "/log", "wb") as log:
            process = subprocess.Popen(
                [command, *words, "--ready-file", ready], stdout=out, stderr=log,
                env={**os.environ, "DRIFTWATCH_STATE": files + "/state"})
        try:
            if not wait_for(lambda: os.path.exists(ready) or process.poll() is not None) or process.poll() is not None:
                raise RuntimeError("driftwatch did not start: " + open(files + "/log").read().strip())
            told.update(pid=process.pid, attached=time.monotonic() - start)
            # It sees from here on, and judges once its baselines are loaded.
            wait_for(lambda: b'"monitor-started"' in open(lines, "rb").read() or process.poll() is not None)
            told["judging"] = time.monotonic() - start
            yield told
        finally:
            stop(process, signal.SIGTERM)
        with open(lines, "rb") as out:
            for line in out:
                if b'"monitor-stopped"' in line:
                    told["ledger"] = json.loads(line)["driftwatch"]["ledger"]


@contextlib.contextmanager
def tool(words, ready_after):
    """A tracer that prints every event; its output is read and thrown away."""
    process = subprocess.Popen(
        ["unshare", "-m", "sh", "-c", TRACEFS, "sh", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(ready_after)
        if process.poll() is not None:
            raise RuntimeError(words[0] + " does not run on this kernel")
        yield {}
    finally:
        stop(process)


class Audit:
    """auditd out of its packages, without installing a daemon that would go on running."""

    packages = ["auditd", "libauparse0", "libaudit1", "libwrap0", "libcap-ng0"]

    def __init__(self, scratch):
        self.root, self.config = scratch + "/root", scratch + "/config"
        os.makedirs(self.config + "/plugins.d")
        subprocess.run(["apt-get", "download", "-qq", *self.packages], cwd=scratch, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for package in glob.glob(scratch + "/*.deb"):
            subprocess.run(["dpkg-deb", "-x", package, self.root], check=True)
        libraries = ":".join(self.root + part + "/x86_64-linux-gnu" for part in ("/lib", "/usr/lib"))
        self.environment = {**os.environ, "LD_LIBRARY_PATH": libraries}
        with open(self.root + "/etc/audit/auditd.conf") as stock, open(self.config + "/auditd.conf", "w") as file:
            for line in stock:
                if line.startswith("log_file "):
                    line = f"log_file = {scratch}/audit.log\n"
                if line.startswith("plugin_dir "):
                    line = f"plugin_dir = {self.config}/plugins.d\n"
                file.write(line)

    def control(self, *words):
        return subprocess.run([self.root + "/sbin/auditctl", *words], env=self.environment, check=True,
                              capture_output=True, text=True).stdout

    @contextlib.contextmanager
    def watching(self):
        if "enabled 0" not in self.control("-s") or "No rules" not in self.control("-l"):
            raise RuntimeError("the audit system is in use")
        rule = ["always,exit", "-F", "arch=b64", "-S", "open,openat,creat,execve,connect", "-k", "bench"]
        process = subprocess.Popen([self.root + "/sbin/auditd", "-n", "-s", "nochange", "-c", self.config],
                                   env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        told = {}
        try:
            if not wait_for(lambda: f"pid {process.pid}" in self.control("-s"), 5):
                raise RuntimeError("auditd does not run here")
            self.control("-b", "8192")
            self.control("--backlog_wait_time", "0")
            self.control("-e", "1")
            self.control("-a", *rule)
            before = self.lost()
            yield told
            told["lost"] = self.lost() - before
        finally:
            for words in (("-d", *rule), ("-e", "0"), ("-b", "64"), ("--backlog_wait_time", "15000")):
                with contextlib.suppress(subprocess.CalledProcessError):
                    self.control(*words)
            stop(process, signal.SIGTERM)

    def lost(self):
        return next(int(line.split()[1]) for line in self.control("-s").splitlines() if line.startswith("lost "))


def others(scratch):
    """Name to context of all that apt gave this machine."""
    found = {}
    for name, command in (("opensnoop", "opensnoop"), ("execsnoop", "execsnoop")):
        if shutil.which(command):
            found[name] = lambda command=command: tool([command], 1.5)
    if shutil.which("bpftrace"):
        script = "".join(f"tracepoint:syscalls:sys_enter_{call} {{ @{call} = count(); }} "
                         for call in ("openat", "execve", "connect"))
        found["bpftrace count"] = lambda: tool(["bpftrace", "-e", script], 4)
    try:
        audit = Audit(scratch)
        found["auditd"] = audit.watching
    except (subprocess.CalledProcessError, OSError):
        pass
    return found
