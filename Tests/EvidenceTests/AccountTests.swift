import Events
import Testing

@testable import Evidence

/// An entry as the kernel and the consumer count it.
private func counts(
    known: UInt64 = 0, emitted: UInt64 = 0, overQuota: UInt64 = 0, lost: UInt64 = 0, received: UInt64 = 0,
    judged: UInt64 = 0, held: UInt64 = 0, undecodable: UInt64 = 0
) -> Ledger.Entry {
    var entry = Ledger.Entry()
    (entry.known, entry.emitted, entry.overQuota, entry.lost) = (known, emitted, overQuota, lost)
    (entry.received, entry.judged, entry.held, entry.undecodable) = (received, judged, held, undecodable)
    entry.seen = known + emitted + overQuota + lost
    return entry
}

@Suite struct LedgerTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var entry: Ledger.Entry
        var balances: Bool

        init(_ name: String, _ entry: Ledger.Entry, _ balances: Bool) {
            (testDescription, self.entry, self.balances) = (name, entry, balances)
        }
    }

    private static func unexplained() -> Ledger.Entry {
        var entry = counts(known: 1, emitted: 1, received: 1, judged: 1)
        entry.seen += 1
        return entry
    }

    @Test(arguments: [
        Case("nothing", counts(), true),
        Case(
            "all ways",
            counts(known: 5, emitted: 7, overQuota: 2, lost: 1, received: 6, judged: 4, held: 2, undecodable: 1), true),
        Case("seen and gone nowhere", unexplained(), false),
        Case("in the ring", counts(emitted: 2, received: 1, judged: 1), false),
        Case("received from nowhere", counts(emitted: 1, received: 2, judged: 2), false),
        Case("neither judged nor held", counts(emitted: 2, received: 2, judged: 1), false),
    ])
    func balance(_ tested: Case) {
        for kind in Kind.allCases {
            var ledger = Ledger()
            ledger[kind] = tested.entry
            #expect(ledger.balances == tested.balances)
        }
    }

    @Test func unseenIsWhatNobodyLookedAt() {
        var ledger = Ledger()
        ledger[.exec] = counts(known: 9, emitted: 3, lost: 1, received: 3, judged: 3)
        ledger[.open] = counts(emitted: 8, overQuota: 4, received: 6, judged: 6, undecodable: 2)
        #expect(ledger.unseen == 7 && ledger.seen == 25)
    }
}

@Suite struct AccountTests {
    private let names: [UInt64: String] = [1: "a", 2: "a", 3: "b"]

    private func workloads(_ accounts: Accounts, atRest: Bool = true) -> [String: Ledger] {
        accounts.workloads(atRest: atRest) { names[$0] }
    }

    /// Every workload and the whole balance, and the whole is their sum.
    private func expectBalance(_ accounts: Accounts, sourceLocation: SourceLocation = #_sourceLocation) {
        let sums = workloads(accounts)
        for (name, ledger) in sums { #expect(ledger.balances, "\(name)", sourceLocation: sourceLocation) }
        #expect(accounts.total.balances, sourceLocation: sourceLocation)
        #expect(sums.values.reduce(Ledger(), &+) == accounts.total, sourceLocation: sourceLocation)
    }

    @Test func cgroupsOfAWorkloadAreOneAccount() {
        var accounts = Accounts(at: 0)
        accounts[1][.exec] = counts(known: 1, emitted: 2, received: 2, judged: 2)
        accounts[2][.exec] = counts(emitted: 1, lost: 4, received: 1, held: 1)
        accounts[3][.open] = counts(known: 10)
        accounts[9][.open] = counts(known: 20)
        expectBalance(accounts)
        let sums = workloads(accounts)
        #expect(sums["a"]?[.exec] == counts(known: 1, emitted: 3, lost: 4, received: 3, judged: 2, held: 1))
        #expect(sums["b"]?.seen == 10)
        #expect(sums[Accounts.unknown]?.seen == 20)
    }

    @Test func aClosedAccountStaysInTheSums() {
        var accounts = Accounts(at: 0)
        accounts[1][.open] = counts(known: 3, emitted: 1, received: 1, judged: 1)
        accounts[3][.open] = counts(lost: 2)
        let before = workloads(accounts)
        var changes = accounts.takeChanges(at: 1)
        #expect(changes.map(\.cgroup) == [1, 3])
        for (cgroup, name) in names {
            let isClosed = accounts.close(cgroup, as: name)
            #expect(isClosed)
        }
        #expect(accounts.cgroups.isEmpty)
        #expect(workloads(accounts) == before)
        // The id is given to another one.
        accounts[1][.open] = counts(known: 5)
        changes = accounts.takeChanges(at: 2)
        #expect(changes.map(\.ledger.seen) == [5])
        expectBalance(accounts)
        #expect(workloads(accounts)["a"]?.seen == 9)
    }

    @Test func anAccountIsClosedOnlyWhenAllOfItIsTold() {
        var accounts = Accounts(at: 0)
        accounts[1][.open] = counts(emitted: 2, received: 1, judged: 1)
        var isClosed = accounts.close(1, as: "a", anyway: true)
        #expect(!isClosed, "not told")
        _ = accounts.takeChanges(at: 1)
        isClosed = accounts.close(1, as: "a")
        #expect(!isClosed, "one is in the ring")
        accounts[1][.open].received += 1
        accounts[1][.open].held += 1
        _ = accounts.takeChanges(at: 2)
        isClosed = accounts.close(1, as: "a")
        #expect(!isClosed, "one is held")
        accounts[1][.open].held -= 1
        accounts[1][.open].judged += 1
        _ = accounts.takeChanges(at: 3)
        isClosed = accounts.close(1, as: "a")
        #expect(isClosed)
        expectBalance(accounts)
    }

    /// Why acts were lost is told of what is new, so it outlasts differences and sums.
    @Test func lossesKeepTheirReasons() {
        var before = Ledger()
        before[.open].lost = 9
        before[.open].interrupted = 2
        before[.open].passedOver = 1
        var after = before
        after[.open].lost += 6
        after[.open].interrupted += 2
        after[.open].passedOver += 1
        let new = after &- before
        #expect(new[.open].lost == 6 && new[.open].ringFull == 3)
        #expect(new[.open].interrupted == 2 && new[.open].passedOver == 1)
        #expect(before &+ new == after)
        #expect(before[.open].ringFull == 6)
    }

    @Test func changesComeOnceAndSayFromWhen() {
        var accounts = Accounts(at: 100)
        accounts[1][.exec] = counts(lost: 1)
        accounts[3][.exec] = counts(lost: 2)
        // Nobody knows yet whose 3 is.
        var changes = accounts.takeChanges(of: [1], at: 200)
        #expect(changes == [change(1, from: 100, lost: 1)])
        accounts[1][.exec].seen += 1
        accounts[1][.exec].lost += 1
        changes = accounts.takeChanges(of: [1], at: 300)
        #expect(changes == [change(1, from: 200, lost: 1)])
        changes = accounts.takeChanges(at: 400)
        #expect(changes == [change(3, from: 100, lost: 2)])
        changes = accounts.takeChanges(at: 500)
        #expect(changes.isEmpty)
        accounts[3][.exec].seen += 1
        accounts[3][.exec].lost += 1
        changes = accounts.takeChanges(at: 600)
        #expect(changes == [change(3, from: 500, lost: 1)])
        // Looked at, and as it was.
        accounts.update(3) { $0[.exec].lost += 0 }
        accounts[1][.exec].held += 1
        accounts[1][.exec].held -= 1
        #expect(accounts.changed == [1])
        changes = accounts.takeChanges(at: 700)
        #expect(changes.isEmpty && accounts.changed.isEmpty)
    }

    private func change(_ cgroup: UInt64, from: Int64, lost: UInt64) -> Accounts.Change {
        var ledger = Ledger()
        ledger[.exec] = counts(lost: lost)
        return Accounts.Change(cgroup: cgroup, from: from, ledger: ledger)
    }

    /// The kernel had no room for 3 at first: it counted its acts as nobody's.
    @Test func actsWithoutAPlaceBalance() {
        var accounts = Accounts(at: 0)
        accounts[Accounts.nobody][.open] = counts(known: 7, emitted: 4)
        accounts[3][.open] = counts(known: 1, emitted: 2, received: 6, judged: 6)
        expectBalance(accounts)
        #expect(workloads(accounts)["b"]?[.open] == counts(known: 1, emitted: 2, received: 2, judged: 2))
        #expect(workloads(accounts)[Accounts.unknown]?[.open] == counts(known: 7, emitted: 4, received: 4, judged: 4))
    }

    /// Of a record that cannot be read at all, only what is missing tells whose it was.
    @Test func unreadableRecordsGoToWhomTheyAreMissing() {
        var accounts = Accounts(at: 0)
        accounts[Accounts.nobody][.open] = counts(undecodable: 1)
        accounts[3][.open] = counts(emitted: 2, received: 1, judged: 1)
        expectBalance(accounts)
        #expect(workloads(accounts)["b"]?[.open].undecodable == 1)
        #expect(workloads(accounts)[Accounts.unknown] == nil)
        // While the rings are not empty, it may be on its way.
        #expect(workloads(accounts, atRest: false)["b"]?[.open].undecodable == 0)
    }

    @Test func workloadsThatCameAndWentAreBounded() {
        var accounts = Accounts(at: 0, mostClosed: 10)
        for cgroup in UInt64(1)...1000 {
            accounts[cgroup][.exec] = counts(emitted: 1, lost: 1, received: 1, judged: 1)
            _ = accounts.takeChanges(at: Int64(cgroup))
            let isClosed = accounts.close(cgroup, as: "w\(cgroup)")
            #expect(isClosed)
        }
        let sums = accounts.workloads(atRest: true) { _ in nil }
        #expect(sums.count <= 11 && sums["w1000"] != nil && sums["w1"] == nil)
        #expect(sums[Accounts.others]?.balances == true)
        #expect(accounts.total[.exec] == counts(emitted: 1000, lost: 1000, received: 1000, judged: 1000))
    }

    @Test func theWorstCoveredComeFirst() {
        func ledger(known: UInt64, lost: UInt64) -> Ledger {
            var ledger = Ledger()
            ledger[.open] = counts(known: known, lost: lost)
            return ledger
        }
        let sums = [
            "busy": ledger(known: 900, lost: 0), "lossy": ledger(known: 1, lost: 5), "idle": ledger(known: 1, lost: 0),
            Accounts.others: ledger(known: 2, lost: 9),
        ]
        let all = Accounts.foremost(sums, most: 3)
        #expect(all.map(\.workload) == ["lossy", "busy", "idle", Accounts.others])
        let two = Accounts.foremost(sums, most: 2)
        #expect(two.map(\.workload) == ["lossy", "busy", Accounts.others])
        #expect(two.last?.ledger == ledger(known: 3, lost: 9))
    }
}
