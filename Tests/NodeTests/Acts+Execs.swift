extension Act {
    /// `n` is a copy of `nothing`, a program that ends at once.
    static let execs: [Act] = [
        Act("exec", "plain", "execve()", ["nothing"]),
        Act("exec", "symlink", "through a symbolic link", by: "nothing", ["exec", "symlink", "BIN/nothing", "DIR/l"]),
        Act("exec", "hardlink", "through a hard link", by: "h", ["exec", "hardlink", "DIR/n", "DIR/h"]),
        Act(
            "exec", "memfd", "a memfd, by execveat() with AT_EMPTY_PATH", by: "memfd:payload",
            ["exec", "memfd", "BIN/nothing"]),
        Act(
            "exec", "memfd-proc", "a memfd through /proc/self/fd", by: "memfd:payload",
            ["exec", "memfd-proc", "BIN/nothing"]),
        Act("exec", "tmpfile", "an O_TMPFILE", by: "#", ["exec", "tmpfile", "BIN/nothing", "DIR/d"]),
        Act(
            "exec", "deleted", "a file unlinked before the exec", by: "c", ["exec", "deleted", "BIN/nothing", "DIR/c"]),
        Act("exec", "exec32", "execve() by the 32-bit call", by: "nothing", ["exec", "exec32", "BIN/nothing"]),
        Act("exec", "many-words", "with 100 arguments", by: "nothing", ["exec", "many", "BIN/nothing", "100"]),
        Act(
            "exec", "odd-words", "arguments with newline, quote, escape code and UTF-8", by: "nothing",
            ["exec", "plain", "BIN/nothing", "a\nb", "\"", "\u{1b}[31m", "ü"]),
        Act("exec", "script", "a script with #!", by: "nothing", ["DIR/script", "word"]),
        Act("exec", "deep", "a path of nearly 4096 bytes", by: "t", ["exec-deep", "BIN/nothing", "DIR/d", "19"]),
        Act("exec", "too-deep", "a path longer than 4096 bytes", by: "t", ["exec-deep", "BIN/nothing", "DIR/d", "25"]),
        Act(
            "exec", "ld-so", "through the dynamic loader", by: "ld-linux.so",
            ["/bin/sh", "-c", "cp -L /lib64/ld-linux-x86-64.so.2 DIR/ld-linux.so"],
            ["DIR/ld-linux.so", "--inhibit-cache", "/bin/true"]),
        Act(
            "exec", "script-memfd", "a script in a memfd", by: "nothing",
            ["exec", "memfd-script", "DIR/script"]),
        Act(
            "exec", "script-descriptor", "a script by its descriptor", by: "nothing",
            ["exec", "descriptor-script", "DIR/script"]),
        Act("exec", "script-nested", "a script whose interpreter is a script", by: "nothing", ["DIR/nested", "word"]),
        Act(
            "exec", "binfmt", "a file that binfmt_misc gives to an interpreter", by: "nothing",
            ["/bin/sh", "-c", "modprobe -q binfmt_misc || true"],
            ["within", "binfmt", "driftwatch-test", "BIN/nothing", "driftwatch-magic", "DIR/magic"]),
        Act(
            "exec", "sh-c", "sh -c: the words alone differ", by: "sh", ["cp", "/bin/busybox", "DIR/sh"],
            ["DIR/sh", "-c", "exit 0"], ["DIR/sh", "-c", "exit 0 # other"]),
        Act(
            "exec", "python-c", "python -c: the words alone differ", by: "python",
            ["cp", "-L", "/usr/bin/python3", "DIR/python"], ["DIR/python", "-c", "pass"],
            ["DIR/python", "-c", "pass # other"]),
        Act("exec", "vfork", "by a vfork child", by: "nothing", ["spawn", "vfork", "BIN/nothing"]),
        Act("exec", "posix_spawn", "by posix_spawn()", by: "nothing", ["spawn", "posix_spawn", "BIN/nothing"]),
        Act(
            "exec", "clone3", "by a child in namespaces of its own", by: "nothing", ["spawn", "clone3", "BIN/nothing"]),
        Act("exec", "thread", "by a thread that is not the leader", by: "nothing", ["spawn", "thread", "BIN/nothing"]),
        Act("exec", "orphan", "by a child whose parent is gone", by: "nothing", ["spawn", "orphan", "BIN/nothing"]),
        Act(
            "exec", "descriptor", "an O_PATH descriptor, by execveat() with AT_EMPTY_PATH", by: "nothing",
            ["exec", "descriptor", "BIN/nothing"]),
        Act(
            "exec", "directory", "execveat() below a directory's descriptor", by: "nothing",
            ["exec", "directory", "BIN/nothing"]),
        Act("exec", "self", "/proc/self/exe", by: "exec", ["exec", "self", "first"]),
        Act(
            "exec", "execveat32", "execveat() by the 32-bit call", by: "nothing", ["exec", "execveat32", "BIN/nothing"]),
        Act("exec", "chroot", "below a chroot", by: "n", ["within", "chroot", "DIR", "/n"]),
        Act("exec", "pivot", "below a pivot_root()", by: "n", ["within", "pivot", "DIR", "/n"]),
        Act("exec", "user", "in a user namespace", by: "nothing", ["within", "user", "BIN/nothing"]),
        Act(
            "exec", "bound", "a file bound over another", by: "f", ["within", "bind", "BIN/nothing", "DIR/f", "DIR/f"]),
    ]
}
