/// A resolver answered a question of a process in the cgroup.
package struct Answer: Sendable, Equatable {
    /// Nanoseconds since boot.
    package var time: UInt64
    package var cgroup: UInt64
    package var resolver: IPAddress
    /// Nil where no address of a name was told, or the message is none.
    package var resolution: Resolution?

    package init(time: UInt64, cgroup: UInt64, resolver: IPAddress, resolution: Resolution?) {
        self.time = time
        self.cgroup = cgroup
        self.resolver = resolver
        self.resolution = resolution
    }
}

/// A name, and the addresses to which an answer led it, also by way of other names.
package struct Resolution: Sendable, Equatable {
    package struct Address: Sendable, Equatable {
        package var ip: IPAddress
        /// Seconds that it may be kept; the shortest on the way to it.
        package var lifetime: UInt32

        package init(ip: IPAddress, lifetime: UInt32) {
            self.ip = ip
            self.lifetime = lifetime
        }
    }

    /// As it was asked for, with the search domain that led to an answer: lower case, without the dot of the root, and
    /// each byte that is no letter, digit, hyphen or underscore as `\\DDD` (RFC 1035, section 5.1).
    package var name: String
    package var addresses: [Address]

    package init(name: String, addresses: [Address]) {
        self.name = name
        self.addresses = addresses
    }

    /// Other names on the way, so many at most: resolvers follow 8 to 16.
    private static let longestChain = 16

    /// Reads a message (RFC 1035, section 4) that may end early; nil where it answers no question for an address.
    package init?(message: [UInt8]) {
        var reader = MessageReader(message)
        guard let header = reader.header(), header.isAnswer, header.questions == 1,
            let question = reader.question(), question.asksForAddress, question.name != MessageReader.root
        else { return nil }
        var aliases: [String: (target: String, lifetime: UInt32)] = [:]
        var addresses: [String: [Address]] = [:]
        for _ in 0..<header.answers {
            guard let record = reader.record() else { break }
            switch record.data {
            case .alias(let target): aliases[record.name] = (target, record.lifetime)
            case .address(let ip):
                addresses[record.name, default: []].append(Address(ip: ip, lifetime: record.lifetime))
            case .other: break
            }
        }
        name = question.name
        self.addresses = []
        // Only what the question leads to: a record of another name is nobody's answer.
        var current = question.name
        var shortest = UInt32.max
        for _ in 0...Self.longestChain {
            for var address in addresses[current] ?? [] {
                address.lifetime = min(address.lifetime, shortest)
                self.addresses.append(address)
            }
            guard let alias = aliases.removeValue(forKey: current) else { break }
            shortest = min(shortest, alias.lifetime)
            current = alias.target
        }
        if self.addresses.isEmpty { return nil }
    }
}

/// Walks over a DNS message; every read is nil beyond its end.
private struct MessageReader {
    static let root = "."
    private let bytes: [UInt8]
    private var offset = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    struct Header {
        var flags: UInt16
        var questions: UInt16
        var answers: UInt16
        /// An answer to a plain question, without an error.
        var isAnswer: Bool { flags & 0x8000 != 0 && flags & 0x780f == 0 }
    }

    struct Question {
        var name: String
        var type: UInt16
        var family: UInt16
        /// A, AAAA or ANY, of the Internet.
        var asksForAddress: Bool { [1, 28, 255].contains(type) && family == 1 }
    }

    struct ResourceRecord {
        enum Data {
            case address(IPAddress)
            case alias(String)
            case other
        }
        var name: String
        var lifetime: UInt32
        var data: Data
    }

    mutating func header() -> Header? {
        guard number() != nil, let flags = number(), let questions = number(), let answers = number(),
            number() != nil, number() != nil
        else { return nil }
        return Header(flags: flags, questions: questions, answers: answers)
    }

    mutating func question() -> Question? {
        guard let name = name(), let type = number(), let family = number() else { return nil }
        return Question(name: name, type: type, family: family)
    }

    mutating func record() -> ResourceRecord? {
        guard let name = name(), let type = number(), let family = number(), let high = number(), let low = number(),
            let length = number(), Int(length) <= bytes.count - offset
        else { return nil }
        // RFC 2181, section 8: what looks negative is none.
        let lifetime = high & 0x8000 == 0 ? UInt32(high) << 16 | UInt32(low) : 0
        let start = offset
        defer { offset = start + Int(length) }
        let data: ResourceRecord.Data
        switch (family, type, length) {
        case (1, 1, 4):
            data = .address(IPAddress(v4: bytes[start], bytes[start + 1], bytes[start + 2], bytes[start + 3]))
        case (1, 28, 16):
            var address = SIMD16<UInt8>()
            for index in 0..<16 { address[index] = bytes[start + index] }
            data = .address(IPAddress(bytes: address))
        case (1, 5, _):
            guard let target = self.name(), offset <= start + Int(length) else { return nil }
            data = .alias(target)
        default: data = .other
        }
        return ResourceRecord(name: name, lifetime: lifetime, data: data)
    }

    private mutating func number() -> UInt16? {
        guard bytes.count - offset >= 2 else { return nil }
        defer { offset += 2 }
        return UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1])
    }

    /// RFC 1035, sections 3.1 and 4.1.4. A pointer must lead back, to before all that was read of the name: no loop.
    private mutating func name() -> String? {
        var text: [UInt8] = []
        var wireLength = 1
        var place = offset
        var earliest = offset
        var end: Int?
        while place < bytes.count {
            let length = Int(bytes[place])
            switch length >> 6 {
            case 0 where length == 0:
                offset = end ?? place + 1
                return text.isEmpty ? Self.root : String(decoding: text, as: UTF8.self)
            case 0:
                wireLength += length + 1
                guard place + 1 + length <= bytes.count, wireLength <= 255 else { return nil }
                if !text.isEmpty { text.append(UInt8(ascii: ".")) }
                for byte in bytes[place + 1..<place + 1 + length] { Self.append(byte, to: &text) }
                place += length + 1
            case 3:
                guard place + 1 < bytes.count else { return nil }
                end = end ?? place + 2
                place = (length & 0x3f) << 8 | Int(bytes[place + 1])
                guard place < earliest else { return nil }
                earliest = place
            default: return nil
            }
        }
        return nil
    }

    private static func append(_ byte: UInt8, to text: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): text.append(byte | 0x20)
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
            UInt8(ascii: "_"):
            text.append(byte)
        default:
            text += [
                UInt8(ascii: "\\"), 48 + byte / 100, 48 + byte / 10 % 10, 48 + byte % 10,
            ]
        }
    }
}
