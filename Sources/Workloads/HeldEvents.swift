import Events

/// Events whose cgroup nobody can name yet, in the order in which they came. Bounded: once it is full, all are to be let
/// go with the best identity at hand; none is ever dropped.
package struct HeldEvents {
    private struct Queue {
        var events: [Event] = []
        var bytes = 0
    }

    private var byCgroup: [UInt64: Queue] = [:]
    private var count = 0
    private var bytes = 0

    /// Two seconds of a busy node.
    static let most = 8192
    /// Of as many as usual, at about 2 KiB each. One alone takes at most some 30 KiB.
    static let mostBytes = 16 << 20

    package init() {}

    package var isEmpty: Bool { count == 0 }
    package var isFull: Bool { count >= Self.most || bytes >= Self.mostBytes }

    package mutating func hold(_ event: Event, for cgroup: UInt64) {
        let size = event.footprint
        byCgroup[cgroup, default: Queue()].events.append(event)
        byCgroup[cgroup]!.bytes += size
        count += 1
        bytes += size
    }

    /// Whether events of the cgroup wait, so that a later one has to wait behind them.
    package func waits(_ cgroup: UInt64) -> Bool { byCgroup[cgroup] != nil }

    package mutating func release(_ cgroup: UInt64) -> [Event] {
        guard let queue = byCgroup.removeValue(forKey: cgroup) else { return [] }
        count -= queue.events.count
        bytes -= queue.bytes
        return queue.events
    }
}
