import Baselines
import Events

/// What is known to be normal, how well, and who has changed it.
package struct BaselineChapter: Encodable, Sendable {
    struct State: Encodable, Sendable {
        var state: String
        var count: Int
    }

    struct Row: Encodable, Sendable {
        var workload: String
        var digest: String?
        var state: String
        /// How much of what it does is known, at least and at most with a confidence of 95 %.
        var known: Completion.Estimate?
        /// Starts that were watched, and minutes after them in which something was done.
        var starts: Int
        var units: Int
        var curve: [DiscoveryCurve.Point]
        /// What keeps it from being armed.
        var missing: [String]
        var entries: Int
        var seen: Int
        var lost: Int
        var learnedFrom: Moment?
        var learnedUntil: Moment?
    }

    struct Change: Encodable, Sendable {
        var id: Int
        var time: Moment
        var who: String
        var reason: String
        var action: String
        var workload: String
        var undoneBy: Int?
    }

    var states: [State]
    var count: Int
    /// Those that are on the way first, then those that were armed last.
    var rows: [Row]
    /// Changes that people made in the period, the latest first.
    var changes: Selection<Change>
    /// Of them, those that say why.
    var withReason: Int
    var people: Int

    private static let mostRows = 24

    /// `from`, `to`: of the period.
    init(_ store: Store, _ period: Period) throws(StateError) {
        let stored = try store.baselines()
        count = stored.count
        states = [BaselineStatus.State.armed, .candidate, .learning].map { state in
            State(state: state.rawValue, count: stored.count { $0.state == state })
        }
        let chosen = stored.sorted(by: Self.precedes).prefix(Self.mostRows)
        rows = []
        for baseline in chosen { rows.append(try Self.row(baseline, store)) }
        changes = Selection(40) { $0.id > $1.id }
        withReason = 0
        var who: Set<String> = []
        for change in try store.changes(limit: .max) where period.contains(change.time) {
            changes.add(
                Change(
                    id: change.id, time: Moment(change.time), who: change.who, reason: change.why,
                    action: change.action.rawValue, workload: change.key.workload, undoneBy: change.undoneBy))
            if !change.why.isEmpty { withReason += 1 }
            who.insert(change.who)
        }
        people = who.count
    }

    private static func precedes(_ left: StoredBaseline, _ right: StoredBaseline) -> Bool {
        func rank(_ baseline: StoredBaseline) -> Int {
            switch baseline.state {
            case .candidate: 0
            case .learning: 1
            case .armed: 2
            }
        }
        let latest = { (baseline: StoredBaseline) in baseline.armedAt ?? baseline.learnedUntil ?? 0 }
        return (rank(left), latest(right), left.key.workload, left.key.digest ?? "")
            < (rank(right), latest(left), right.key.workload, right.key.digest ?? "")
    }

    private static func row(_ stored: StoredBaseline, _ store: Store) throws(StateError) -> Row {
        let completion = try store.completion(stored.key)
        let entries = try store.current(stored.key)?.spec.count ?? stored.baseline.spec.count
        return Row(
            workload: stored.key.workload, digest: stored.key.digest, state: stored.state.rawValue,
            known: completion?.all, starts: stored.starts, units: stored.units, curve: completion?.curve ?? [],
            missing: completion?.missing ?? [], entries: entries, seen: stored.seen, lost: stored.lost,
            learnedFrom: stored.learnedFrom.map { Moment($0) }, learnedUntil: stored.learnedUntil.map { Moment($0) })
    }

    func count(_ state: BaselineStatus.State) -> Int { states.first { $0.state == state.rawValue }?.count ?? 0 }
    var more: Int { count - rows.count }
}
