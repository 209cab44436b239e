import Testing

@testable import Events

@Suite struct ValuesTests {
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1"), ("::", "::"), ("::1", "::1"), ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("fe80::", "fe80::"), ("::ffff:10.0.0.1", "10.0.0.1"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
        ("1:0:3:4:5:6:7:8", "1:0:3:4:5:6:7:8"),
    ])
    func readsAndWritesAddresses(text: String, canonical: String) {
        #expect(IPAddress(text)?.description == canonical)
    }

    @Test(arguments: [
        "", "1.2.3", "1.2.3.256", "1.2.3.4.5", "1:2", "::1::", "12345::", "+1.2.3.4", ":1:2:3:4:5:6:7:8", "::1%eth0",
    ])
    func refusesOtherTexts(text: String) { #expect(IPAddress(text) == nil) }

    @Test(arguments: [
        ("10.2.0.0/16", "10.2.255.1", true), ("10.2.0.0/16", "10.3.0.1", false), ("0.0.0.0/0", "8.8.8.8", true),
        ("0.0.0.0/0", "::1", false), ("::/0", "::1", true), ("2001:db8::/33", "2001:db8:8000::", false),
        ("10.0.0.1", "10.0.0.1", true), ("10.0.0.1", "10.0.0.2", false),
    ])
    func matchesBlocks(block: String, address: String, inside: Bool) throws {
        #expect(try #require(AddressBlock(block)).contains(try #require(IPAddress(address))) == inside)
    }

    @Test(arguments: ["10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.0/", "x/8"])
    func refusesOtherBlocks(text: String) { #expect(AddressBlock(text) == nil) }

    @Test(arguments: [
        ("127.8.8.8", IPAddress.Scope.loopback), ("169.254.1.1", .linkLocal), ("172.31.0.1", .private),
        ("172.32.0.1", .public), ("fd00::1", .private), ("fe80::1", .linkLocal), ("::1", .loopback),
        ("ff02::1", .multicast), ("2001:db8::1", .public), ("0.0.0.0", .unspecified),
    ])
    func tellsScopes(text: String, scope: IPAddress.Scope) { #expect(IPAddress(text)?.scope == scope) }

    @Test func namesAccessInOrder() {
        let access: Access = [.write, .create, .append]
        #expect(access.names == ["append", "create", "write"])
        #expect(Access(names: access.names) == access)
        #expect(Access(names: ["read", "execute"]) == nil)
    }

    @Test(
        arguments: [
            ("1970-01-01T00:00:01Z", 1_000_000_000), ("2026-11-21T08:48:24.100872676Z", 1_795_250_904_100_872_676),
            ("2026-11-21T10:48:24+02:00", 1_795_250_904_000_000_000), ("0001-01-01T00:00:00Z", nil), ("soon", nil),
            ("2026-11-21T08:48:24", nil), ("2026-13-21T08:48:24Z", nil), ("2026-11-21T08:48:24.Z", nil),
            ("2024-02-29T00:00:00Z", 1_709_164_800_000_000_000), ("2026-02-29T00:00:00Z", nil),
            ("2026-11-31T00:00:00Z", nil), ("2026-11-21T08:48:24+24:00", nil), ("2026-11-21T08:48:24-01:60", nil),
        ] as [(String, Int64?)])
    func readsTimes(text: String, nanoseconds: Int64?) {
        #expect(Timestamp.nanoseconds(text) == nanoseconds)
        if let nanoseconds { #expect(Timestamp.nanoseconds(Timestamp.text(nanoseconds)) == nanoseconds) }
    }
}
