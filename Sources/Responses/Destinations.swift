import Baselines
import Events

/// Somewhere that a restricted workload may go.
package struct Destination: Hashable, Sendable {
    package var block: AddressBlock
    /// Nil: any.
    package var ports: ClosedRange<UInt16>?
    /// Nil: any.
    package var transport: Transport?

    /// Of a socket that shows no peers: that it may be made.
    package static let noPeer = AddressBlock(IPAddress(bytes: SIMD16()))

    package init(_ block: AddressBlock, ports: ClosedRange<UInt16>? = nil, transport: Transport? = nil) {
        self.block = block.masked
        self.ports = ports
        self.transport = transport
    }
}

/// Where a baseline lets its workload go, whichever of its programs asks: the kernel knows addresses, not names.
package struct Destinations: Sendable, Equatable {
    package var reachable: Set<Destination> = []
    /// Names that are in the baseline and lead nowhere, since nobody has asked for them yet: patterns, sorted.
    package var unresolved: [String] = []

    /// `names`: what is known of names, those that led to an address and are believed.
    package init(_ spec: BaselineSpec, names: [(name: String, address: IPAddress)]) {
        let names = names.map { (name: Glob.canonicalDomain($0.name), address: $0.address) }
        var unresolved: Set<String> = []
        for entry in spec.connect {
            let blocks = Self.blocks(of: entry.peer) { pattern in
                let found = names.filter { Glob.matchesDomain(pattern, $0.name) }.map(\.address)
                if found.isEmpty { unresolved.insert(pattern) }
                return found
            }
            reachable.formUnion(Self.destinations(blocks, entry))
        }
        self.unresolved = unresolved.sorted()
    }

    /// Where the workload may go now that a name has led to an address; none where the name is not in the baseline.
    package static func destinations(of name: String, at address: IPAddress, in spec: BaselineSpec) -> Set<Destination>
    {
        let name = Glob.canonicalDomain(name)
        return spec.connect.reduce(into: []) { found, entry in
            guard case .domain(let pattern) = entry.peer, Glob.matchesDomain(pattern, name) else { return }
            found.formUnion(destinations([AddressBlock(address)], entry))
        }
    }

    private static func destinations(_ blocks: [AddressBlock], _ entry: ConnectEntry) -> [Destination] {
        if let transport = entry.transport, transport.showsPeers == (entry.peer == .unseen) { return [] }
        return blocks.map { Destination($0, ports: entry.ports, transport: entry.transport) }
    }

    /// None of a Unix socket's, which nobody is refused.
    private static func blocks(
        of peer: ConnectEntry.Peer, resolve: (_ pattern: String) -> [IPAddress]
    ) -> [AddressBlock] {
        switch peer {
        case .block(let block): [block]
        case .scope(let scope): scope.cover
        case .domain(let pattern): resolve(pattern).map { AddressBlock($0) }
        case .unseen: [Destination.noPeer]
        case .path: []
        }
    }
}
