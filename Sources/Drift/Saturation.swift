import Events
import Workloads

/// Turns the kernel's counts of acts over quota into one alert a minute for each workload.
struct Saturation {
    /// What one line tells: acts since the last one, in the order of `Kind`.
    struct Told {
        var workload: Workload
        var turnedAway: [UInt64]
        var incident: UInt64
        var alert: UInt64
    }

    private struct Entry {
        /// Its cgroup may be gone before the line is due.
        var workload: Workload
        var lastLine: Int64?
        var pending: [UInt64]
        var incident: UInt64
    }

    private let window: Int64
    private var workloads: LRU<String, Entry>
    private var cgroups: LRU<UInt64, [UInt64]>
    /// Workloads with acts that no line has told yet.
    private var waiting: Set<String> = []

    init(window: Int64, capacity: Int) {
        self.window = window
        workloads = LRU(capacity: capacity)
        cgroups = LRU(capacity: capacity)
    }

    /// Takes the counts of one cgroup since it was made.
    mutating func counted(_ workload: Workload, cgroup: UInt64, turnedAway: [UInt64]) {
        let before = cgroups.value(cgroup) ?? turnedAway.map { _ in 0 }
        guard turnedAway != before else { return }
        cgroups.insert(cgroup, turnedAway)
        var entry =
            workloads.value(workload.id)
            ?? Entry(workload: workload, lastLine: nil, pending: Kind.allCases.map { _ in 0 }, incident: 0)
        for (index, (now, then)) in zip(turnedAway, before).enumerated() where index < entry.pending.count {
            // A smaller count is a new one: the kernel had forgotten the bucket.
            entry.pending[index] += now >= then ? now - then : now
        }
        waiting.insert(workload.id)
        if let forgotten = workloads.insert(workload.id, entry) { waiting.remove(forgotten.key) }
    }

    /// What is to be told now; `all`: also of workloads whose minute is not over.
    mutating func due(at time: Int64, all: Bool = false, id: () -> UInt64) -> [Told] {
        guard !waiting.isEmpty else { return [] }
        var told: [Told] = []
        for name in waiting.sorted() {
            guard var entry = workloads.peek(name) else { continue }
            if let last = entry.lastLine, abs(time - last) < window, !all { continue }
            waiting.remove(name)
            let alert = id()
            if entry.incident == 0 { entry.incident = alert }
            told.append(
                Told(
                    workload: entry.workload, turnedAway: entry.pending, incident: entry.incident, alert: alert))
            entry.pending = entry.pending.map { _ in 0 }
            entry.lastLine = time
            workloads.insert(name, entry)
        }
        return told
    }
}
