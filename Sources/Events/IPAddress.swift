/// An IPv6 address, or an IPv4 address in its IPv6-mapped form.
package struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// Network byte order; IPv4 as ::ffff:a.b.c.d.
    package var bytes: SIMD16<UInt8>

    package init(bytes: SIMD16<UInt8>) { self.bytes = bytes }

    package init(v4 a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) {
        bytes = SIMD16(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d)
    }

    package var isIPv4: Bool {
        for index in 0..<10 where bytes[index] != 0 { return false }
        return bytes[10] == 0xff && bytes[11] == 0xff
    }

    /// `ipv4` or `ipv6`, as ECS names it.
    package var family: String { isIPv4 ? "ipv4" : "ipv6" }

    /// Bits that may be a prefix: 32 or 128.
    package var width: Int { isIPv4 ? 32 : 128 }

    /// Dotted decimal, or the canonical text of RFC 5952.
    package var description: String {
        if isIPv4 { return "\(bytes[12]).\(bytes[13]).\(bytes[14]).\(bytes[15])" }
        let groups = (0..<8).map { UInt16(bytes[$0 * 2]) << 8 | UInt16(bytes[$0 * 2 + 1]) }
        var best = 0..<0
        var index = 0
        while index < 8 {
            var end = index
            while end < 8, groups[end] == 0 { end += 1 }
            if end - index > max(best.count, 1) { best = index..<end }
            index = max(end, index + 1)
        }
        let text = { (part: ArraySlice<UInt16>) in part.map { String($0, radix: 16) }.joined(separator: ":") }
        if best.isEmpty { return text(groups[...]) }
        return text(groups[..<best.lowerBound]) + "::" + text(groups[best.upperBound...])
    }

    /// Reads dotted decimal or any RFC 4291 text; nil where it is neither.
    package init?(_ text: some StringProtocol) {
        if let v4 = Self.dotted(text[...]) {
            self.init(v4: v4[0], v4[1], v4[2], v4[3])
            return
        }
        guard text.contains(":") else { return nil }
        var head: [UInt8] = []
        var tail: [UInt8] = []
        var sawGap = false
        let halves = Self.splitOnce(text[...])
        guard let first = Self.groups(halves.0) else { return nil }
        head = first
        if let rest = halves.1 {
            sawGap = true
            guard let second = Self.groups(rest) else { return nil }
            tail = second
        }
        let missing = 16 - head.count - tail.count
        guard sawGap ? missing >= 2 : missing == 0 else { return nil }
        var bytes = SIMD16<UInt8>()
        for (index, byte) in (head + [UInt8](repeating: 0, count: missing) + tail).enumerated() { bytes[index] = byte }
        self.init(bytes: bytes)
    }

    /// What sort of place the address is.
    package enum Scope: String, Sendable {
        case unspecified, loopback
        case linkLocal = "link-local"
        case `private`, multicast, `public`
    }

    /// By the registries of RFC 6890, RFC 4193 and RFC 4291.
    package var scope: Scope {
        if isIPv4 {
            switch (bytes[12], bytes[13]) {
            case (0, _): return .unspecified
            case (127, _): return .loopback
            case (169, 254): return .linkLocal
            case (10, _), (172, 16...31), (192, 168), (100, 64...127): return .private
            case (224...239, _): return .multicast
            default: return .public
            }
        }
        if bytes == SIMD16() { return .unspecified }
        var one = SIMD16<UInt8>()
        one[15] = 1
        if bytes == one { return .loopback }
        if bytes[0] == 0xfe, bytes[1] & 0xc0 == 0x80 { return .linkLocal }
        if bytes[0] & 0xfe == 0xfc { return .private }
        return bytes[0] == 0xff ? .multicast : .public
    }

    private static func splitOnce(_ text: some StringProtocol) -> (Substring, Substring?) {
        let text = Substring(text)
        var index = text.startIndex
        while index < text.endIndex {
            let next = text.index(after: index)
            if text[index] == ":", next < text.endIndex, text[next] == ":" {
                return (text[..<index], text[text.index(after: next)...])
            }
            index = next
        }
        return (text, nil)
    }

    private static func groups(_ text: Substring) -> [UInt8]? {
        if text.isEmpty { return [] }
        var bytes: [UInt8] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, let v4 = dotted(part) {
                bytes += v4
            } else {
                guard (1...4).contains(part.utf8.count), part.allSatisfy(\.isHexDigit),
                    let value = UInt16(part, radix: 16)
                else { return nil }
                bytes += [UInt8(value >> 8), UInt8(value & 0xff)]
            }
        }
        return bytes.count <= 16 ? bytes : nil
    }

    private static func dotted(_ text: some StringProtocol) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard !part.isEmpty, part.utf8.allSatisfy({ (48...57).contains($0) }), let byte = UInt8(part) else {
                return nil
            }
            bytes.append(byte)
        }
        return bytes
    }
}

/// A block of addresses: `10.2.0.0/16`, `2001:db8::/32`, or one address.
package struct AddressBlock: Hashable, Sendable, CustomStringConvertible {
    package var base: IPAddress
    /// Bits of the written form: 0...32 or 0...128.
    package var prefix: Int

    /// Nil where the text is no address or the prefix too long.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let base = IPAddress(parts[0]) else { return nil }
        var prefix = base.width
        if parts.count == 2 {
            guard let number = Int(parts[1]), (0...base.width).contains(number) else { return nil }
            prefix = number
        }
        self.init(base: base, prefix: prefix)
    }

    package init(base: IPAddress, prefix: Int) {
        self.base = base
        self.prefix = prefix
    }

    package init(_ address: IPAddress) { self.init(base: address, prefix: address.width) }

    package func contains(_ address: IPAddress) -> Bool {
        guard address.isIPv4 == base.isIPv4 else { return false }
        var left = prefix + (128 - base.width)
        for index in 0..<16 {
            if left <= 0 { return true }
            let mask: UInt8 = left >= 8 ? 0xff : ~(0xff >> UInt8(left))
            if (address.bytes[index] ^ base.bytes[index]) & mask != 0 { return false }
            left -= 8
        }
        return true
    }

    package var description: String { "\(base)/\(prefix)" }
}
