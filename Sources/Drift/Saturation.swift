import Events
import Workloads

/// Turns the kernel's counts of acts over quota into one alert a minute for each workload.
struct Saturation {
    private struct Entry {
        var lastLine: Int64?
        var pending: [UInt64]
        var incident: UInt64
    }

    private let window: Int64
    private var workloads: LRU<String, Entry>
    private var cgroups: LRU<UInt64, [UInt64]>

    init(window: Int64, capacity: Int) {
        self.window = window
        workloads = LRU(capacity: capacity)
        cgroups = LRU(capacity: capacity)
    }

    /// Takes the counts of one cgroup since it was made; gives back what is to be told of its workload now.
    mutating func counted(
        _ workload: Workload, cgroup: UInt64, turnedAway: [UInt64], at time: Int64, id: () -> UInt64
    ) -> (turnedAway: [UInt64], incident: UInt64, alert: UInt64)? {
        let before = cgroups.value(cgroup) ?? turnedAway.map { _ in 0 }
        cgroups.insert(cgroup, turnedAway)
        let new = zip(turnedAway, before).map { $0 >= $1 ? $0 - $1 : $0 }
        var entry =
            workloads.value(workload.id) ?? Entry(lastLine: nil, pending: Kind.allCases.map { _ in 0 }, incident: 0)
        for (index, acts) in new.enumerated() where index < entry.pending.count { entry.pending[index] += acts }
        defer { workloads.insert(workload.id, entry) }
        guard entry.pending.contains(where: { $0 > 0 }) else { return nil }
        if let last = entry.lastLine, time - last < window { return nil }
        let told = entry.pending
        let alert = id()
        if entry.incident == 0 { entry.incident = alert }
        entry.pending = entry.pending.map { _ in 0 }
        entry.lastLine = time
        return (told, entry.incident, alert)
    }
}
