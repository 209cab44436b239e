import Events

/// Events whose cgroup nobody can name yet, in the order in which they came. Bounded: what does not fit is let go
/// with the best identity at hand, and is never dropped.
struct HeldEvents {
    private var byCgroup: [UInt64: [Event]] = [:]
    private(set) var count = 0

    /// Two seconds of a busy node; at about 2 KiB each, 16 MiB.
    static let most = 8192

    var isEmpty: Bool { count == 0 }
    var isFull: Bool { count >= Self.most }
    var cgroups: [UInt64] { Array(byCgroup.keys) }

    mutating func hold(_ event: Event, for cgroup: UInt64) {
        byCgroup[cgroup, default: []].append(event)
        count += 1
    }

    /// Whether events of the cgroup wait, so that a later one has to wait behind them.
    func waits(_ cgroup: UInt64) -> Bool { byCgroup[cgroup] != nil }

    mutating func release(_ cgroup: UInt64) -> [Event] {
        let events = byCgroup.removeValue(forKey: cgroup) ?? []
        count -= events.count
        return events
    }
}
