import Crypto

/// The instances of a workload that were watched while it was learned, and what of each.
struct Replicas {
    /// Which sort of unit of observation an act begins.
    enum Unit { case start, steady }

    struct Phases: OptionSet {
        var rawValue: UInt8
        /// Its first two units of time, from its start on.
        static let start = Phases(rawValue: 1)
        /// What it does after that, or the whole of one that has ended.
        static let steady = Phases(rawValue: 2)
    }

    /// One that goes on.
    private struct Running {
        var id: UInt64
        var start: Int64
        var startSeen: Bool
        var unit = 0
        /// Behaviours seen in the current unit.
        var seen: Set<Int32> = []
    }

    /// From so many on, what only one of them does is odd.
    static let many = 3
    private static let mostRunning = 4096
    /// Those that are remembered after their end, and over restarts.
    private static let mostKnown = 1024

    /// Length of a unit of observation in nanoseconds.
    let unit: Int64
    private var running: [String: Running] = [:]
    private var known: [UInt64: Phases] = [:]
    private(set) var count = 0

    init(unit: Int64) { self.unit = unit }

    /// As `text` and `count` were.
    init(unit: Int64, text: String, count: Int) {
        self.unit = unit
        self.count = count
        for part in text.split(separator: " ") {
            let pair = part.split(separator: ":")
            guard pair.count == 2, let id = UInt64(pair[0], radix: 16), let phases = UInt8(pair[1]) else { continue }
            known[id] = Phases(rawValue: phases)
        }
    }

    /// For the store: which are known, and what was seen of each.
    var text: String {
        known.sorted { $0.key < $1.key }.map { "\(String($0.key, radix: 16)):\($0.value.rawValue)" }
            .joined(separator: " ")
    }

    /// Those beside the named one of which the phase was seen that it is in itself.
    func peers(of name: String, startSeen: Bool) -> Int {
        let id = id(of: name)
        let isStarting = running[name] == nil ? startSeen && known[id] == nil : isStarting(name)
        return known.count { $0.key != id && $0.value.contains(isStarting ? .start : .steady) }
    }

    func number(with phase: Phases) -> Int { known.values.count { $0.contains(phase) } }

    /// Where in its life an instance is: what begins with a start may go on in the next unit.
    func isStarting(_ name: String) -> Bool { running[name].map { $0.startSeen && $0.unit < 2 } ?? false }

    func id(of name: String) -> UInt64 { running[name]?.id ?? Self.id(name) }

    /// Notes an act; the unit of observation that it begins, if it does.
    mutating func touch(_ name: String, at time: Int64, startSeen: Bool) -> Unit? {
        guard var instance = running[name] else {
            if running.count >= Self.mostRunning, let oldest = running.min(by: { $0.value.start < $1.value.start }) {
                running[oldest.key] = nil
            }
            let id = Self.id(name)
            // After a restart of the monitor it is the same instance, but its start is over.
            let isNew = known[id] == nil
            if isNew {
                count += 1
                if known.count < Self.mostKnown { known[id] = [] }
            }
            running[name] = Running(id: id, start: time, startSeen: startSeen && isNew)
            return startSeen && isNew ? .start : .steady
        }
        let now = Int((time - instance.start) / unit)
        guard now > instance.unit else { return nil }
        defer { running[name] = instance }
        instance.unit = now
        if instance.startSeen, now < 2 { return nil }
        instance.seen.removeAll(keepingCapacity: true)
        known[instance.id]?.formUnion(instance.startSeen ? [.start, .steady] : .steady)
        return .steady
    }

    /// True where the behaviour is new in the instance's current unit.
    mutating func see(_ behaviour: Int32, in name: String) -> Bool {
        running[name]?.seen.insert(behaviour).inserted == true
    }

    mutating func ended(_ name: String) {
        guard let instance = running.removeValue(forKey: name) else { return }
        known[instance.id]?.formUnion(instance.startSeen ? [.start, .steady] : .steady)
    }

    /// Numbers of behaviours have changed.
    mutating func forgetBehaviours() {
        for name in running.keys { running[name]!.seen.removeAll() }
    }

    mutating func skip(_ nanoseconds: Int64) {
        for name in running.keys { running[name]!.start += nanoseconds }
    }

    private static func id(_ name: String) -> UInt64 {
        SHA256.hash(data: Array(name.utf8)).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
