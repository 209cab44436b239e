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
            id: "received-descriptor",
            text: """
                files that a process got open from another one (sockets, pidfd_getfd, inheritance) and those \
                opened before the start are not told as opened
                """),
        Gap(
            id: "truncate-by-path",
            text: "truncate() by path, rename, unlink and other changes without an open are not told"),
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
            id: "kernel-threads",
            text: """
                what kernel threads do (NFS, and before 5.12 io_uring's workers) is told as nobody's behaviour, \
                so not at all
                """),
    ]

    private static let tracepoint = [
        Gap(
            id: "descriptor-race",
            text: """
                a thread that replaces a descriptor (dup2) while another thread's open returns makes the other \
                file be told
                """)
    ]

    private static let fentry = [
        Gap(
            id: "path-only-open",
            text: "opens with O_PATH are not seen; reopening such a descriptor is"),
        Gap(
            id: "denied-open",
            text: "an open that another security module denies afterwards is told as if it had succeeded"),
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
    static let uring = Gap(
        id: "io-uring-open",
        text: """
            opens, unix connects and sockets made through io_uring are not seen: this kernel says too little of them; \
            set kernel.io_uring_disabled=2, deny io_uring_setup by seccomp, or use a kernel that takes fentry
            """)
}
