import Events
import Testing

@testable import Workloads

private let second: UInt64 = 1_000_000_000
private let local = IPAddress(v4: 127, 0, 0, 53)

private func address(_ number: Int) -> IPAddress {
    IPAddress(v4: 10, UInt8(number >> 16 & 0xff), UInt8(number >> 8 & 0xff), UInt8(number & 0xff))
}

private func answer(
    _ name: String, _ ips: IPAddress..., at time: UInt64 = 0, lifetime: UInt32 = 5, cgroup: UInt64 = 1,
    by resolver: IPAddress = local
) -> Answer {
    Answer(
        time: time, cgroup: cgroup, resolver: resolver,
        resolution: Resolution(name: name, addresses: ips.map { .init(ip: $0, lifetime: lifetime) }))
}

extension PeerNames {
    fileprivate mutating func texts(_ address: IPAddress, of workload: String = "oci/a", at time: UInt64 = 0)
        -> [String]
    {
        names(of: address, for: workload, in: 1, at: time).map(\.text)
    }
}

@Suite struct PeerNamesTests {
    @Test(
        arguments: [
            ("a short life is drawn out", 5, 599, true), ("and ends", 5, 601, false),
            ("a long one holds", 3600, 3599, true), ("to its end", 3600, 3601, false),
            ("and no longer than a day", .max, 86_401, false),
        ] as [(String, UInt32, UInt64, Bool)])
    func holds(name: String, lifetime: UInt32, seconds: UInt64, isNamed: Bool) {
        var names = PeerNames()
        names.hear(answer("api", address(1), lifetime: lifetime), of: "oci/a")
        #expect(names.texts(address(1), at: seconds * second) == (isNamed ? ["api"] : []), "\(name)")
    }

    @Test func aNameThatWasUsedStays() {
        var names = PeerNames()
        names.hear(answer("api", address(1), address(2)), of: "oci/a")
        names.keep(.init(text: "api", resolver: local), of: address(1), for: "oci/a")
        names.hear(answer("api", address(1), at: second), of: "oci/a")
        #expect(names.texts(address(1), at: 90_000 * second) == ["api"])
        #expect(names.texts(address(2), at: 90_000 * second) == [])
    }

    @Test func aSharedAddressHasItsLatestNamesTheLatestFirst() {
        var names = PeerNames()
        for name in ["a", "b", "c", "d", "e", "b"] { names.hear(answer(name, address(1)), of: "oci/a") }
        #expect(names.texts(address(1)) == ["b", "e", "d", "c"])
    }

    @Test func allNamesOfAWorkloadThatHold() {
        var names = PeerNames()
        names.hear(answer("api", address(1), address(2)), of: "oci/a")
        names.hear(answer("db", address(2), at: 300 * second), of: "oci/a")
        names.hear(answer("other", address(3)), of: "oci/b")
        let all = { names.all(of: "oci/a", at: $0 * second).map { "\($0.name.text) \($0.address)" }.sorted() }
        #expect(all(0) == ["api 10.0.0.1", "api 10.0.0.2", "db 10.0.0.2"])
        #expect(all(700) == ["db 10.0.0.2"])
        #expect(names.all(of: "oci/c", at: 0).isEmpty)
    }

    @Test func whatAnotherWorkloadHeardIsNotHeard() {
        var names = PeerNames()
        names.hear(answer("api", address(1)), of: "oci/b")
        #expect(names.texts(address(1)).isEmpty)
    }

    @Test func whatWasHeardBeforeTheWorkloadHadANameIsItsOwn() {
        var names = PeerNames()
        names.hear(answer("api", address(1), cgroup: 1), of: nil)
        names.hear(answer("other", address(1), cgroup: 2), of: nil)
        #expect(names.texts(address(1)) == ["api"])
    }

    @Test func whoIsNeverNamedIsForgotten() {
        var names = PeerNames()
        for cgroup in 0..<UInt64(PeerNames.mostWaiting) {
            names.hear(answer("x", address(1), cgroup: 9 + cgroup), of: nil)
        }
        names.hear(answer("api", address(1), at: 10 * second), of: nil)
        #expect(names.texts(address(1)).isEmpty, "there is no room")
        names.hear(answer("api", address(1), at: 40 * second), of: nil)
        #expect(names.texts(address(1), at: 40 * second) == ["api"])
    }

    @Test func ofTooManyTheOldestGo() {
        var names = PeerNames()
        let most = PeerNames.mostAddresses
        for number in 0...most { names.hear(answer("n", address(number), at: UInt64(number)), of: "oci/a") }
        #expect(names.texts(address(0), at: UInt64(most)).isEmpty)
        #expect(names.texts(address(most / 2), at: UInt64(most)) == ["n"])
        #expect(names.texts(address(most), at: UInt64(most)) == ["n"])
    }

    @Test func oneWorkloadPushesOutItsOwn() {
        var names = PeerNames()
        names.hear(answer("calm", address(1)), of: "oci/calm")
        for workload in 0...PeerNames.mostInAll / PeerNames.mostAddresses {
            for number in 0..<PeerNames.mostAddresses {
                names.hear(answer("n", address(number), at: 1), of: "oci/\(workload)")
            }
        }
        #expect(names.texts(address(1), of: "oci/calm", at: 1) == ["calm"])
    }
}
