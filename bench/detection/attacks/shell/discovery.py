"""Looking around."""

from attacks.attack import Attack as A
from node import NEIGHBOURS

ATTACKS = [
    A("T1082", "what system is it", "uname -a; cat /etc/os-release", ("exec", r"/uname$")),
    A("T1033", "who am I, who is here", "whoami; w -h", ("exec", r"/whoami$")),
    A("T1087.001", "which accounts", "cut -d: -f1 /etc/passwd", ("exec", r"/cut$")),
    A("T1057", "which processes", "ps ax", ("exec", r"/ps$")),
    A("T1049", "which connections", "cat /proc/net/tcp /proc/net/udp", ("open", r"/net/(tcp|udp)$")),
    A("T1016", "which networks", "cat /proc/net/route /etc/resolv.conf", ("open", r"/net/route$")),
    A("T1083", "which programs run as root", "find / -xdev -perm -4000 -type f 2>/dev/null; true", ("exec", r"/find$")),
    A(
        "T1518.001",
        "which guards",
        "ls /opt /etc/falco /var/lib/driftwatch 2>/dev/null; ps ax | grep -c tetragon; true",
        ("exec", r"/grep$"),
    ),
    A(
        "T1613",
        "what container is it",
        "cat /proc/1/cgroup; ls -la /run/secrets /.dockerenv /run/.containerenv 2>/dev/null; true",
        ("open", r"/cgroup$"),
    ),
    A("T1680", "which disks", "df; cat /proc/partitions", ("exec", r"/df$")),
    A("T1652", "which drivers", "head /proc/devices", ("exec", r"/head$")),
    A(
        "T1046",
        "which ports are open here",
        "perl -MSocket -e 'for $p(1..100){socket(S,PF_INET,SOCK_STREAM,0);"
        'connect(S,sockaddr_in($p,inet_aton("127.0.0.1")))}\'',
        ("connect", r"^127\.0\.0\.1:\d+$"),
    ),
    A(
        "T1018",
        "which neighbours are there",
        "perl -MSocket -e 'for $h(2..40){socket(S,PF_INET,SOCK_STREAM,0);"
        f'connect(S,sockaddr_in(445,inet_aton("{NEIGHBOURS}.$h")))}}\'',
        ("connect", rf"^{NEIGHBOURS}\.\d+:445$"),
    ),
]
