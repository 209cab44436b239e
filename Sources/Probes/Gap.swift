/// Something that happens on a node and that the active tier cannot see.
package struct Gap: Sendable, Hashable {
    /// Stable, for scripts.
    package var id: String
    /// In words that a person can act on.
    package var text: String

    /// What a tier cannot see, and what it cannot see either because of hooks that were refused.
    package static func gaps(of tier: Tier, without refused: [Gap] = []) -> [Gap] {
        var gaps = always + (tier == .tracepoint ? tracepoint : fentry)
        for gap in refused where !gaps.contains(gap) { gaps.append(gap) }
        return gaps
    }

    private static let always = [
        Gap(
            id: "inherited-descriptor",
            text: """
                files that a process inherited, or that one io_uring passed to another (IORING_OP_MSG_RING), are not \
                told as opened; those open before the start only as a snapshot
                """),
        Gap(
            id: "change-without-open",
            text: "rename, unlink, link, chmod, mount and other changes that open nothing are not told"),
        Gap(
            id: "other-sockets",
            text: """
                of raw, packet, vsock, SCTP and other uncommon sockets only that they were made is told, not whom they \
                reach; deny them by seccomp or capabilities where they are not needed
                """),
        Gap(
            id: "unix-refused",
            text: "connects to unix sockets at which nobody listens are not told"),
        Gap(
            id: "udp-connected-reply",
            text: """
                datagrams sent from a port that the program bound itself count as replies once the socket has received \
                one, or was bound before the start
                """),
        Gap(
            id: "listen-unbound",
            text: """
                a TCP socket that listens without having been bound is told with port 0: the kernel chooses its port \
                only afterwards
                """),
        Gap(
            id: "executable-exchanged",
            text: """
                a process may call another file its executable (prctl PR_SET_MM), in a user namespace of its own \
                without any right: what it does then is told as that program's; deny that prctl by seccomp, or user \
                namespaces
                """),
        Gap(
            id: "unseen-names",
            text: """
                names that a program resolved over TLS or HTTPS, through another process (systemd-resolved's or nscd's \
                unix socket), from a file, or through a socket older than the monitor are not known: such peers are \
                told by address
                """),
        Gap(
            id: "kernel-threads",
            text: """
                what kernel threads do (NFS, and before 5.12 io_uring's workers) is told as nobody's behaviour, \
                so not at all
                """),
    ]

    private static let tracepoint = [
        truncate, received, capabilities,
        Gap(
            id: "open-by-other-calls",
            text: """
                files that acct(), swapon(), quotactl(), the ioctl TIOCGPTPEER, a core dump or fanotify (for who reads \
                its events) open on their way are not told
                """),
        Gap(
            id: "io-uring-silent",
            text: """
                an act through io_uring for which no completion is posted (IOSQE_CQE_SKIP_SUCCESS, or no room for \
                it) is not seen if the ring's polling thread or a worker makes it, if it is linked behind another \
                request, or if more than 60 linked ones follow it; set kernel.io_uring_disabled=2, or deny \
                io_uring_setup by seccomp
                """),
        Gap(
            id: "descriptor-race",
            text: """
                a thread that replaces a descriptor (dup2) while another thread's open returns makes the other \
                file be told; one that then changes the words of openat2() hides that the file was truncated
                """),
    ]

    private static let fentry = [
        Gap(
            id: "open-tree", text: "open_tree() is seen on few kernels; opening what it gives is on all"),
        Gap(
            id: "denied-open",
            text: """
                an open that another security module, a lease or the device refuses afterwards is told as if it \
                had succeeded
                """),
    ]
}

/// What a kernel that refuses an optional hook leaves unseen.
extension Gap {
    static let listenTCP = Gap(
        id: "listen-tcp", text: "TCP ports that programs open are not seen: this kernel refused the hook for them")
    static let listenUDP = Gap(
        id: "listen-udp", text: "UDP ports that programs open are not seen: this kernel refused the hook for them")
    static let datagrams = Gap(
        id: "udp-unconnected",
        text: "datagrams sent without connect() are not seen: this kernel refused the hook for them")
    static let hearing = Gap(
        id: "udp-first-word",
        text: """
            datagrams sent from a port that the program bound itself count as replies also when it speaks first: this \
            kernel refused the hook that tells
            """)
    static let answers = Gap(
        id: "resolver-answers",
        text:
            "no names of peers are known, all are told by address: this kernel refused the hook for resolvers' answers")
    static let unixConnect = Gap(
        id: "unix-connect", text: "connects to unix sockets are not seen: this kernel refused the hook for them")
    static let unixDatagrams = Gap(
        id: "unix-datagram",
        text: "connects and datagrams of unix datagram sockets are not seen: this kernel refused the hook for them")
    static let unixReturn = Gap(
        id: "unix-datagram",
        text: """
            datagrams sent to a unix socket without connect(), and unix connects whose peer is gone when they return, \
            are not seen; use a kernel from 6.3 on, or one that takes fentry
            """)
    static let sockets = Gap(
        id: "socket-made",
        text: "raw, packet, vsock, SCTP and other uncommon sockets are not seen: this kernel refused the hook for them")
    static let pathOnly = Gap(
        id: "path-only-open", text: "opens with O_PATH are not seen; reopening such a descriptor is")
    static let truncate = Gap(
        id: "truncate-by-path",
        text: "truncate() by path is not seen, as it opens nothing; who may truncate a file may also open it to write")
    static let received = Gap(
        id: "received-descriptor",
        text: """
            files that a process got open from another one over a socket (SCM_RIGHTS) or from its seccomp \
            supervisor are not told as opened
            """)
    static let capabilities = Gap(
        id: "capability-use",
        text: "which of the capabilities that it holds a workload uses is not told; use a kernel that takes fentry")
    static let uring = Gap(
        id: "io-uring-open",
        text: """
            opens, unix connects and sockets made through io_uring are not seen: this kernel says too little of them; \
            set kernel.io_uring_disabled=2, deny io_uring_setup by seccomp, or use a kernel that takes fentry
            """)
    static let uringBatch = Gap(
        id: "io-uring-batch",
        text: """
            what is done through io_uring is not seen if the same batch closes the file again, or if no completion \
            is posted (IOSQE_CQE_SKIP_SUCCESS); set kernel.io_uring_disabled=2, or deny io_uring_setup by seccomp
            """)
}
