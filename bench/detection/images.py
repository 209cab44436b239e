"""Root file systems of Debian's packages, made once and kept: one of the point release, one with all updates since."""

import hashlib
import os
import subprocess
import tempfile

# What the services, their clients and nobody's tools need. Nothing is there for an attack's sake.
PACKAGES = (
    "nginx-light libnginx-mod-http-lua redis-server postgresql-15 python3-flask gunicorn "
    "apache2 libapache2-mod-php8.2 "
    "gcc libc6-dev zlib1g-dev make curl procps wrk"
).split()
MIRROR = "http://deb.debian.org"
SUITES = {
    "old": [f"deb {MIRROR}/debian bookworm main"],
    # The same packages a minor version later: what `apt upgrade` brings.
    "new": [
        f"deb {MIRROR}/debian bookworm main",
        f"deb {MIRROR}/debian bookworm-updates main",
        f"deb {MIRROR}/debian-security bookworm-security main",
    ],
}


# Other packages are other images: those of an earlier list are left alone.
LIST = hashlib.sha256(" ".join(PACKAGES).encode()).hexdigest()[:8]


def name(version):
    return f"localhost/detection:{version}-{LIST}"


def root(cache, version):
    """The tar file of a version, built where it is not there yet."""
    path, part = f"{cache}/{version}-{LIST}.tar", f"{cache}/{version}-{LIST}.part.tar"
    if os.path.exists(path):
        return path
    print(f"making the {version} root file system from Debian's packages (once; some minutes)")
    # In memory: dpkg waits for the disk after each file.
    shared = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=shared) as scratch, open(f"{cache}/{version}.log", "w") as log:
        made = subprocess.run(
            # Mounts of its own: were it cut short, removing what it left must not reach through them.
            [
                "unshare",
                "--mount",
                "--propagation",
                "private",
                "mmdebstrap",
                "--variant=minbase",
                "--include=" + ",".join(PACKAGES),
                "--dpkgopt=path-exclude=/usr/share/locale/*",
                "--dpkgopt=path-exclude=/usr/share/man/*",
                "bookworm",
                part,
                *SUITES[version],
            ],
            env={**os.environ, "TMPDIR": scratch},
            stdout=log,
            stderr=log,
        )
    if made.returncode != 0:
        raise SystemExit(f"mmdebstrap failed: see {cache}/{version}.log")
    os.rename(part, path)
    return path


def ensure(node, cache):
    """Both versions as images of the node; their digests differ as those of two releases do."""
    for version in SUITES:
        path = root(cache, version)
        stamp = f"{cache}/{version}-{LIST}.imported"
        if os.path.exists(stamp) and os.path.getmtime(stamp) > os.path.getmtime(path) and node.has_image(name(version)):
            continue
        node.podman("import", path, name(version))
        with open(stamp, "w"):
            pass
