import Events

/// What was observed of one workload so far; a value that the learner owns.
struct Learning {
    /// Distinct behaviours that are kept of one workload; beyond that they are collapsed.
    static let mostBehaviours = 20_000
    /// Of these, those that are in quarantine; what comes beyond is not learned either.
    static let mostHeld = 2000

    struct Seen {
        var kind: Kind
        var first: Int64
        var last: Int64
        var count = 0
        /// Units of observation in which it was seen, starts and instances, all without a reason for quarantine.
        var units = 0
        var starts = 0
        var instances = 0
        /// Which of them was the last; 0: none.
        var lastInstance: UInt64 = 0
        var origin: String?
        var quarantine: Quarantine?
        var isDirty = true
    }

    let key: BaselineKey
    /// Asked for each second.
    let hasStart: Bool
    var image: String?
    private(set) var shapes: [Behaviour: Int32] = [:]
    private var patternNames = PatternNames()
    private(set) var seen: [Seen] = []
    /// Of what was collapsed because it was too much.
    private(set) var collapsed = BaselineSpec()
    private var collapsedIndex: BaselineIndex?
    /// Behaviours that even collapsing left no room for.
    private(set) var overflowed = 0
    /// Behaviours in quarantine.
    private(set) var held = 0
    private(set) var replicas: Replicas
    /// Acts were lost in this time: what was seen in it for the first time is in quarantine.
    private var lossWindow = Int64.max...Int64.max
    private(set) var sampling = Sampling()
    private(set) var curve = DiscoveryCurve()
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
    /// What is known of all replicas, as patterns, as of then.
    private var patterns: BaselineIndex?
    /// As a person would read them.
    private(set) var shared: BaselineSpec?
    /// When its replicas were last compared.
    private var comparedAt: Int64 = 0
    /// When it was last handed out to be stored.
    var storedAt: Int64 = 0
    init(key: BaselineKey, image: String?, start: Int64, unit: Int64) {
        self.key = key
        hasStart = key.hasStart
        self.image = image
        replicas = Replicas(unit: unit)
        learnedBefore = 0
        learnedFrom = start
        sessionStart = start
        lastSeen = start
    }

    /// Goes on with what an earlier session stored.
    init(_ row: StoredBaseline, _ behaviours: [StoredBehaviour], start: Int64, unit: Int64) {
        self.init(key: row.key, image: row.image, start: start, unit: unit)
        learnedBefore = row.learnedFor
        learnedFrom = row.learnedFrom ?? start
        replicas = Replicas(unit: unit, text: row.replicas, count: row.instances)
        total = row.seen
        lost = row.lost
        // The time between that session and this one.
        gaps = row.gaps + 1
        collapsed = row.spec
        collapsedIndex = row.spec.isEmpty ? nil : BaselineIndex(row.spec)
        curve = DiscoveryCurve(row.curve)
        sampling.starts.units = row.starts
        sampling.steady.units = row.units
        var counted = 0
        for behaviour in behaviours {
            shapes[behaviour.shape] = Int32(seen.count)
            patternNames.add(behaviour.shape)
            seen.append(
                Seen(
                    kind: behaviour.shape.kind, first: behaviour.first, last: behaviour.last, count: behaviour.count,
                    units: behaviour.units,
                    starts: behaviour.starts, instances: behaviour.instances, lastInstance: behaviour.lastInstance,
                    origin: behaviour.origin, quarantine: behaviour.quarantine,
                    isDirty: false))
            if behaviour.quarantine != nil { held += 1 }
            let kind = behaviour.shape.kind
            sampling.steady[kind] = sampling.steady[kind] + .of(behaviour.units)
            sampling.starts[kind] = sampling.starts[kind] + .of(behaviour.starts)
            counted += behaviour.units
        }
        // Nearly all of what is a pattern are opens.
        sampling.steady[.open].incidences += max(0, row.incidences - counted)
        isDirty = false
    }

    /// Seconds of learning until the time.
    func learned(at time: Int64) -> Double {
        learnedBefore + Double(max(0, time - sessionStart)) / 1e9
    }

    /// The number by which `refresh` finds the behaviour again; nil where it is not kept by itself.
    ///
    /// `startSeen`: the instance was watched from its start on. `quarantine`: why the act is none to learn from.
    @discardableResult
    mutating func observe(
        _ behaviour: Behaviour, instance: String, at time: Int64, origin: String?, count: Int, startSeen: Bool = true,
        quarantine: Quarantine? = nil
    ) -> Int32? {
        isDirty = true
        learnedFrom = min(learnedFrom, time)
        lastSeen = max(lastSeen, time)
        let shape = Generaliser.shape(of: behaviour)
        if let quarantine {
            hold(shape, quarantine, at: time, origin: origin, count: count)
            return nil
        }
        touch(instance, at: time, startSeen: startSeen)
        let id: Int32
        if let known = shapes[shape] ?? patternNames.shape(like: shape).flatMap({ shapes[$0] }) {
            id = known
        } else {
            if collapsedIndex?.knows(behaviour) == true {
                countCollapsed(shape.kind, by: instance)
                return nil
            }
            if shapes.count >= Self.mostBehaviours { collapse() }
            guard shapes.count + collapsed.count < Self.mostBehaviours else {
                overflowed += 1
                return nil
            }
            id = add(shape, at: time, origin: origin, quarantine: lossWindow.contains(time) ? .loss : nil)
        }
        mark(id, shape.kind, instance: instance, at: time, count: count)
        curve.add(units: sampling.starts.units + sampling.steady.units, behaviours: seen.count - held)
        return id
    }

    /// All patterns of a kind count as one behaviour that is seen often.
    private mutating func countCollapsed(_ kind: Kind, by instance: String) {
        guard replicas.see(-Int32(kind.wireNumber), in: instance) else { return }
        if replicas.isStarting(instance) {
            sampling.starts[kind].incidences += 1
        } else {
            sampling.steady[kind].incidences += 1
        }
    }

    private mutating func add(_ shape: Behaviour, at time: Int64, origin: String?, quarantine: Quarantine?) -> Int32 {
        let id = Int32(seen.count)
        shapes[shape] = id
        patternNames.add(shape)
        seen.append(Seen(kind: shape.kind, first: time, last: time, origin: origin, quarantine: quarantine))
        if quarantine != nil { held += 1 }
        return id
    }

    /// Keeps what is not to be learned; what was learned before stays so.
    private mutating func hold(
        _ shape: Behaviour, _ quarantine: Quarantine, at time: Int64, origin: String?, count: Int
    ) {
        guard let id = shapes[shape] else {
            guard held < Self.mostHeld else { return }
            let id = add(shape, at: time, origin: origin, quarantine: quarantine)
            seen[Int(id)].count = count
            return
        }
        guard let before = seen[Int(id)].quarantine else { return }
        seen[Int(id)].count += count
        seen[Int(id)].last = max(seen[Int(id)].last, time)
        seen[Int(id)].isDirty = true
        if !before.isNeverNormal { seen[Int(id)].quarantine = quarantine }
    }

    /// Repeats that the kernel counted.
    mutating func refresh(_ id: Int32, instance: String, count: Int, last: Int64) {
        guard seen.indices.contains(Int(id)) else { return }
        isDirty = true
        lastSeen = max(lastSeen, last)
        touch(instance, at: last, startSeen: false)
        mark(id, seen[Int(id)].kind, instance: instance, at: last, count: count)
    }

    mutating func instanceEnded(_ instance: String) { replicas.ended(instance) }

    /// Acts of the workload since the time, and those of them that nobody looked at.
    mutating func count(seen: Int, lost: Int, since: Int64, at time: Int64) {
        guard seen > 0 else { return }
        isDirty = true
        total += seen
        self.lost += lost
        guard lost > 0 else { return }
        gaps += 1
        // What was lost may have come with what is only taken now.
        lossWindow = min(since, time)...time
        for id in self.seen.indices where self.seen[id].first >= lossWindow.lowerBound { holdForLoss(id) }
    }

    /// What was learned in the window is as if it had not been seen.
    private mutating func holdForLoss(_ id: Int) {
        guard seen[id].quarantine == nil, held < Self.mostHeld else { return }
        sampling.steady[seen[id].kind].forget(units: seen[id].units)
        sampling.starts[seen[id].kind].forget(units: seen[id].starts)
        seen[id].units = 0
        seen[id].starts = 0
        seen[id].instances = 0
        seen[id].lastInstance = 0
        seen[id].quarantine = .loss
        seen[id].isDirty = true
        held += 1
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
        replicas.skip(nanoseconds)
    }

    private mutating func touch(_ instance: String, at time: Int64, startSeen: Bool) {
        switch replicas.touch(instance, at: time, startSeen: startSeen) {
        case .start: sampling.starts.units += 1
        case .steady: sampling.steady.units += 1
        case nil: break
        }
    }

    private mutating func mark(_ id: Int32, _ kind: Kind, instance: String, at time: Int64, count: Int) {
        var entry = seen[Int(id)]
        entry.isDirty = true
        entry.first = min(entry.first, time)
        entry.last = max(entry.last, time)
        entry.count += count
        if !(entry.quarantine == .loss && lossWindow.contains(time)), replicas.see(id, in: instance) {
            if replicas.isStarting(instance) {
                entry.starts += 1
                sampling.starts[kind].add(units: entry.starts)
            } else {
                entry.units += 1
                sampling.steady[kind].add(units: entry.units)
            }
            let number = replicas.id(of: instance)
            if entry.lastInstance != number {
                entry.instances += 1
                entry.lastInstance = number
            }
            if entry.quarantine?.isOvercome(units: entry.units + entry.starts, instances: entry.instances) == true {
                entry.quarantine = nil
                held -= 1
            }
        }
        seen[Int(id)] = entry
    }

    /// What is kept becomes patterns, so that there is room again.
    mutating func collapse() {
        collapsed = spec
        collapsedIndex = BaselineIndex(collapsed)
        let kept = shapes.compactMap { shape, id in seen[Int(id)].quarantine.map { _ in (shape, seen[Int(id)]) } }
        shapes = [:]
        patternNames = PatternNames()
        seen = []
        sampling.starts.forgetRare()
        sampling.steady.forgetRare()
        for (shape, entry) in kept {
            shapes[shape] = Int32(seen.count)
            patternNames.add(shape)
            seen.append(entry)
            sampling.starts[entry.kind].recount(units: entry.starts)
            sampling.steady[entry.kind].recount(units: entry.units)
        }
        replicas.forgetBehaviours()
        mustDropStored = true
        isDirty = true
    }

    /// What one replica of several did, and no other, goes into quarantine; what another does, too, comes out.
    ///
    /// What only starts of instances show is compared among those that were watched from their start. Names that differ
    /// in each replica are the workload's all the same where they come to one pattern. `often`: though it was done in
    /// the last ten seconds.
    mutating func compareReplicas(at time: Int64, often: Bool = false) {
        guard key.hasReplicas, often || abs(time - comparedAt) > 10_000_000_000 else { return }
        comparedAt = time
        let watched = (starts: replicas.number(with: .start), steady: replicas.number(with: .steady))
        guard max(watched.starts, watched.steady) >= Replicas.many else { return }
        let together = Generaliser.spec(of: shapes.keys)
        patterns = BaselineIndex(together)
        shared = together
        var candidates: [Behaviour: Int32] = [:]
        var firm: [Behaviour] = []
        for (shape, id) in shapes {
            let entry = seen[Int(id)]
            guard entry.quarantine == nil || entry.quarantine == .oneReplica else { continue }
            let others = entry.units == 0 ? watched.starts : watched.steady
            if entry.instances == 1, others >= Replicas.many { candidates[shape] = id } else { firm.append(shape) }
        }
        let lonely = OneReplica.only(candidates.keys, beside: firm) { seen[Int(candidates[$0]!)].lastInstance }
        for (shape, id) in candidates {
            let quarantine: Quarantine? = lonely.contains(shape) ? .oneReplica : nil
            guard seen[Int(id)].quarantine != quarantine else { continue }
            seen[Int(id)].quarantine = quarantine
            seen[Int(id)].isDirty = true
            isDirty = true
            held += quarantine == nil ? -1 : 1
        }
    }

    /// How many peers of the instance never did this in a life as long as its own; nil where some one did, or where too
    /// few of them are known well enough to say that it departs from them.
    func peersWithout(_ behaviour: Behaviour, instance: String, startSeen: Bool) -> Int? {
        // By far the most is known, so that is asked first.
        guard let patterns, shapes[Generaliser.shape(of: behaviour)] == nil, !patterns.knows(behaviour),
            collapsedIndex?.knows(behaviour) != true, sampling.estimate().share >= Self.enoughForPeers
        else { return nil }
        let peers = replicas.peers(of: instance, startSeen: startSeen)
        return peers >= Replicas.many - 1 ? peers : nil
    }

    /// Of what replicas do together so much must be known before one of them can depart from it.
    private static let enoughForPeers = 0.9

    /// Whether what was seen is in quarantine.
    func isHeld(_ id: Int32) -> Bool { seen.indices.contains(Int(id)) && seen[Int(id)].quarantine != nil }

    /// All that was learned.
    var spec: BaselineSpec {
        let fresh = Generaliser.spec(of: shapes.lazy.filter { seen[Int($0.value)].quarantine == nil }.map(\.key))
        return collapsed.isEmpty ? fresh : collapsed.union(fresh)
    }

    /// Whether it may be armed without asking anybody.
    func isComplete(_ target: Double) -> Bool { lost == 0 && !lacksPhase && isEnough(target) }

    /// Learning goes on, but will not end by itself.
    func isCandidate(_ target: Double) -> Bool { isEnough(target) && (lost > 0 || lacksPhase) }

    func row(state: BaselineStatus.State, at time: Int64) -> StoredBaseline {
        StoredBaseline(
            key: key, image: image, state: state, spec: collapsed, learnedFor: learned(at: time),
            learnedFrom: learnedFrom,
            learnedUntil: time, units: sampling.steady.units, incidences: sampling.steady.all.incidences,
            completeness: completeness,
            instances: replicas.count, seen: total, lost: lost, gaps: gaps, replicas: replicas.text,
            starts: sampling.starts.units, curve: curve.text)
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
                    starts: entry.starts, instances: entry.instances, origin: entry.origin,
                    quarantine: entry.quarantine,
                    lastInstance: entry.lastInstance))
        }
        return rows
    }
}
