"""What a CI does with a C project, in a container for each build: unpack, make, run the tests, pack the artefacts."""

import io
import os
import random
import tarfile

from services.job import Job

# The project that is built: the small programs that the monitor's own tests provoke acts with.
SOURCE = os.path.join(os.path.dirname(__file__), "../../../Tests/Provokers")
BUILD = """#!/bin/sh
set -e
mkdir -p /build
cd /build
tar xzf /data/source.tar.gz
make -j2 CFLAGS_EXTRA="$(cat flags)"
sh ./test.sh
sha256sum build/* >build/SHA256SUMS
tar czf "/data/artefacts-$(date +%s).tar.gz" build
ls -t /data/artefacts-* | tail -n +4 | xargs -r rm
"""
TEST = "#!/bin/sh\nset -e\n./build/nothing\n./build/open openat /etc/hostname read\n./build/listen tcp 4711\n"


class Build(Job):
    name = "build"
    tuned = True
    command = ["/bin/sh", "/srv/ci/build.sh"]

    def prepare(self, replica):
        ci, data = f"{replica.top}/ci", f"{replica.top}/data"
        for directory in (ci, data):
            os.makedirs(directory, exist_ok=True)
        with open(f"{ci}/build.sh", "w") as file:
            file.write(BUILD)
        self.feed(replica)
        return [(ci, "/srv/ci:ro"), (data, "/data")]

    def feed(self, replica, test=TEST):
        """A commit: other files than last time, one that is new, other flags."""
        names = sorted(name for name in os.listdir(SOURCE) if name.endswith(".c"))
        needed = ["nothing.c", "open.c", "listen.c"]
        chosen = set(needed + random.sample(names, 2))
        path = f"{replica.top}/data/source.tar.gz"
        with tarfile.open(path + ".part", "w:gz") as archive:
            for name in sorted(os.listdir(SOURCE)):
                if name in chosen or name.endswith(".h") or name == "Makefile":
                    archive.add(f"{SOURCE}/{name}", name)
            add(
                archive,
                f"feature-{random.getrandbits(24):x}.c",
                f"int main(void)\n{{\n\treturn {random.randint(0, 9)};\n}}\n",
            )
            add(archive, "flags", random.choice(["-O1", "-O2", "-O0 -g"]))
            add(archive, "test.sh", test)
        os.rename(path + ".part", path)

    def tamper(self, replica, command):
        # As a poisoned dependency would: in what the build runs of the project itself.
        self.feed(replica, TEST.replace("set -e\n", f"{command}\n[ $? = 0 ] || exit 3\nset -e\n"))
        return lambda: self.feed(replica)


def add(archive, name, text):
    entry = tarfile.TarInfo(name)
    data = text.encode()
    entry.size = len(data)
    archive.addfile(entry, io.BytesIO(data))
