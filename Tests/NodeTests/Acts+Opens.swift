extension Act {
    /// `f` is a file, `d` a directory, `link` a symbolic link to it.
    static let opens: [Act] =
        [
            Act("open", "open", "open()", ["open", "open", "DIR/f", "read"]),
            Act("open", "openat", "openat()", ["open", "openat", "DIR/f", "read"]),
            Act("open", "openat2", "openat2()", ["open", "openat2", "DIR/f", "read"]),
            Act("open", "creat", "creat()", ["open", "creat", "DIR/new"]),
            Act("open", "handle", "open_by_handle_at()", ["open", "handle", "DIR/f", "read"]),
            Act("open", "open32", "open() by the 32-bit call", ["open", "open32", "DIR/f", "read"]),
            Act("open", "openat32", "openat() by the 32-bit call", ["open", "openat32", "DIR/f", "read"]),
            Act("open", "write", "to write", ["open", "openat", "DIR/f", "write"]),
            Act("open", "append", "to append", ["open", "openat", "DIR/f", "write", "append"]),
            Act("open", "truncating", "with O_TRUNC", ["open", "openat", "DIR/f", "write", "trunc"]),
            Act("open", "both", "to read and write", ["open", "openat", "DIR/f", "both"]),
            Act(
                "open", "read-then-write", "read first, written later", ["open", "openat", "DIR/f", "read"],
                ["open", "openat", "DIR/f", "write"]),
            Act("open", "tmpfile", "O_TMPFILE", ["open", "openat", "DIR/d", "tmpfile", "both"]),
            Act("open", "directory", "a directory", ["open", "openat", "DIR/d", "directory"]),
            Act("open", "as-path", "O_PATH", gap: "path-only-open", ["open", "openat", "DIR/f", "path"]),
            Act("open", "reopened", "O_PATH, then reopened through /proc/self/fd", ["reopen", "DIR/f"]),
            Act("open", "renamed", "renamed, then opened under the new name", ["rename-open", "DIR/f", "DIR/g"]),
            Act("open", "chroot", "below a chroot", ["chroot-open", "DIR", "/f"]),
            Act("open", "by-child", "by a child that executed nothing", ["fork-open", "DIR/f"]),
            Act("open", "tree", "open_tree()", gap: "open-tree", sometimesSeen: true, ["open", "open_tree", "DIR/f"]),
            Act("open", "mqueue", "mq_open()", ["open", "mq_open", "/driftwatch-open-mqueue", "both"]),
            Act("open", "truncate", "truncate()", gap: "truncate-by-path", ["truncate", "DIR/f"]),
            Act(
                "open", "truncate32", "truncate() by the 32-bit call", gap: "truncate-by-path",
                ["truncate", "DIR/f", "32"]),
            Act(
                "open", "received", "received over a socket", gap: "received-descriptor",
                beside: ["BIN/pass", "DIR/f", "DIR/socket"], ["receive", "socket", "DIR/socket"]),
            Act("open", "pidfd_getfd", "taken from another process by pidfd_getfd()", ["receive", "pidfd", "DIR/f"]),
            Act("open", "relative", "a relative path", ["open", "openat", "d/../f", "read"]),
            Act("open", "through-symlink", "dirlink/../x", ["open", "openat", "DIR/link/../f", "read"]),
            // Handed over by the shell's own globbing, byte for byte.
            Act(
                "open", "odd-name", "a name with newline, quote, escape code and invalid UTF-8",
                ["/bin/sh", "-c", "exec BIN/open openat DIR/*31m* read"]),
            Act("open", "deep", "a path of nearly 4096 bytes", ["deep-open", "DIR/d", "19"]),
            Act("open", "too-deep", "a path longer than 4096 bytes", ["deep-open", "DIR/d", "25"]),
        ] + byRing + places

    /// By io_uring, which makes no system call of it.
    private static let byRing: [Act] = [
        ("plain", "io_uring OPENAT"),
        ("openat2", "io_uring OPENAT2"),
        ("async", "io_uring OPENAT with IOSQE_ASYNC"),
        ("polled", "io_uring OPENAT, IORING_SETUP_SQPOLL"),
        ("deferred", "io_uring OPENAT, IORING_SETUP_DEFER_TASKRUN"),
        ("direct", "io_uring OPENAT into a slot"),
        ("direct-any", "io_uring OPENAT into any slot"),
        ("linked", "io_uring OPENAT into a slot, linked to a read of it"),
        ("closed", "io_uring OPENAT into a slot, closed in the same batch"),
        ("silent", "io_uring OPENAT with IOSQE_CQE_SKIP_SUCCESS"),
        ("chained", "the same, with forty requests linked to it"),
    ].map { way, what in
        Act("open", "io_uring-" + way, what, gap: "io-uring-open", ["uring-open", way, "DIR/f", "read"])
    }
}
