import Baselines
import Events
import Foundation
import Testing
import Workloads

@testable import Evidence

@Suite struct InventoryTests {
    static let day = Day.length
    /// 2026-11-21.
    static let now = Day.start("2026-11-21")! + 3_600_000_000_000

    struct Standing: Sendable, CustomTestStringConvertible {
        var name: String
        var owner: String? = "payments"
        var expires: String?
        var isRunning = true
        /// Days since it was last seen, and since somebody last watched.
        var idle: Int64 = 0
        var unwatched: Int64 = 0
        var state: Inventory.State
        var testDescription: String { name }
    }

    @Test(arguments: [
        Standing(name: "it runs", state: .active),
        Standing(name: "it ran yesterday", isRunning: false, idle: 1, state: .active),
        Standing(name: "nobody's", owner: nil, state: .orphaned),
        Standing(name: "idle for long", idle: 31, state: .dormant),
        Standing(name: "idle for long, and gone", isRunning: false, idle: 31, state: .dormant),
        Standing(name: "idle for long, and nobody's", owner: nil, idle: 31, state: .orphaned),
        Standing(name: "gone for long", owner: nil, isRunning: false, idle: 91, state: .retired),
        Standing(name: "idle for very long", idle: 91, state: .dormant),
        Standing(name: "nobody looked", isRunning: false, idle: 91, unwatched: 90, state: .active),
        Standing(name: "past its day", expires: "2026-11-21", state: .expired),
        Standing(name: "past its day, nobody's", owner: nil, expires: "2026-11-01", state: .expired),
        Standing(name: "gone by its day", expires: "2026-11-01", isRunning: false, idle: 25, state: .retired),
        Standing(name: "gone, but after its day", expires: "2026-11-01", isRunning: false, idle: 5, state: .expired),
        Standing(name: "before its day", expires: "2026-11-22", state: .active),
    ]) func howItStands(_ standing: Standing) {
        var ownership = Ownership()
        ownership.owner = standing.owner
        ownership.expires = standing.expires
        let state = Inventory.state(
            ownership, isRunning: standing.isRunning, last: Self.now - standing.idle * Self.day,
            watched: Self.now - standing.unwatched * Self.day, now: Self.now, Inventory.Limits())
        #expect(state == standing.state)
    }

    @Test(
        arguments: [
            (90, "2026-11-01", "2027-01-30", Inventory.Review.State.current), (30, "2026-11-01", "2026-12-01", .due),
            (7, "2026-11-01", "2026-11-08", .overdue), (90, nil, "2027-01-20", .current),
            (5, nil, "2026-10-27", .overdue),
        ] as [(Int, String?, String, Inventory.Review.State)])
    func reviews(_ interval: Int, _ reviewed: String?, _ due: String, _ state: Inventory.Review.State) throws {
        var ownership = Ownership()
        ownership.review = interval
        ownership.reviewed = reviewed
        let first = Day.start("2026-10-22")!
        let review = try #require(Inventory.review(ownership, first: first, now: Self.now))
        #expect(review.due == due && review.state == state)
    }

    @Test func aLengthThatIsNoneIsNoReview() {
        var ownership = Ownership()
        ownership.review = .max
        #expect(Inventory.review(ownership, first: 0, now: Self.now) == nil)
    }

    @Test func whatAsksForSomebodyComesFirst() {
        func row(_ id: String, _ owner: String?) -> StoredIdentity {
            var facts = IdentityFacts(Workload(id: id, kind: .container, instance: "i"))
            facts.ownership.owner = owner
            var row = StoredIdentity(workload: id, first: 0, last: Self.now)
            row.facts = facts.json
            return row
        }
        let key = StoredCredential.Key(sort: "tls-key", path: "/k", owner: "")
        var credential = StoredCredential(key: key, what: "a TLS private key", first: 1, last: 2)
        credential.readers = ["container/b", "container/c"].map {
            StoredCredential.Reader(
                workload: $0, program: "/a", path: "/k", isPerson: false, first: 1, last: 2, count: 1)
        }
        // What cannot be read of one costs neither it nor the others.
        var spoiled = StoredIdentity(workload: "oci/x", first: 0, last: Self.now)
        spoiled.facts = "{\"workload\":"
        let inventory = Inventory(
            [row("container/a", "x"), row("container/b", nil), spoiled],
            uses: ["container/b": [StoredUse(.uid, "0", first: 1, last: 1)]], credentials: [credential],
            running: ["container/b": 2], watched: Self.now, now: Self.now)
        #expect(inventory.identities.map(\.workload.id) == ["container/b", "oci/x", "container/a"])
        let first = inventory.identities[0]
        #expect(first.running == 2 && first.credentials == [credential] && first.names(.uid) == ["0"])
        #expect(inventory.count(.orphaned) == 2 && inventory.count(.active) == 1)
        let filtered = inventory.filtered { $0 == "container/a" }
        #expect(filtered.identities.count == 1 && filtered.credentials.isEmpty)
    }
}

@Suite struct PrivilegeTests {
    private static let node = """
        22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
        23 22 0:25 / /run rw - tmpfs tmpfs rw
        24 22 8:1 /srv /mnt/srv rw - ext4 /dev/sda1 rw
        """
    private static let mounts = """
        50 49 0:60 / / rw - overlay overlay rw,lowerdir=/a
        51 50 0:61 / /proc rw - proc proc rw
        52 50 8:1 /srv/my\\040data /data rw - ext4 /dev/sda1 rw
        53 50 0:25 /docker.sock /run/docker.sock rw - tmpfs tmpfs rw
        54 50 8:1 /var/lib/x/hosts /etc/hosts rw - ext4 /dev/sda1 rw
        55 50 0:70 / /tmp rw - tmpfs tmpfs rw
        """

    @Test func ofAContainer() throws {
        let status = "Name:\ta\nCapEff:\t000001ffffffffff\nNoNewPrivs:\t1\nSeccomp:\t2\n"
        let privilege = try #require(
            Privilege(status: status, all: (1 << 41) - 1, mounts: Self.mounts, node: Self.node))
        #expect(privilege.hasAll && privilege.noNewPrivileges && privilege.isFiltered)
        #expect(privilege.capabilityNames == ["all"])
        #expect(privilege.hostMounts == ["/srv/my data on /data", "/run/docker.sock on /run/docker.sock"])
    }

    @Test(arguments: [
        ("0000000000000000", []), ("0000000000003000", ["CAP_NET_ADMIN", "CAP_NET_RAW"]),
        ("0000020000000000", ["CAP_41"]),
    ]) func capabilities(_ mask: String, _ names: [String]) throws {
        let privilege = try #require(
            Privilege(status: "CapEff:\t\(mask)\n", all: 0x1ff_ffff_ffff, mounts: nil, node: ""))
        #expect(privilege.capabilityNames == names && !privilege.hasAll)
    }

    @Test(arguments: ["", "CapEff:\tx\n", "CapEff\n"]) func whatSaysNothingIsNone(_ status: String) {
        #expect(Privilege(status: status, all: 1, mounts: nil, node: "") == nil)
    }
}
