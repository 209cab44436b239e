extension Act {
    static let listens: [Act] = [
        Act("listen", "tcp", "listen() of TCP", ["listen", "tcp", "47111"]),
        Act("listen", "tcp6", "listen() of TCP over IPv6", ["listen", "tcp6", "47111"]),
        Act("listen", "udp", "bind() of UDP", ["listen", "udp", "47111"]),
        Act("listen", "udp6", "bind() of UDP over IPv6", ["listen", "udp6", "47111"]),
        Act("listen", "mptcp", "listen() of MPTCP", ["listen", "mptcp", "47111"]),
        Act("listen", "again", "listen() twice, and beside it with SO_REUSEPORT", ["listen", "again", "47111"]),
        Act("listen", "io_uring", "io_uring BIND and LISTEN", ["listen", "io_uring", "47111"]),
    ]
}
