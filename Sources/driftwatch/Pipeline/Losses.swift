import Events
import Evidence
import Probes
import Sinks

/// Tells what went unseen, from when to when, of whom; and keeps the accounts small.
struct Losses {
    /// When an account was found to be of a cgroup that is gone, or that has no name yet; nanoseconds since boot.
    private var gone: [UInt64: UInt64] = [:]
    private var unnamed: [UInt64: UInt64] = [:]
    private var lastTreeRead: UInt64 = 0
    private var newsTold: [Reason: UInt64] = [:]
    private var answers = News()
    private var lastLook = Clock.wall()

    private static let second: UInt64 = 1_000_000_000
    /// Longer than any wait for an identity.
    private static let namePatience = 6 * second
    /// Records of a cgroup that is gone may wait in a flooded ring.
    private static let recordPatience = 30 * second
    /// Reading the tree of a large node takes tens of milliseconds.
    private static let treeInterval = 10 * second

    /// Why an act that was seen did not become a line.
    private enum Reason: CaseIterable {
        case ringFull, interrupted, passedOver, undecodable

        var count: KeyPath<Ledger.Entry, UInt64> & Sendable {
            switch self {
            case .ringFull: \.ringFull
            case .interrupted: \.interrupted
            case .passedOver: \.passedOver
            case .undecodable: \.undecodable
            }
        }

        func text(_ what: String) -> String {
            switch self {
            case .ringFull: "\(what) were lost: the ring was full; the monitor needs more processor time"
            case .interrupted:
                """
                \(what) were lost: each came while another was being described on the same processor; they are told \
                when they happen again
                """
            case .passedOver:
                """
                \(what) were lost: the kernel runs no program twice at once on a processor, and passed over the second
                """
            case .undecodable: "records of \(what) could not be decoded"
            }
        }
    }

    /// Acts of one sort that went unseen.
    private struct Loss {
        var from = Int64.max
        var count: UInt64 = 0
        var byCgroup: [UInt64: UInt64] = [:]

        mutating func add(_ acts: UInt64, _ change: Accounts.Change) {
            guard acts > 0 else { return }
            from = min(from, change.from)
            count += acts
            byCgroup[change.cgroup, default: 0] += acts
        }

        mutating func add(_ other: Loss) {
            from = min(from, other.from)
            count += other.count
            byCgroup.merge(other.byCgroup, uniquingKeysWith: +)
        }
    }

    /// `atRest`: all is drained, and nothing is left for a next time.
    mutating func tell(_ monitor: Monitor, _ now: UInt64, _ wall: Int64, atRest: Bool = false) {
        monitor.readKernelAccounts()
        let tellable = monitor.accounts.changed.filter { atRest || isTellable($0, monitor, now) }
        let changes = monitor.accounts.takeChanges(of: Set(tellable), at: wall)
        unnamed = unnamed.filter { now - $0.value < 2 * Self.namePatience }
        monitor.judge?.count(changes.map { (monitor.owner(of: $0.cgroup), $0.from, $0.ledger) }, at: wall)
        for change in changes where change.ledger.seen > 0 || change.ledger.capabilities != 0 {
            if let owner = monitor.owner(of: change.cgroup), monitor.options.filter.admits(owner.id) {
                monitor.registrar?.register.lives(owner, using: change.ledger.capabilities, at: wall)
            }
        }
        tell(changes, monitor, wall)
        tellNews(monitor, wall)
        tellAnswers(monitor, wall)
        tellDropped(monitor, wall)
        lastLook = wall
        closeAccounts(monitor, now)
        monitor.tellEnds(at: wall, atRest: atRest)
    }

    /// An account whose workload is not known yet waits, but not for long.
    private mutating func isTellable(_ cgroup: UInt64, _ monitor: Monitor, _ now: UInt64) -> Bool {
        if cgroup == Accounts.nobody || monitor.owner(of: cgroup) != nil { return true }
        let since = unnamed[cgroup] ?? now
        unnamed[cgroup] = since
        return now - since > Self.namePatience
    }

    private func tell(_ changes: [Accounts.Change], _ monitor: Monitor, _ wall: Int64) {
        var losses: [Reason: [Kind: Loss]] = [:]
        for change in changes {
            for reason in Reason.allCases {
                for kind in Kind.allCases {
                    losses[reason, default: [:]][kind, default: Loss()].add(
                        change.ledger[kind][keyPath: reason.count], change)
                }
            }
        }
        // The ring was full in a pause because of it.
        if let pause = monitor.pauses.last {
            var all = Loss()
            for loss in (losses.removeValue(forKey: .ringFull) ?? [:]).values { all.add(loss) }
            for other in monitor.pauses.dropLast() { tell(Loss(), other.why, other.from, other.to, monitor) }
            tell(all, pause.why, pause.from, pause.to, monitor)
            monitor.pauses = []
        }
        for reason in Reason.allCases {
            for kind in Kind.allCases {
                guard let loss = losses[reason]?[kind], loss.count > 0 else { continue }
                tell(loss, reason.text("\(kind.rawValue) acts"), loss.from, wall, monitor)
            }
        }
    }

    private func tell(_ loss: Loss, _ why: String, _ from: Int64, _ to: Int64, _ monitor: Monitor) {
        let gap = StateEvent.Gap(
            from: from, to: to, why: why, lost: loss.count, workloads: monitor.names(of: loss.byCgroup))
        monitor.printer.state(.gap(gap), at: to)
    }

    /// Without news of a cgroup, acts in it may be put down to another: the tree is read anew.
    private mutating func tellNews(_ monitor: Monitor, _ wall: Int64) {
        guard let news = try? monitor.probe.newsCounts() else { return }
        let lost: [(Reason, UInt64)] = [
            (.ringFull, news.ringFull), (.interrupted, news.interrupted),
            (.passedOver, monitor.probe.misses()[.news, default: 0]),
        ]
        for (reason, count) in lost where count > newsTold[reason, default: 0] {
            let why = reason.text("records of cgroups, starts and ends of processes")
            let new = count - newsTold[reason, default: 0]
            monitor.printer.state(.gap(.init(from: lastLook, to: wall, why: why, lost: new)), at: wall)
            newsTold[reason] = count
            monitor.resolver.tree.read()
        }
    }

    /// Without an answer a peer is told by its address, and may be taken for an unknown one.
    private mutating func tellAnswers(_ monitor: Monitor, _ wall: Int64) {
        guard let now = try? monitor.probe.answerCounts() else { return }
        let what = "answers of resolvers"
        for (count, before, why) in [
            (now.ringFull, answers.ringFull, Reason.ringFull.text(what)),
            (now.interrupted, answers.interrupted, Reason.interrupted.text(what)),
            (now.overQuota, answers.overQuota, "\(what) were left out: a workload got too many"),
        ] where count > before {
            monitor.printer.state(.gap(.init(from: lastLook, to: wall, why: why, lost: count - before)), at: wall)
        }
        answers = now
    }

    private func tellDropped(_ monitor: Monitor, _ wall: Int64) {
        guard let dropped = monitor.printer.takeDropped(at: wall) else { return }
        let why = "lines were dropped: the output's reader is too slow"
        monitor.printer.state(
            .gap(.init(from: min(dropped.since, wall), to: wall, why: why, lost: dropped.lines)), at: wall)
    }

    /// A cgroup that is gone does nothing more, so its account can be closed here and in the kernel.
    private mutating func closeAccounts(_ monitor: Monitor, _ now: UInt64) {
        let tree = monitor.resolver.tree
        let missing = monitor.accounts.cgroups.filter { $0 != Accounts.nobody && !tree.exists($0) }
        if missing.contains(where: { tree.node($0) == nil }), now - lastTreeRead > Self.treeInterval {
            lastTreeRead = now
            tree.read()
        }
        var stillGone: [UInt64: UInt64] = [:]
        for cgroup in missing where !tree.exists(cgroup) {
            let since = gone[cgroup] ?? now
            let ledger = monitor.accounts[cgroup]
            let owner = monitor.owner(of: cgroup)
            let wasClosed =
                now - since >= Self.second
                && monitor.accounts.close(cgroup, as: owner?.id, anyway: now - since > Self.recordPatience)
            if wasClosed { monitor.closed(cgroup, ledger, of: owner) }
            if wasClosed { _ = try? monitor.probe.closeAccount(of: cgroup) } else { stillGone[cgroup] = since }
        }
        gone = stillGone
    }
}
