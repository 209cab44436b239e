import Events

extension IPAddress.Scope {
    /// The blocks that the sort is made of; of `public`, which is all the rest, those that are none of it.
    var blocks: [AddressBlock] {
        self == .public ? Self.special.map(\.block) : Self.special.filter { $0.scope == self }.map(\.block)
    }

    /// The fewest blocks that hold the addresses of the sort and no others.
    package var cover: [AddressBlock] {
        self == .public ? Self.cover(IPAddress(bytes: SIMD16()), bits: 0, without: blocks) : blocks
    }

    /// Of all addresses that begin with `bits` of the 128, those in none of the holes.
    private static func cover(_ base: IPAddress, bits: Int, without holes: [AddressBlock]) -> [AddressBlock] {
        let holes = holes.filter { $0.base.sharedBits(with: base) >= min($0.bits, bits) }
        if holes.isEmpty { return [AddressBlock(base: base, prefix: bits - (128 - base.width))] }
        if holes.contains(where: { $0.bits <= bits }) { return [] }
        var other = base
        other.bytes[bits / 8] |= 0x80 >> UInt8(bits % 8)
        return [base, other].flatMap { cover($0, bits: bits + 1, without: holes) }
    }

    /// Whether all addresses of the block are of the sort.
    func holds(_ block: AddressBlock) -> Bool {
        guard self == .public else {
            return blocks.contains { $0.prefix <= block.prefix && $0.contains(block.base) }
        }
        return block.base.scope == .public && !blocks.contains { block.contains($0.base) }
    }

    /// As `IPAddress.scope` has them.
    private static let special: [(scope: Self, block: AddressBlock)] = [
        (.unspecified, "0.0.0.0/8"), (.loopback, "127.0.0.0/8"), (.linkLocal, "169.254.0.0/16"),
        (.private, "10.0.0.0/8"), (.private, "172.16.0.0/12"), (.private, "192.168.0.0/16"),
        (.private, "100.64.0.0/10"), (.multicast, "224.0.0.0/4"),
        (.unspecified, "::/128"), (.loopback, "::1/128"), (.linkLocal, "fe80::/10"), (.private, "fc00::/7"),
        (.multicast, "ff00::/8"),
    ].map { ($0, AddressBlock($1)!) }
}

extension AddressBlock {
    /// The prefix as one of IPv6.
    package var bits: Int { prefix + 128 - base.width }
}

extension IPAddress {
    /// How many leading bits of the 128 are the same.
    fileprivate func sharedBits(with other: IPAddress) -> Int {
        let difference = bytes ^ other.bytes
        let first = (0..<16).first { difference[$0] != 0 }
        return first.map { $0 * 8 + difference[$0].leadingZeroBitCount } ?? 128
    }
}
