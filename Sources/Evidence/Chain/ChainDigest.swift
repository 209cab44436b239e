import Crypto

/// SHA-256 over all lines up to one, by way of the digest of the line before.
package struct ChainDigest: Hashable, Sendable, CustomStringConvertible {
    /// Of nothing: what the first line of all follows.
    package static let start = ChainDigest(bytes: [UInt8](repeating: 0, count: 32))

    let bytes: [UInt8]

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// Of some bytes alone.
    init(of data: some Collection<UInt8>) {
        var hash = SHA256()
        Self.update(&hash, data)
        bytes = Array(hash.finalize())
    }

    /// 64 digits of lower-case hex; nil where it is something else.
    init?(hex: some Collection<UInt8>) {
        guard hex.count == 64 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        var high: UInt8?
        for digit in hex {
            let value: UInt8
            switch digit {
            case 0x30...0x39: value = digit - 0x30
            case 0x61...0x66: value = digit - 0x61 + 10
            default: return nil
            }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        self.bytes = bytes
    }

    /// Of the line that follows: SHA-256(this, its number as eight bytes with the highest first, its record).
    func next(number: UInt64, record: some Collection<UInt8>) -> ChainDigest {
        var hash = SHA256()
        Self.update(&hash, bytes)
        withUnsafeBytes(of: number.bigEndian) { hash.update(bufferPointer: $0) }
        Self.update(&hash, record)
        return ChainDigest(bytes: Array(hash.finalize()))
    }

    private static func update(_ hash: inout SHA256, _ data: some Collection<UInt8>) {
        let isDone: Void? = data.withContiguousStorageIfAvailable { hash.update(bufferPointer: .init($0)) }
        if isDone == nil { hash.update(data: Array(data)) }
    }

    package var description: String {
        String(decoding: bytes.flatMap { [Self.digits[Int($0 >> 4)], Self.digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private static let digits = Array("0123456789abcdef".utf8)
}

extension ChainDigest: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let digest = ChainDigest(hex: Array(try container.decode(String.self).utf8)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a SHA-256 in hex")
        }
        self = digest
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
