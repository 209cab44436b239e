#!/usr/bin/env python3
"""A client of CRI v1 in as much as the tests need it, over curl.

cri.py SOCKET pod NAMESPACE NAME UID CGROUP [LABEL=VALUE...]        prints the id of the sandbox, on the host network
cri.py SOCKET container SANDBOX NAMESPACE NAME UID CONTAINER IMAGE [SOURCE:PLACE...] -- COMMAND...
    made and started, with these mounts; prints its id
cri.py SOCKET remove SANDBOX
"""
import subprocess
import sys
import tempfile


def varint(number):
    encoded = b""
    while number > 0x7F:
        encoded += bytes([number & 0x7F | 0x80])
        number >>= 7
    return encoded + bytes([number])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def pairs(number, words):
    return b"".join(field(number, field(1, key) + field(2, value)) for key, value in words.items())


def fields(data):
    """Strings and messages of a message, by their number."""
    found = {}
    while data:
        key, data = integer(data)
        if key & 7 == 0:
            _, data = integer(data)
            continue
        length, data = integer(data)
        found[key >> 3], data = data[:length], data[length:]
    return found


def integer(data):
    number = shift = 0
    for index, byte in enumerate(data):
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return number, data[index + 1 :]
    raise ValueError("a number without an end")


def call(socket, method, request):
    with tempfile.NamedTemporaryFile() as body, tempfile.NamedTemporaryFile() as headers:
        body.write(b"\0" + len(request).to_bytes(4, "big") + request)
        body.flush()
        answer = subprocess.run(
            ["curl", "-sS", "--http2-prior-knowledge", "--unix-socket", socket, "-D", headers.name]
            + ["-H", "content-type: application/grpc", "-H", "te: trailers", "--data-binary", "@" + body.name]
            + ["http://localhost/runtime.v1.RuntimeService/" + method],
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
        trailers = headers.read().decode(errors="replace")
    if "grpc-status: 0" not in trailers:
        sys.exit(method + ": " + " ".join(trailers.split()))
    return fields(answer[5:])


HOST_NETWORK = field(1, 2) + field(2, 1)


def pod_config(namespace, name, uid, cgroup, labels):
    metadata = field(1, name) + field(2, uid) + field(3, namespace) + field(4, 0)
    own = {"io.kubernetes.pod.name": name, "io.kubernetes.pod.namespace": namespace, "io.kubernetes.pod.uid": uid}
    linux = field(1, cgroup) + field(2, field(1, HOST_NETWORK))
    return field(1, metadata) + field(3, "/tmp") + pairs(6, own | labels) + field(8, linux)


def main():
    socket, verb, *words = sys.argv[1:]
    if verb == "pod":
        namespace, name, uid, cgroup, *labels = words
        config = pod_config(namespace, name, uid, cgroup, dict(label.split("=", 1) for label in labels))
        print(call(socket, "RunPodSandbox", field(1, config))[1].decode())
    elif verb == "container":
        sandbox, namespace, name, uid, container, image, *rest = words
        mounts, command = rest[: rest.index("--")], rest[rest.index("--") + 1 :]
        labels = {
            "io.kubernetes.container.name": container,
            "io.kubernetes.pod.name": name,
            "io.kubernetes.pod.namespace": namespace,
            "io.kubernetes.pod.uid": uid,
        }
        config = field(1, field(1, container) + field(2, 0)) + field(2, field(1, image))
        config += b"".join(field(3, word) for word in command) + pairs(9, labels)
        for source, place in (mount.split(":") for mount in mounts):
            config += field(7, field(1, place) + field(2, source) + field(3, 1))
        config += field(15, field(2, field(3, HOST_NETWORK)))
        pod = pod_config(namespace, name, uid, "", {})
        made = call(socket, "CreateContainer", field(1, sandbox) + field(2, config) + field(3, pod))[1]
        call(socket, "StartContainer", field(1, made))
        print(made.decode())
    elif verb == "remove":
        call(socket, "StopPodSandbox", field(1, words[0]))
        call(socket, "RemovePodSandbox", field(1, words[0]))
    else:
        sys.exit(__doc__)


main()
