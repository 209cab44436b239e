import Events
import Evidence
import Foundation
import Probes
import Sinks
import Workloads

/// Both halves of the account, and whose it is.
extension Monitor {
    /// Accounts that a line lists by name; the others are one.
    private static let mostListed = 100

    /// Takes the kernel's half as it now is.
    func readKernelAccounts() {
        let misses = probe.misses()
        do {
            try probe.forEachAccount { cgroup, account in
                // Counters only grow, and of thousands of cgroups few act within a second.
                let known = accounts[cgroup]
                guard cgroup == Probe.nobody || account.acts != known.seen || account.capabilities != known.capabilities
                else { return }
                let missed = cgroup == Probe.nobody ? misses : [:]
                accounts.update(cgroup) {
                    $0.take(account.exec, of: .exec, passedOver: missed[.exec])
                    $0.take(account.connect, of: .connect, passedOver: missed[.connect])
                    $0.take(account.listen, of: .listen, passedOver: missed[.listen])
                    $0.take(account.open, of: .open, passedOver: missed[.open])
                    $0.capabilities = account.capabilities
                }
            }
        } catch { fail("\(error)") }
    }

    /// The last of one cgroup: it is gone, and all that it did has been told.
    func closed(_ cgroup: UInt64, _ ledger: Ledger, of owner: Workload?) {
        guard let owner, let home = resolver.home(of: cgroup), options.filter.admits(owner.id) else { return }
        lives.closed(cgroup, home: home, ledger: ledger, of: owner, at: Clock.wall())
    }

    /// Says of each instance that has ended what it did.
    func tellEnds(at wall: Int64, atRest: Bool) {
        let tree = resolver.tree
        let ended = lives.takeEnded(
            at: wall, isGone: { tree.node($0) != nil && !tree.exists($0) }, said: resolver.saidEnd, atRest: atRest,
            ledger: { accounts[$0] })
        for (life, time) in ended { tellEnd(life, at: time) }
    }

    /// The last word on an instance: a custody record where evidence is kept.
    func tellEnd(_ life: Life, at time: Int64) {
        var life = life
        life.custody?.policy = judge?.policy(of: life.workload)
        printer.state(.ended(life, at: time), at: time)
        registrar?.register.ended(life.workload, at: time)
    }

    func foremostAccounts(atRest: Bool) -> [StateEvent.Account] {
        let sums = accounts.workloads(atRest: atRest) { owner(of: $0)?.id }
        return Accounts.foremost(sums, most: Self.mostListed).map { .init(workload: $0.workload, ledger: $0.ledger) }
    }

    /// For `doctor`: less than a line has, as it is written again and again.
    func vitals(ended: Bool = false) -> Vitals {
        let sums = accounts.workloads(atRest: ended) { owner(of: $0)?.id }
        return Vitals(
            version: Driftwatch.version, pid: getpid(), tier: probe.tier.rawValue, started: Timestamp.text(started),
            ended: ended, ledger: accounts.total.counts, undecodable: undecodable,
            workloads: Accounts.foremost(sums, most: 20).map { .init(id: $0.workload, ledger: $0.ledger.counts) })
    }

    /// The workloads of cgroups in which so many acts went unseen, the most first.
    func names(of lost: [UInt64: UInt64]) -> [String] {
        var byName: [String: UInt64] = [:]
        for (cgroup, count) in lost { byName[name(of: cgroup), default: 0] += count }
        let sorted = byName.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return sorted.prefix(Self.mostListed).map(\.key)
    }

    func name(of cgroup: UInt64) -> String { owner(of: cgroup)?.id ?? Accounts.unknown }

    /// Whose a cgroup is. Where it has done nothing yet that was looked at, its first records may say, so that they come
    /// first.
    func owner(of cgroup: UInt64) -> Workload? {
        resolver.knows(cgroup: cgroup) || accounts[cgroup].isTaken ? resolver.identify(cgroup) : nil
    }
}

extension Ledger {
    fileprivate mutating func take(_ tally: Tally, of kind: Kind, passedOver: UInt64?) {
        let missed = passedOver ?? 0
        setKernel(
            kind, known: tally.known, emitted: tally.emitted, overQuota: tally.overQuota,
            lost: tally.ringFull + tally.interrupted + missed, interrupted: tally.interrupted, passedOver: missed)
    }
}
