import Events

/// An account for each cgroup that acted, and from those one for each workload and one for all.
///
/// Bounded: the account of a cgroup that is gone is folded into its workload's, and of workloads that no longer run only
/// the latest keep a name.
package struct Accounts: Sendable {
    /// Stands for the cgroup of acts that the kernel could put to no other.
    package static let nobody: UInt64 = 0
    /// Whose acts those are, and those of cgroups that went before anybody could name them.
    package static let unknown = "unknown"
    /// Workloads that are told together, as there are too many.
    package static let others = "others"

    /// What is new of a cgroup since it was last told.
    package struct Change: Sendable, Equatable {
        package var cgroup: UInt64
        /// When it was last looked at, as it was then told.
        package var from: Int64
        package var ledger: Ledger
    }

    private struct Open {
        var ledger = Ledger()
        var told = Ledger()
        /// The look before the first change that could not be told yet; nil: none waits.
        var untoldSince: Int64?
        /// It is in `changed`.
        var isChanged = false
    }

    private struct Closed {
        var ledger = Ledger()
        var order: UInt64 = 0
    }

    private var open: [UInt64: Open] = [:]
    /// Cgroups whose accounts were touched since they were told: of many that are open, few are.
    package private(set) var changed: [UInt64] = []
    private var closed: [String: Closed] = [:]
    private var rest = Ledger()
    private var order: UInt64 = 0
    private var lookedAt: Int64
    /// Workloads that no longer run and still have a name.
    private let mostClosed: Int

    /// `time` in whatever clock `takeChanges` is called with.
    package init(at time: Int64, mostClosed: Int = 2048) {
        lookedAt = time
        self.mostClosed = mostClosed
    }

    // MARK: Entries

    /// The account of one cgroup, in which the consumer counts its half.
    package subscript(cgroup: UInt64) -> Ledger {
        get { open[cgroup]?.ledger ?? Ledger() }
        _modify {
            if open[cgroup]?.isChanged != true {
                open[cgroup, default: Open()].isChanged = true
                changed.append(cgroup)
            }
            yield &open[cgroup]!.ledger
        }
    }

    package var cgroups: some Collection<UInt64> { open.keys }

    /// Looks at the account anew; one that is as it was, as most are, is not taken for changed.
    package mutating func update(_ cgroup: UInt64, _ body: (inout Ledger) -> Void) {
        let before = self[cgroup]
        var ledger = before
        body(&ledger)
        if ledger != before { self[cgroup] = ledger }
    }

    /// What changed of these cgroups, one by one; what changed of others is left for the next time. Nil: of all.
    package mutating func takeChanges(of cgroups: Set<UInt64>? = nil, at time: Int64) -> [Change] {
        var changes: [Change] = []
        var left: [UInt64] = []
        for cgroup in changed {
            guard let account = open[cgroup] else { continue }
            guard cgroups?.contains(cgroup) != false else {
                if account.untoldSince == nil { open[cgroup]!.untoldSince = lookedAt }
                left.append(cgroup)
                continue
            }
            if account.ledger != account.told {
                let difference = account.ledger &- account.told
                changes.append(Change(cgroup: cgroup, from: account.untoldSince ?? lookedAt, ledger: difference))
            }
            open[cgroup] = Open(ledger: account.ledger, told: account.ledger)
        }
        changed = left
        lookedAt = time
        return changes.sorted { $0.cgroup < $1.cgroup }
    }

    /// Folds the account of a cgroup that is gone. False: records of it are still on the way, which `anyway` passes over.
    package mutating func close(_ cgroup: UInt64, as workload: String?, anyway: Bool = false) -> Bool {
        guard let account = open[cgroup] else { return true }
        guard account.ledger == account.told, account.ledger.isTaken || anyway else { return false }
        open[cgroup] = nil
        order += 1
        let name = workload ?? Self.unknown
        closed[name, default: Closed()].ledger = (closed[name]?.ledger ?? Ledger()) &+ account.ledger
        closed[name]!.order = order
        if closed.count > mostClosed { foldOldest() }
        return true
    }

    /// Half of them at once, so that it is done rarely.
    private mutating func foldOldest() {
        for (name, account) in closed.sorted(by: { $0.value.order < $1.value.order }).prefix(mostClosed / 2) {
            rest = rest &+ account.ledger
            closed[name] = nil
        }
    }

    // MARK: Sums

    package var total: Ledger {
        let running = open.values.reduce(rest) { $0 &+ $1.ledger }
        return closed.values.reduce(running) { $0 &+ $1.ledger }
    }

    /// The account of each workload; `name` says whose a cgroup is. `atRest` when the rings are empty.
    package func workloads(atRest: Bool, name: (UInt64) -> String?) -> [String: Ledger] {
        var sums = closed.mapValues(\.ledger)
        for (cgroup, account) in open { sums[name(cgroup) ?? Self.unknown, default: Ledger()].add(account.ledger) }
        if rest != Ledger() { sums[Self.others, default: Ledger()].add(rest) }
        settle(&sums, atRest: atRest)
        return sums
    }

    /// The kernel puts an act to nobody where it has no room, and the consumer puts a record to nobody that it cannot read.
    /// What is then too much on one side of a workload's account is what is missing in nobody's.
    private func settle(_ sums: inout [String: Ledger], atRest: Bool) {
        var unknown = sums.removeValue(forKey: Self.unknown) ?? Ledger()
        for (name, ledger) in sums {
            for kind in Kind.allCases {
                let entry = ledger[kind]
                let taken = entry.received &+ entry.undecodable
                if taken > entry.emitted {
                    let strangers = min(taken &- entry.emitted, entry.judged)
                    sums[name]![kind].received &-= strangers
                    sums[name]![kind].judged &-= strangers
                    unknown[kind].received &+= strangers
                    unknown[kind].judged &+= strangers
                } else if atRest {
                    let unreadable = min(entry.emitted &- taken, unknown[kind].undecodable)
                    sums[name]![kind].undecodable &+= unreadable
                    unknown[kind].undecodable &-= unreadable
                }
            }
        }
        if unknown != Ledger() { sums[Self.unknown] = unknown }
    }

    /// The accounts that matter most, the worst covered first; those beyond `most` as one.
    package static func foremost(_ sums: [String: Ledger], most: Int) -> [(workload: String, ledger: Ledger)] {
        var named = sums
        var others = named.removeValue(forKey: Self.others) ?? Ledger()
        let sorted = named.sorted {
            ($1.value.unseen, $1.value.seen, $0.key) < ($0.value.unseen, $0.value.seen, $1.key)
        }
        for (_, ledger) in sorted.dropFirst(most) { others.add(ledger) }
        let first = sorted.prefix(most).map { (workload: $0.key, ledger: $0.value) }
        return others == Ledger() ? first : first + [(Self.others, others)]
    }
}

extension Ledger {
    fileprivate mutating func add(_ other: Ledger) { self = self &+ other }
}
