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
    ]
}
