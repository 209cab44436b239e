import Baselines
import Events
import Workloads

/// Tells the same anomaly at most once a minute and counts the rest; bounded.
struct Repetition {
    struct Key: Hashable {
        enum Subject: Hashable {
            case act(Rule, Behaviour)
            /// All that is new in the release of this digest.
            case release(String)
        }

        var workload: String
        var subject: Subject

        var isOfRelease: Bool { if case .release = subject { true } else { false } }
    }

    private struct Entry {
        /// Of this anomaly, told from one that was under the same key before it.
        var number: UInt64
        var anomaly: Anomaly
        /// Of the act that came last, where its repeats are counted.
        var event: BehaviourKey?
        var lastLine: Int64
        var pending: UInt64
    }

    private let window: Int64
    private var entries: LRU<Key, Entry>
    private var numbers: [UInt64: Key] = [:]
    private var latest: UInt64 = 0
    /// A behaviour has a key in the kernel for each cgroup and start. Of anomalies by number: what they are is kept once,
    /// and not for longer than they are known.
    private var keys: LRU<BehaviourKey, (number: UInt64, seen: UInt64)>
    /// Those with acts that no line has counted yet.
    private var waiting: [Key] = []
    /// Acts that were counted, but forgotten before a line could tell of them.
    private(set) var forgotten: UInt64 = 0
    /// Behaviours of anomalies that are known no more, and from when on the kernel may tell them anew.
    private var stale: [(event: BehaviourKey, due: Int64)] = []

    /// Each is kept with its whole line, some 3 KiB; and this many different ones are more than anybody reads.
    static let most = 1024
    private static let mostStale = 16_384

    var untold: UInt64 { waiting.reduce(0) { $0 + (entries.peek($1)?.pending ?? 0) } }

    init(window: Int64, capacity: Int) {
        self.window = window
        entries = LRU(capacity: min(capacity, Self.most))
        keys = LRU(capacity: 2 * capacity)
    }

    /// Behaviours of which no repeat would be told any more, unless the kernel forgets them too. Their minute is over.
    mutating func takeStale(at now: Int64) -> [BehaviourKey] {
        guard !stale.isEmpty else { return [] }
        let latest = now + 2 * window
        defer { stale.removeAll { $0.due <= now || $0.due > latest } }
        return stale.filter { $0.due <= now || $0.due > latest }.map(\.event)
    }

    /// The incident in which the anomaly was told not long before.
    mutating func incident(of key: Key, at time: Int64) -> UInt64? {
        guard let entry = entries.value(key), abs(time - entry.anomaly.time) < Incidents.memory else { return nil }
        return entry.anomaly.incident.id
    }

    /// Counts one act; true: its turn to be told is now.
    func isDue(_ key: Key, at time: Int64) -> Bool {
        guard let entry = entries.peek(key) else { return true }
        return isOver(key, entry, at: time)
    }

    /// A time of day that was set back must not make a minute last a day: any step of that size ends it.
    private func isOver(_ key: Key, _ entry: Entry, at time: Int64) -> Bool {
        abs(time - entry.lastLine) >= (key.isOfRelease ? Detector.releaseWindow : window)
    }

    /// Takes an anomaly that is due, and gives it back with the acts since the last line.
    mutating func told(_ key: Key, _ anomaly: Anomaly, _ event: BehaviourKey?) -> Anomaly {
        var anomaly = anomaly
        let known = entries.peek(key)
        anomaly.count = 1 + (known?.pending ?? 0)
        let number = known?.number ?? latest + 1
        latest = max(latest, number)
        numbers[number] = key
        remember(event, number, at: anomaly.time)
        let entry = Entry(number: number, anomaly: anomaly, event: event, lastLine: anomaly.time, pending: 0)
        if let lost = entries.insert(key, entry) {
            numbers[lost.value.number] = nil
            forgotten += lost.value.pending
            forget(lost.value.event, at: lost.value.lastLine)
        }
        return anomaly
    }

    /// Counts an act that is not due. Without the key of its behaviour, its repeats are not counted with it.
    mutating func held(_ key: Key, _ observation: Observation, _ event: BehaviourKey?) {
        if let number = entries.peek(key)?.number { remember(event, number, at: observation.time) }
        count(key, 1, latest: observation.time)
        // A release is told by what was new first.
        guard !key.isOfRelease else { return }
        entries.update(key) {
            $0.anomaly.observation = observation
            $0.event = event
        }
    }

    /// Takes the kernel's count of a behaviour, which holds all acts since its key was new.
    mutating func counted(_ event: BehaviourKey, total: UInt64, at time: Int64) -> Key? {
        guard let (number, seen) = keys.value(event) else { return nil }
        // A smaller count than before is a new one: the kernel had forgotten the behaviour.
        let new = total >= seen ? total - seen : total
        guard let key = numbers[number] else {
            // One of several keys of an anomaly that is known no more.
            forgotten += new
            forget(event, at: time)
            return nil
        }
        keys.insert(event, (number, total))
        if new > 0 { count(key, new, latest: time) }
        return key
    }

    /// The line that tells of the acts held so far, if it is due.
    mutating func due(_ key: Key, at now: Int64, id: () -> UInt64) -> Anomaly? {
        guard let entry = entries.peek(key), entry.pending > 0, isOver(key, entry, at: now) else { return nil }
        return tell(key, entry, at: now, id: id())
    }

    /// All lines that are due.
    mutating func due(at now: Int64, id: () -> UInt64) -> [Anomaly] {
        var lines: [Anomaly] = []
        waiting = waiting.filter { key in
            guard let entry = entries.peek(key), entry.pending > 0 else { return false }
            guard isOver(key, entry, at: now) else { return true }
            lines.append(tell(key, entry, at: now, id: id()))
            return false
        }
        return lines
    }

    private mutating func tell(_ key: Key, _ entry: Entry, at now: Int64, id: UInt64) -> Anomaly {
        var anomaly = entry.anomaly
        anomaly.id = id
        anomaly.count = entry.pending
        entries.update(key) {
            $0.anomaly = anomaly
            $0.lastLine = now
            $0.pending = 0
        }
        return anomaly
    }

    private mutating func count(_ key: Key, _ acts: UInt64, latest: Int64) {
        guard let entry = entries.peek(key) else {
            forgotten += acts
            return
        }
        if entry.pending == 0 { waiting.append(key) }
        entries.update(key) {
            $0.pending += acts
            $0.anomaly.time = max($0.anomaly.time, latest)
        }
    }

    private mutating func remember(_ event: BehaviourKey?, _ number: UInt64, at time: Int64) {
        if let event, let lost = keys.insert(event, (number, 1)) { forget(lost.key, at: time) }
    }

    private mutating func forget(_ event: BehaviourKey?, at time: Int64) {
        guard let event else { return }
        keys.remove(event)
        if stale.count < Self.mostStale { stale.append((event, time + window)) }
    }
}
