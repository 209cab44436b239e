import Events

extension IPAddress.Scope {
    /// The blocks that the sort is made of; of `public`, which is all the rest, those that are none of it.
    var blocks: [AddressBlock] {
        self == .public ? Self.special.map(\.block) : Self.special.filter { $0.scope == self }.map(\.block)
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
