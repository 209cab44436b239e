"""resolver.py ADDRESS ZONE: answers on port 53 of ADDRESS, UDP and TCP, out of the file ZONE, read for each question.

A line of ZONE is NAME TTL TARGET...; a target is an address, or another name, to which NAME is an alias. What asks for
`big.NAME` by UDP is told to come again by TCP. Says `ready` on standard output.
"""

import ipaddress
import socketserver
import struct
import sys
import threading

ADDRESS, ZONE = sys.argv[1:3]
A, CNAME, AAAA = 1, 5, 28


def wire(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def zone():
    lines = (line.split() for line in open(ZONE))
    return {words[0]: (int(words[1]), words[2:]) for words in lines if words}


def records(names, name, kind):
    """The records that lead from the name to its addresses."""
    ttl, targets = names.get(name, (0, []))
    for target in targets:
        try:
            address = ipaddress.ip_address(target)
        except ValueError:
            yield name, CNAME, ttl, wire(target)
            yield from records(names, target, kind)
        else:
            if kind == (A if address.version == 4 else AAAA):
                yield name, kind, ttl, address.packed


def answer(question, by_tcp):
    labels, at = [], 12
    while question[at]:
        labels.append(question[at + 1 : at + 1 + question[at]].decode())
        at += 1 + question[at]
    name, end = ".".join(labels).lower(), at + 5
    (kind,) = struct.unpack("!H", question[at + 1 : at + 3])
    names = zone()
    cut = name.startswith("big.") and not by_tcp
    found = [] if cut else list(records(names, name, kind))
    flags = 0x8180 | (0x0200 if cut else 0) | (0 if name in names else 3)
    reply = question[:2] + struct.pack("!HHHHH", flags, 1, len(found), 0, 0) + question[12:end]
    for owner, kind, ttl, data in found:
        # The question's own name by a pointer to it, as resolvers do.
        reply += b"\xc0\x0c" if owner == name else wire(owner)
        reply += struct.pack("!HHIH", kind, 1, ttl, len(data)) + data
    return reply


class Datagram(socketserver.BaseRequestHandler):
    def handle(self):
        self.request[1].sendto(answer(self.request[0], False), self.client_address)


class Stream(socketserver.StreamRequestHandler):
    def handle(self):
        while len(head := self.rfile.read(2)) == 2:
            reply = answer(self.rfile.read(struct.unpack("!H", head)[0]), True)
            self.wfile.write(struct.pack("!H", len(reply)) + reply)


socketserver.TCPServer.allow_reuse_address = True
stream = socketserver.ThreadingTCPServer((ADDRESS, 53), Stream)
datagram = socketserver.ThreadingUDPServer((ADDRESS, 53), Datagram)
threading.Thread(target=stream.serve_forever, daemon=True).start()
print("ready", flush=True)
datagram.serve_forever()
