import Events

/// Internet sockets of one network namespace, by their inode numbers, as /proc shows them.
struct Sockets {
    private(set) var listening: [UInt64: Listen] = [:]
    /// Whom connected ones reach.
    private(set) var peers: [UInt64: SocketAddress] = [:]

    /// A gateway's table may have a million lines; those behind are not told apart.
    static let most = 65536

    private enum State: UInt8 {
        /// TCP_ESTABLISHED, of UDP: connected.
        case established = 1
        /// TCP_CLOSE, of UDP: bound.
        case closed = 7
        case listen = 10
    }

    /// As a process of the namespace sees them.
    init(of pid: UInt32) {
        for (table, transport) in [("tcp", Transport.tcp), ("tcp6", .tcp), ("udp", .udp), ("udp6", .udp)] {
            guard let bytes = try? Files.read("/proc/\(pid)/net/\(table)", limit: 32 << 20) else { continue }
            read(bytes, transport)
        }
    }

    /// `text` is of the format of proc_pid_net_tcp.
    init(_ text: String, _ transport: Transport) { read(Array(text.utf8), transport) }

    private mutating func read(_ bytes: [UInt8], _ transport: Transport) {
        for line in bytes.split(separator: UInt8(ascii: "\n")).dropFirst().prefix(Self.most) {
            // sl, local, remote, state, queues, timer, retransmissions, uid, timeout, inode
            let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 10)
            guard fields.count > 9, let local = Self.address(fields[1]), let remote = Self.address(fields[2]),
                let number = UInt8(Self.text(fields[3]), radix: 16), let state = State(rawValue: number),
                let inode = UInt64(Self.text(fields[9])), inode != 0
            else { continue }
            switch (state, transport) {
            case (.established, _): peers[inode] = remote
            case (.listen, .tcp), (.closed, .udp):
                if local.port != 0 { listening[inode] = Listen(address: local, transport: transport) }
            default: break
            }
        }
    }

    /// `0100007F:1F90`: words of four bytes in the order of the machine, the port in that of people.
    private static func address(_ field: ArraySlice<UInt8>) -> SocketAddress? {
        let parts = field.split(separator: UInt8(ascii: ":"))
        guard parts.count == 2, let port = UInt16(text(parts[1]), radix: 16) else { return nil }
        let digits = Array(parts[0])
        guard digits.count == 8 || digits.count == 32 else { return nil }
        var bytes = SIMD16<UInt8>()
        for word in 0..<digits.count / 8 {
            guard let value = UInt32(text(digits[word * 8..<word * 8 + 8]), radix: 16) else { return nil }
            withUnsafeBytes(of: value) { for index in 0..<4 { bytes[word * 4 + index] = $0[index] } }
        }
        if digits.count == 8 {
            return SocketAddress(ip: IPAddress(v4: bytes[0], bytes[1], bytes[2], bytes[3]), port: port)
        }
        return SocketAddress(ip: IPAddress(bytes: bytes), port: port)
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}
