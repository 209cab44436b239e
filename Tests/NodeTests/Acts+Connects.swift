extension Act {
    /// Nobody need listen: asking is what is told.
    static let connects: [Act] = [
        Act("connect", "block", "connect(), blocking", ["connect", "block", "127.0.0.1", "47110"]),
        Act("connect", "nonblock", "connect(), not blocking", ["connect", "nonblock", "127.0.0.1", "47110"]),
        Act("connect", "fastopen", "TCP Fast Open", ["connect", "fastopen", "127.0.0.1", "47110"]),
        Act("connect", "connect32", "connect() by the 32-bit call", ["connect", "connect32", "127.0.0.1", "47110"]),
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
        Act(
            "connect", "unix", "AF_UNIX by path", beside: ["BIN/listen", "unix", "DIR/socket", "1"],
            ["connect", "unix", "DIR/socket"]),
        Act(
            "connect", "abstract", "AF_UNIX, an abstract name",
            beside: ["BIN/listen", "unix", "@driftwatch-test", "1"], ["connect", "unix", "@driftwatch-test"]),
        Act(
            "connect", "unix-io_uring", "AF_UNIX by io_uring", gap: "io-uring-open",
            beside: ["BIN/listen", "unix", "DIR/socket", "1"], ["connect", "io_uring", "DIR/socket"]),
    ]
}
