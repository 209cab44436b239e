import Events

/// What was observed of one workload so far; a value that the learner owns.
struct Learning {
    /// Distinct behaviours that are kept of one workload; beyond that they are collapsed.
    static let mostBehaviours = 20_000
    private static let mostInstances = 4096

    struct Seen {
        var first: Int64
        var last: Int64
        var count: Int
        /// Units of observation in which it was seen.
        var units: Int
        var instances: Int
        var lastInstance: Int
        var origin: String?
        var isDirty = true
    }

    /// A run of the workload that goes on.
    private struct Instance {
        var number: Int
        var start: Int64
        var unit: Int
        /// Behaviours seen in the current unit.
        var seen: Set<Int32>
    }

    let key: BaselineKey
    var image: String?
    private(set) var shapes: [Behaviour: Int32] = [:]
    private(set) var seen: [Seen] = []
    /// Of what was collapsed because it was too much.
    private(set) var collapsed = BaselineSpec()
    private var collapsedIndex: BaselineIndex?
    /// Behaviours that even collapsing left no room for.
    private(set) var overflowed = 0
    private var instances: [String: Instance] = [:]
    private(set) var instanceCount = 0
    private(set) var coverage: SampleCoverage
    /// Seconds of learning before this session.
    private(set) var learnedBefore: Double
    /// When this session began, moved by what was no time of learning.
    private(set) var sessionStart: Int64
    private(set) var learnedFrom: Int64
    /// Acts of the workload while it is learned, repeats too, and those of them that nobody looked at.
    private(set) var total = 0
    private(set) var lost = 0
    /// How often it was not watched, or not wholly, for a while.
    private(set) var gaps = 0
    var isDirty = true
    var isToldCandidate = false
    var mustDropStored = false
    /// When it last did something.
    private(set) var lastSeen: Int64
    /// When it was last handed out to be stored.
    var storedAt: Int64 = 0
    /// Length of a unit in nanoseconds.
    private let unit: Int64

    init(key: BaselineKey, image: String?, start: Int64, unit: Int64) {
        self.key = key
        self.image = image
        self.unit = unit
        learnedBefore = 0
        learnedFrom = start
        sessionStart = start
        lastSeen = start
        coverage = SampleCoverage(units: 0, incidences: 0, once: 0, twice: 0)
    }

    /// Goes on with what an earlier session stored.
    init(_ row: StoredBaseline, _ behaviours: [StoredBehaviour], start: Int64, unit: Int64) {
        self.init(key: row.key, image: row.image, start: start, unit: unit)
        learnedBefore = row.learnedFor
        learnedFrom = row.learnedFrom ?? start
        instanceCount = row.instances
        total = row.seen
        lost = row.lost
        // The time between that session and this one.
        gaps = row.gaps + 1
        collapsed = row.spec
        collapsedIndex = row.spec.isEmpty ? nil : BaselineIndex(row.spec)
        var once = 0
        var twice = 0
        for behaviour in behaviours where behaviour.quarantine == nil {
            shapes[behaviour.shape] = Int32(seen.count)
            seen.append(
                Seen(
                    first: behaviour.first, last: behaviour.last, count: behaviour.count, units: behaviour.units,
                    instances: behaviour.instances, lastInstance: -1, origin: behaviour.origin, isDirty: false))
            if behaviour.units == 1 { once += 1 }
            if behaviour.units == 2 { twice += 1 }
        }
        coverage = SampleCoverage(units: row.units, incidences: row.incidences, once: once, twice: twice)
        isDirty = false
    }

    /// Seconds of learning until the time.
    func learned(at time: Int64) -> Double {
        learnedBefore + Double(max(0, time - sessionStart)) / 1e9
    }

    /// The number by which `refresh` finds the behaviour again; nil where it is not kept by itself.
    @discardableResult
    mutating func observe(_ behaviour: Behaviour, instance: String, at time: Int64, origin: String?, count: Int)
        -> Int32?
    {
        isDirty = true
        learnedFrom = min(learnedFrom, time)
        lastSeen = max(lastSeen, time)
        touch(instance, at: time)
        let shape = Generaliser.shape(of: behaviour)
        let id: Int32
        if let known = shapes[shape] {
            id = known
        } else {
            if collapsedIndex?.knows(behaviour) == true {
                coverage.incidences += 1
                return nil
            }
            if shapes.count >= Self.mostBehaviours { collapse() }
            guard shapes.count + collapsed.count < Self.mostBehaviours else {
                overflowed += 1
                return nil
            }
            id = Int32(seen.count)
            shapes[shape] = id
            seen.append(
                Seen(first: time, last: time, count: 0, units: 0, instances: 0, lastInstance: -1, origin: origin))
        }
        mark(id, instance: instance, at: time, count: count)
        return id
    }

    /// Repeats that the kernel counted.
    mutating func refresh(_ id: Int32, instance: String, count: Int, last: Int64) {
        guard seen.indices.contains(Int(id)) else { return }
        isDirty = true
        lastSeen = max(lastSeen, last)
        touch(instance, at: last)
        mark(id, instance: instance, at: last, count: count)
    }

    mutating func instanceEnded(_ instance: String) {
        instances[instance] = nil
    }

    mutating func count(seen: Int, lost: Int) {
        guard seen > 0 else { return }
        isDirty = true
        total += seen
        self.lost += lost
        if lost > 0 { gaps += 1 }
    }

    /// Acts that were perhaps its own.
    mutating func lose(_ count: Int) {
        isDirty = true
        total += count
        lost += count
        gaps += 1
    }

    mutating func interrupt() {
        isDirty = true
        gaps += 1
    }

    /// Moves what it counts time from: the time in between was none of learning.
    mutating func skip(_ nanoseconds: Int64) {
        sessionStart += nanoseconds
        for name in instances.keys { instances[name]!.start += nanoseconds }
    }

    /// Begins a unit of observation with its first act.
    private mutating func touch(_ name: String, at time: Int64) {
        guard var instance = instances[name] else {
            if instances.count >= Self.mostInstances,
                let oldest = instances.min(by: { $0.value.start < $1.value.start })
            {
                instances[oldest.key] = nil
            }
            instances[name] = Instance(number: instanceCount, start: time, unit: 0, seen: [])
            instanceCount += 1
            coverage.units += 1
            return
        }
        let now = Int((time - instance.start) / unit)
        guard now > instance.unit else { return }
        coverage.units += 1
        instance.unit = now
        instance.seen.removeAll()
        instances[name] = instance
    }

    private mutating func mark(_ id: Int32, instance name: String, at time: Int64, count: Int) {
        var entry = seen[Int(id)]
        entry.isDirty = true
        entry.first = min(entry.first, time)
        entry.last = max(entry.last, time)
        entry.count += count
        if instances[name]?.seen.insert(id).inserted == true {
            entry.units += 1
            coverage.incidences += 1
            switch entry.units {
            case 1: coverage.once += 1
            case 2: (coverage.once, coverage.twice) = (coverage.once - 1, coverage.twice + 1)
            case 3: coverage.twice -= 1
            default: break
            }
            let number = instances[name]!.number
            if entry.lastInstance != number {
                entry.instances += 1
                entry.lastInstance = number
            }
        }
        seen[Int(id)] = entry
    }

    /// What is kept becomes patterns, so that there is room again.
    mutating func collapse() {
        collapsed = spec
        collapsedIndex = BaselineIndex(collapsed)
        shapes = [:]
        seen = []
        for name in instances.keys { instances[name]!.seen.removeAll() }
        // The behaviours that were seen once are now part of patterns that are seen often.
        coverage.once = 0
        coverage.twice = 0
        mustDropStored = true
        isDirty = true
    }

    /// All that was learned.
    var spec: BaselineSpec {
        let fresh = Generaliser.spec(of: shapes.keys)
        return collapsed.isEmpty ? fresh : collapsed.union(fresh)
    }

    /// The estimate is of what can be seen; of what was not, nothing is known.
    var completeness: Double {
        guard overflowed == 0 else { return 0 }
        return total > 0 ? coverage.estimate * Double(max(0, total - lost)) / Double(total) : coverage.estimate
    }

    /// Whether it may be armed without asking anybody.
    var isComplete: Bool { overflowed == 0 && lost == 0 && coverage.isEnough }

    /// Learning goes on, but will not end by itself.
    var isCandidate: Bool { overflowed == 0 && lost > 0 && coverage.isEnough }

    func row(state: BaselineStatus.State, at time: Int64) -> StoredBaseline {
        StoredBaseline(
            key: key, image: image, state: state, spec: collapsed, learnedFor: learned(at: time),
            learnedFrom: learnedFrom,
            learnedUntil: time, units: coverage.units, incidences: coverage.incidences, completeness: completeness,
            instances: instanceCount, seen: total, lost: lost, gaps: gaps)
    }

    /// Behaviours that changed since the last call.
    mutating func takeDirty() -> [StoredBehaviour] {
        guard isDirty else { return [] }
        isDirty = false
        var rows: [StoredBehaviour] = []
        for (shape, id) in shapes where seen[Int(id)].isDirty {
            seen[Int(id)].isDirty = false
            let entry = seen[Int(id)]
            rows.append(
                StoredBehaviour(
                    shape: shape, first: entry.first, last: entry.last, count: entry.count, units: entry.units,
                    instances: entry.instances, origin: entry.origin))
        }
        return rows
    }
}
