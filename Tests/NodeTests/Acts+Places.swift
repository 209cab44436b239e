extension Act {
    /// Opens of a path that means something else to others, or a moment later. `e` is another directory.
    static let places: [Act] = [
        Act("open", "proc-root", "/proc/self/root/...", ["open", "openat", "/proc/self/rootDIR/f", "read"]),
        Act(
            "open", "bound-directory", "through a bind mount of its directory",
            ["within", "bind", "DIR/d", "DIR/e", "BIN/open", "openat", "DIR/e/inside", "read"]),
        Act(
            "open", "bound-file", "a file bound over another",
            ["within", "bind", "DIR/d/inside", "DIR/f", "BIN/open", "openat", "DIR/f", "read"]),
        Act(
            "open", "copied-up", "a file of an overlay's lower layer, to write", by: "open",
            ["within", "overlay", "DIR/d", "DIR/e", "BIN/open", "openat", "DIR/e/merged/inside", "write"]),
        Act(
            "open", "other-mounts", "on a mount of its own mount namespace",
            ["within", "tmpfs", "DIR/d", "BIN/open", "openat", "DIR/d/f", "write", "create"]),
        Act(
            "open", "pivot", "below a pivot_root()", by: "open", ["cp", "BIN/open", "DIR/open"],
            ["within", "pivot", "DIR", "/open", "openat", "/f", "read"]),
        Act(
            "open", "proc-fd", "another process's descriptor, through /proc/PID/fd", by: "open",
            ["/bin/sh", "-c", "exec 3<DIR/f; BIN/open openat /proc/$$/fd/3 write"]),
        Act("open", "memfd", "a memfd, through /proc/self/fd", ["reopen", "memfd:open-memfd"]),
        Act("open", "user", "in a user namespace", ["within", "user", "BIN/open", "openat", "DIR/f", "read"]),
        Act("open", "swapped-link", "a symbolic link that another thread changes", ["swap-open", "link", "DIR"]),
        Act("open", "swapped-words", "a path that another thread changes in memory", ["swap-open", "memory", "DIR"]),
        Act(
            "open", "reused-inode", "unlinked, then a new file of the same number", ["reuse-open", "DIR/f", "DIR/new"]),
    ]
}
