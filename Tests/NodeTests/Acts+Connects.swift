extension Act {
    /// Nobody need listen: asking is what is told.
    static let connects: [Act] =
        [
            Act("connect", "block", "connect(), blocking", ["connect", "block", "127.0.0.1", "47110"]),
            Act("connect", "nonblock", "connect(), not blocking", ["connect", "nonblock", "127.0.0.1", "47110"]),
            Act("connect", "fastopen", "TCP Fast Open", ["connect", "fastopen", "127.0.0.1", "47110"]),
            Act(
                "connect", "connect32", "connect() by the 32-bit call", ["connect", "connect32", "127.0.0.1", "47110"]),
            Act("connect", "io_uring", "io_uring CONNECT", ["connect", "io_uring", "127.0.0.1", "47110"]),
            Act("connect", "mptcp", "MPTCP", ["connect", "mptcp", "127.0.0.1", "47110"]),
            Act("connect", "udp", "connect() of a datagram socket", ["connect", "udp", "127.0.0.1", "47110"]),
            Act("connect", "sendto", "sendto() unconnected", ["connect", "sendto", "127.0.0.1", "47110"]),
            Act("connect", "sendmsg", "sendmsg() unconnected", ["connect", "sendmsg", "127.0.0.1", "47110"]),
            Act("connect", "sendmmsg", "sendmmsg() unconnected", ["connect", "sendmmsg", "127.0.0.1", "47110"]),
            Act("connect", "v6", "IPv6", ["connect", "block", "::1", "47110"]),
            Act("connect", "v4-in-v6", "::ffff:a.b.c.d", ["connect", "block", "::ffff:127.0.0.1", "47110"]),
            Act(
                "connect", "v4-in-v6-datagram", "sendto() to ::ffff:a.b.c.d",
                ["connect", "sendto", "::ffff:127.0.0.1", "47110"]),
            Act("connect", "connected", "sends after connect()", ["connect", "connected", "127.0.0.1", "47110"]),
            Act("connect", "bound", "a server speaks first", ["connect", "bound", "127.0.0.1", "47110"]),
            Act("connect", "bound6", "a server speaks first, over IPv6", ["connect", "bound", "::1", "47110"]),
            Act(
                "connect", "answer", "a server answers: only the question", ["connect", "answer", "127.0.0.1", "47112"]),
            Act("connect", "disconnect", "connect() to AF_UNSPEC", ["connect", "disconnect", "127.0.0.1", "47110"]),
            Act(
                "connect", "io_uring-sendmsg", "io_uring SENDMSG",
                ["connect", "io_uring_sendmsg", "127.0.0.1", "47110"]),
            Act(
                "connect", "socketcall", "connect() by the 32-bit socketcall()",
                ["connect", "socketcall", "127.0.0.1", "47110"]),
        ] + unixConnects + sockets

    private static func unix(
        _ name: String, _ what: String, _ how: String, of kind: String = "unix", to path: String? = nil,
        gap: String? = nil
    ) -> Act {
        Act(
            "connect", name, what, gap: gap, beside: ["BIN/listen", kind, "DIR/socket", "60"],
            ["connect", how, path ?? "DIR/socket"])
    }

    private static let unixConnects: [Act] = [
        unix("unix", "AF_UNIX by path", "block"),
        unix("unix-relative", "AF_UNIX by a relative path through a link", "block", to: "link/../socket"),
        unix("unix-socketcall", "AF_UNIX by the 32-bit socketcall()", "socketcall"),
        unix("unix-connect32", "AF_UNIX by the 32-bit connect()", "connect32"),
        unix("unix-io_uring", "AF_UNIX by io_uring", "io_uring", gap: "io-uring-open"),
        unix("unix-seqpacket", "AF_UNIX, SOCK_SEQPACKET", "seqpacket", of: "unixseq"),
        unix("unix-datagram", "AF_UNIX, connect() of a datagram socket", "udp", of: "unixdgram"),
        unix("unix-connected", "AF_UNIX, datagrams after connect()", "connected", of: "unixdgram"),
        unix("unix-sendto", "AF_UNIX, sendto() unconnected", "sendto", of: "unixdgram", gap: "unix-datagram"),
        unix("unix-sendmsg", "AF_UNIX, sendmsg() unconnected", "sendmsg", of: "unixdgram", gap: "unix-datagram"),
        unix("unix-sendmmsg", "AF_UNIX, sendmmsg() unconnected", "sendmmsg", of: "unixdgram", gap: "unix-datagram"),
        unix(
            "unix-io_uring-sendmsg", "AF_UNIX, io_uring SENDMSG unconnected", "io_uring_sendmsg", of: "unixdgram",
            gap: "unix-datagram"),
        Act(
            "connect", "abstract", "AF_UNIX, an abstract name",
            beside: ["BIN/listen", "unix", "@driftwatch-test", "60"], ["connect", "block", "@driftwatch-test"]),
        Act(
            "connect", "abstract-datagram", "AF_UNIX, an abstract name, unconnected", gap: "unix-datagram",
            beside: ["BIN/listen", "unixdgram", "@driftwatch-test", "60"], ["connect", "sendto", "@driftwatch-test"]),
    ]

    /// Making them is the act: where they reach, no hook sees.
    private static let sockets: [Act] =
        ["raw", "raw6", "ping", "packet", "vsock", "sctp", "xdp", "can"].map {
            Act("connect", "socket-\($0)", "a socket: \($0)", ["socket", $0])
        } + [
            Act("connect", "socket-socketcall", "a raw socket by socketcall()", ["socket", "raw", "socketcall"]),
            Act("connect", "socket-socket32", "a raw socket by the 32-bit call", ["socket", "raw", "socket32"]),
            Act(
                "connect", "socket-io_uring", "a raw socket by io_uring", gap: "io-uring-open",
                ["socket", "raw", "io_uring"]),
            Act(
                "connect", "socket-harmless", "sockets that show their peers or have none: only the one beside them",
                ["socket", "unix"], ["socket", "netlink"], ["socket", "tcp"], ["socket", "raw"]),
        ]
}
