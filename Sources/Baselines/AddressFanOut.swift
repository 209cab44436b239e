import Events

/// Joins many addresses of one private block into the block; what is public stays address by address.
enum AddressFanOut {
    private struct Group: Hashable {
        var executable: String
        var port: UInt16
        var transport: Transport
        /// The largest block that may stand for the addresses: /16, of IPv6 /64.
        var outer: AddressBlock
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
                let outer = AddressBlock(base: address.ip, prefix: address.ip.isIPv4 ? 16 : 64).masked
                let group = Group(
                    executable: connect.executable, port: address.port, transport: connect.transport, outer: outer)
                groups[group, default: []].insert(address.ip)
            }
        }
        for (group, addresses) in groups {
            let scope = group.outer.base.scope
            let joins =
                addresses.count >= Generaliser.addressFanOut
                && (addresses.allSatisfy { $0.scope == .private } || scope == .loopback)
            for block in joins ? [cover(addresses)] : addresses.map({ AddressBlock($0) }) {
                entries.append(
                    ConnectEntry(
                        executable: group.executable, peer: .block(block), ports: group.port...group.port,
                        transport: group.transport))
            }
        }
        return entries
    }

    /// The smallest block with all the addresses.
    private static func cover(_ addresses: Set<IPAddress>) -> AddressBlock {
        var block = AddressBlock(addresses.first!)
        for address in addresses {
            while !block.contains(address) { block = AddressBlock(base: block.base, prefix: block.prefix - 1) }
        }
        return block.masked
    }
}
