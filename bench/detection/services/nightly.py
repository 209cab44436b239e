"""A job as cron starts it, in a container for each run: backup, checksums, a report, and the old ones removed."""

import os
import random
import shutil

from services.job import Job

FILES = os.path.join(os.path.dirname(__file__), "files")
CONFIG = "KEEP=5\nREPORTS=http://127.0.0.1:9000/reports\n"


class Nightly(Job):
    name = "nightly"
    command = ["/bin/sh", "/srv/job/nightly.sh"]

    def prepare(self, replica):
        job, data = f"{replica.top}/job", f"{replica.top}/data"
        for directory in (job, f"{data}/backups", f"{data}/reports", f"{data}/content"):
            os.makedirs(directory, exist_ok=True)
        for name in ("nightly.sh", "report.py"):
            shutil.copy(f"{FILES}/{name}", job)
        with open(f"{data}/job.conf", "w") as file:
            file.write(CONFIG)
        return [(job, "/srv/job:ro"), (data, "/data")]

    def feed(self, replica):
        """What people did since the last night."""
        for _ in range(random.randint(1, 5)):
            with open(f"{replica.top}/data/content/note-{random.randint(1, 200)}.txt", "w") as file:
                file.write("x" * random.randint(1, 5000))

    def tamper(self, replica, command):
        path = f"{replica.top}/data/job.conf"
        with open(path, "w") as file:
            file.write(CONFIG + "set +e\n" + command + "\n[ $? = 0 ] || exit 3\n")

        def undo():
            with open(path, "w") as file:
                file.write(CONFIG)

        return undo
