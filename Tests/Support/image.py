#!/usr/bin/env python3
"""image.py OUT.tar NAME LAYER.tar [LABEL=VALUE ...] -- [COMMAND ...]

Writes an archive that podman, docker and containerd all import; equal input gives equal digests.
Prints `NAME MANIFEST-DIGEST CONFIG-DIGEST`.
"""
import hashlib
import io
import json
import sys
import tarfile


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def descriptor(kind, data, **more):
    return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": digest(data), "size": len(data), **more}


def encode(value):
    return json.dumps(value).encode()


def main():
    out, name, layer_path = sys.argv[1:4]
    rest = sys.argv[4:]
    split = rest.index("--") if "--" in rest else len(rest)
    labels = dict(word.split("=", 1) for word in rest[:split])
    command = rest[split + 1 :] or ["/bin/sleep", "300"]
    layer = open(layer_path, "rb").read()
    config = encode({
        "architecture": "amd64", "os": "linux", "created": "2020-01-01T00:00:00Z",
        "config": {
            "Env": ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
            "Entrypoint": command[:1], "Cmd": command[1:], "Labels": labels,
        },
        "rootfs": {"type": "layers", "diff_ids": [digest(layer)]},
    })
    manifest = encode({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": descriptor("config.v1+json", config),
        "layers": [descriptor("layer.v1.tar", layer)],
    })
    index = encode({
        "schemaVersion": 2,
        "manifests": [descriptor(
            "manifest.v1+json", manifest, platform={"architecture": "amd64", "os": "linux"},
            annotations={"io.containerd.image.name": name, "org.opencontainers.image.ref.name": name})],
    })
    blob = lambda data: "blobs/sha256/" + digest(data).removeprefix("sha256:")
    docker = encode([{"Config": blob(config), "RepoTags": [name], "Layers": [blob(layer)]}])
    files = [("oci-layout", b'{"imageLayoutVersion":"1.0.0"}'), ("index.json", index), ("manifest.json", docker)]
    files += [(blob(data), data) for data in (layer, config, manifest)]
    with tarfile.open(out, "w") as archive:
        for path, data in files:
            entry = tarfile.TarInfo(path)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    print(name, digest(manifest), digest(config))


main()
