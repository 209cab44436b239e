/// A path as seen from the root of the process that used it.
package struct ResolvedPath: Hashable, Sendable {
    package struct Flags: OptionSet, Hashable, Sendable {
        package let rawValue: UInt16
        package init(rawValue: UInt16) { self.rawValue = rawValue }
        package static let truncated = Flags(rawValue: 1 << 0)
        /// The walk up ended without meeting the root of the process.
        package static let outsideRoot = Flags(rawValue: 1 << 1)
        /// Of a mount that is in no namespace: memfd, pipe, anonymous inode.
        package static let detached = Flags(rawValue: 1 << 2)
        package static let unlinked = Flags(rawValue: 1 << 3)
        /// The file lies above the root of its own mount.
        package static let outsideMount = Flags(rawValue: 1 << 4)
    }

    package var text: String
    package var flags: Flags

    package init(_ text: String, flags: Flags = []) {
        self.text = text
        self.flags = flags
    }
}

/// The ways in which a file was opened.
package struct Access: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }
    package static let append = Access(rawValue: 1 << 0)
    /// This open made the file.
    package static let create = Access(rawValue: 1 << 1)
    /// O_PATH.
    package static let path = Access(rawValue: 1 << 2)
    package static let read = Access(rawValue: 1 << 3)
    package static let truncate = Access(rawValue: 1 << 4)
    package static let write = Access(rawValue: 1 << 5)

    package static let all = Access(rawValue: (1 << 6) - 1)

    /// In alphabetical order, which is the order of the bits.
    private static let table: [(Access, String)] = [
        (.append, "append"), (.create, "create"), (.path, "path"), (.read, "read"), (.truncate, "truncate"),
        (.write, "write"),
    ]

    /// Sorted names.
    package var names: [String] { Self.table.filter { contains($0.0) }.map(\.1) }

    /// Nil where a name is not known.
    package init?(names: some Sequence<String>) {
        var access: Access = []
        for name in names {
            guard let entry = Self.table.first(where: { $0.1 == name }) else { return nil }
            access.insert(entry.0)
        }
        self = access
    }
}

/// A device number as the kernel packs it: 12 bits major, 20 bits minor.
package struct Device: Hashable, Sendable, CustomStringConvertible {
    package var packed: UInt32
    package init(_ packed: UInt32) { self.packed = packed }
    package var major: UInt32 { packed >> 20 }
    package var minor: UInt32 { packed & 0xfffff }
    /// `major:minor`, as in mountinfo.
    package var description: String { "\(major):\(minor)" }
}

/// What carries a connection.
package enum Transport: Hashable, Sendable, CustomStringConvertible {
    case tcp, udp, unix, icmp, sctp, udplite, dccp, raw, packet, vsock, xdp, can, tipc, bluetooth
    /// `ip-<protocol number>`.
    case other(UInt16)
    /// `af-<address family>`.
    case family(UInt16)

    private static let names: [(Transport, String)] = [
        (.tcp, "tcp"), (.udp, "udp"), (.unix, "unix"), (.icmp, "icmp"), (.sctp, "sctp"), (.udplite, "udplite"),
        (.dccp, "dccp"), (.raw, "raw"), (.packet, "packet"), (.vsock, "vsock"), (.xdp, "xdp"), (.can, "can"),
        (.tipc, "tipc"), (.bluetooth, "bluetooth"),
    ]

    /// Whether each destination is told; of the others only that a socket was made.
    package var showsPeers: Bool { [.tcp, .udp, .unix, .udplite].contains(self) }

    package var description: String {
        switch self {
        case .other(let number): "ip-\(number)"
        case .family(let number): "af-\(number)"
        default: Self.names.first { $0.0 == self }!.1
        }
    }

    package init?(_ name: String) {
        if let known = Self.names.first(where: { $0.1 == name }) {
            self = known.0
        } else if name.hasPrefix("ip-"), let number = UInt16(name.dropFirst(3)) {
            self = .other(number)
        } else if name.hasPrefix("af-"), let number = UInt16(name.dropFirst(3)) {
            self = .family(number)
        } else {
            return nil
        }
    }
}

/// An address and a port.
package struct SocketAddress: Hashable, Sendable {
    package var ip: IPAddress
    package var port: UInt16
    package init(ip: IPAddress, port: UInt16) {
        self.ip = ip
        self.port = port
    }
}
