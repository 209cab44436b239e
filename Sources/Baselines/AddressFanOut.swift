import Events

/// Joins many addresses without a name into their block, and many blocks into their class: what a program that reaches
/// new ones all the time is going to reach next.
enum AddressFanOut {
    /// What it takes to be more than the addresses that were seen.
    struct Budget: Sendable {
        /// Distinct addresses of one block of at most these prefixes; nil: of a class that is joined only as a whole.
        var block: (from: Int, prefix4: Int, prefix6: Int)?
        /// Distinct addresses and blocks that are left then.
        var scope: Int
    }

    /// Nil where each address counts for itself.
    static func budget(_ scope: IPAddress.Scope) -> Budget? {
        switch scope {
        case .loopback, .linkLocal: Budget(block: nil, scope: 8)
        case .private: Budget(block: (8, 16, 64), scope: 16)
        // Anybody may be there: only a program that reaches all over the place reaches any place.
        case .public: Budget(block: (16, 24, 64), scope: 32)
        case .multicast, .unspecified: nil
        }
    }

    /// Why no number of addresses makes the class normal for a program; nil where enough do.
    static func refusal(_ scope: IPAddress.Scope, to program: String, _ ports: ClosedRange<UInt16>?) -> String? {
        switch scope {
        case .public where Glob.literal(program) == nil: "more than one program may connect to any public address"
        case .public where Generaliser.keepsArguments(Glob.literal(program)!):
            "a shell or interpreter may connect to any public address"
        case .linkLocal where ports?.contains(metadataPort) ?? true:
            "the cloud's service that hands out credentials is among what it names"
        default: nil
        }
    }

    /// Of 169.254.169.254.
    private static let metadataPort: UInt16 = 80

    private struct Group: Hashable {
        var executable: String
        var port: UInt16
        var transport: Transport
        var scope: IPAddress.Scope

        func entry(_ peer: ConnectEntry.Peer, _ breadth: Int = 0) -> ConnectEntry {
            ConnectEntry(
                executable: executable, peer: peer, ports: port...port, transport: transport,
                breadth: Breadth(breadth))
        }
    }

    static func entries(_ connects: [ConnectBehaviour]) -> [ConnectEntry] {
        var entries: [ConnectEntry] = []
        var groups: [Group: Set<IPAddress>] = [:]
        for connect in connects {
            switch connect.peer {
            case .unix(let path):
                entries.append(
                    ConnectEntry(executable: connect.executable, peer: .path(path), transport: connect.transport))
            case .unseen:
                entries.append(
                    ConnectEntry(executable: connect.executable, peer: .unseen, transport: connect.transport))
            case .ip(let address, .some(let domain)):
                entries.append(
                    ConnectEntry(
                        executable: connect.executable, peer: .domain(Glob.escape(domain)),
                        ports: address.port...address.port,
                        transport: connect.transport))
            case .ip(let address, nil):
                let group = Group(
                    executable: connect.executable, port: address.port, transport: connect.transport,
                    scope: address.ip.scope)
                groups[group, default: []].insert(address.ip)
            }
        }
        for (group, addresses) in groups { entries += joined(addresses, group) }
        return entries
    }

    private static func joined(_ addresses: Set<IPAddress>, _ group: Group) -> [ConnectEntry] {
        guard let budget = budget(group.scope) else {
            return addresses.map { group.entry(.block(AddressBlock($0))) }
        }
        let blocks = Dictionary(grouping: addresses) { address in
            guard let block = budget.block else { return AddressBlock(address) }
            return AddressBlock(base: address, prefix: address.isIPv4 ? block.prefix4 : block.prefix6).masked
        }.values.flatMap { neighbours in
            neighbours.count >= budget.block?.from ?? .max
                ? [(cover(neighbours), neighbours.count)] : neighbours.map { (AddressBlock($0), 0) }
        }
        if blocks.count >= budget.scope, refusal(group.scope, to: group.executable, group.port...group.port) == nil {
            return [group.entry(.scope(group.scope), addresses.count)]
        }
        return blocks.map { group.entry(.block($0), $1) }
    }

    /// The smallest block with all the addresses.
    private static func cover(_ addresses: [IPAddress]) -> AddressBlock {
        var block = AddressBlock(addresses[0])
        for address in addresses {
            while !block.contains(address) { block = AddressBlock(base: block.base, prefix: block.prefix - 1) }
        }
        return block.masked
    }
}
