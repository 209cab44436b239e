import Baselines
import Events
import Testing

@testable import Responses

@Suite struct DestinationTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let entry: ConnectEntry
        /// `block port transport`, sorted.
        let destinations: [String]
        var unresolved: [String] = []

        init(
            _ what: String, _ peer: ConnectEntry.Peer, _ ports: ClosedRange<UInt16>? = 443...443,
            _ transport: Transport? = .tcp, to destinations: [String], unresolved: [String] = []
        ) {
            testDescription = what
            entry = ConnectEntry(executable: "/bin/a", peer: peer, ports: ports, transport: transport)
            self.destinations = destinations
            self.unresolved = unresolved
        }

        static let all = [
            Case("an address", .block(AddressBlock("10.1.2.3")!), to: ["10.1.2.3/32 443 tcp"]),
            Case("a block, unmasked", .block(AddressBlock("10.1.2.3/8")!), to: ["10.0.0.0/8 443 tcp"]),
            Case(
                "any port and transport", .block(AddressBlock("fd00::1")!), nil, nil, to: ["fd00::1/128 any any"]),
            Case("a span", .block(AddressBlock("::1")!), 1024...65535, .udp, to: ["::1/128 1024-65535 udp"]),
            Case(
                "a name", .domain("api.internal"), to: ["10.0.0.1/32 443 tcp", "fd00::2/128 443 tcp"]),
            Case(
                "names by a pattern", .domain("*.internal"),
                to: ["10.0.0.1/32 443 tcp", "10.0.0.9/32 443 tcp", "fd00::2/128 443 tcp"]),
            Case("a name that nobody asked for", .domain("db.test"), to: [], unresolved: ["db.test"]),
            Case(
                "loopback", .scope(.loopback), 8080...8080,
                to: ["127.0.0.0/8 8080 tcp", "::1/128 8080 tcp"]),
            Case("a unix socket", .path("/run/x.sock"), nil, .unix, to: []),
            Case("a raw socket", .unseen, nil, .raw, to: ["::/128 any raw"]),
            Case("a socket without a peer of a transport that has them", .unseen, nil, .udp, to: []),
            Case("an address of a transport that shows none", .block(AddressBlock("10.1.2.3")!), nil, .sctp, to: []),
        ]
    }

    private static let names = [
        (name: "API.internal.", address: IPAddress("10.0.0.1")!),
        (name: "api.internal", address: IPAddress("fd00::2")!),
        (name: "other.internal", address: IPAddress("10.0.0.9")!), (name: "internal", address: IPAddress("10.0.0.7")!),
    ]

    @Test(arguments: Case.all) func whereABaselineLeads(_ one: Case) {
        let found = Destinations(BaselineSpec(connect: [one.entry]), names: Self.names)
        #expect(found.reachable.map(text).sorted() == one.destinations)
        #expect(found.unresolved == one.unresolved)
    }

    private func text(_ destination: Destination) -> String {
        let ports = destination.ports.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
        return "\(destination.block) \(ports ?? "any") \(destination.transport?.description ?? "any")"
    }

    /// Any public address is each but those that are something else.
    @Test(arguments: [
        ("8.8.8.8", true), ("1.0.0.0", true), ("9.255.255.255", true), ("10.0.0.0", false), ("11.0.0.0", true),
        ("100.63.255.255", true), ("100.64.0.1", false), ("127.0.0.1", false), ("169.254.169.254", false),
        ("172.15.0.1", true), ("172.16.0.1", false), ("224.0.0.1", false), ("255.255.255.255", true),
        ("2001:db8::1", true), ("64:ff9b::1", true), ("::1", false), ("::", false), ("::2", true), ("fe80::1", false),
        ("fec0::1", true), ("fd00::1", false), ("ff02::1", false),
    ])
    func anyPublicAddress(_ address: String, isPublic: Bool) {
        let entry = ConnectEntry(executable: "/bin/a", peer: .scope(.public), ports: 443...443, transport: .tcp)
        let found = Destinations(BaselineSpec(connect: [entry]), names: []).reachable
        let ip = IPAddress(address)!
        #expect(found.filter { $0.block.contains(ip) }.count == (isPublic ? 1 : 0))
        #expect((ip.scope == .public) == isPublic)
        #expect(found.count < 256)
    }

    @Test func aNewAddressOfAKnownName() {
        let spec = BaselineSpec(connect: [
            ConnectEntry(executable: "/bin/a", peer: .domain("*.internal"), ports: 443...443, transport: .tcp),
            ConnectEntry(executable: "/bin/b", peer: .domain("api.internal"), ports: 80...80, transport: .tcp),
        ])
        let address = IPAddress("10.0.0.2")!
        let found = Destinations.destinations(of: "Api.internal.", at: address, in: spec)
        #expect(found.map(text).sorted() == ["10.0.0.2/32 443 tcp", "10.0.0.2/32 80 tcp"])
        #expect(Destinations.destinations(of: "api.example", at: address, in: spec).isEmpty)
    }
}
