import Events

/// Learns what is normal: a state machine that does nothing by itself, and says what is to be stored and armed.
///
/// Confined to one thread. All times are nanoseconds since the epoch.
package struct Learner {
    package enum Mode: Sendable, Equatable {
        /// Until enough is known, by sample coverage.
        case auto
        /// So many seconds of observation per workload, from its first behaviour.
        case duration(Double)
        case off

        /// `auto`, `off`, or a duration as in `90s`, `10m`, `24h`, `7d`.
        package init?(_ text: String) {
            switch text {
            case "auto": self = .auto
            case "off": self = .off
            default:
                let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
                guard let last = text.last, let unit = units[last], case let digits = text.dropLast(),
                    digits.utf8.allSatisfy({ (48...57).contains($0) || $0 == 46 }), let number = Double(digits),
                    number > 0
                else { return nil }
                self = .duration(number * unit)
            }
        }
    }

    /// A workload that is being learned, for a line of progress.
    package struct Progress: Sendable, Equatable {
        package var key: BaselineKey
        package var behaviours: Int
        /// Seconds.
        package var learnedFor: Double
        /// Seconds left; nil where that depends on what will be seen.
        package var left: Double?
        package var completeness: Double
        /// What keeps it from being armed.
        package var missing: [String]
    }

    /// The share of what a workload does that must be known before it is judged.
    package static let defaultTarget = 0.995

    /// Keys of the kernel's filter by which repeats come; beyond that only counts are lost.
    private static let mostKeys = 200_000

    /// Workloads learned at once: several times what a node can run. Beyond that the one that was idle for longest is
    /// put aside: the store has it, and it goes on when it acts again.
    package static let mostWorkloads = 8192
    /// Distinct behaviours that are kept of all workloads together, some 40 MiB. Beyond that the workload with the most
    /// has its own collapsed into patterns.
    static let mostBehaviours = 100_000

    private struct Place {
        var learning: BaselineKey
        var id: Int32
        var instance: String
        var count: UInt64
    }

    package let ending: Ending
    package var mode: Mode { ending.mode }
    private var target: Double { ending.target }
    private let unit: Int64
    private var learnings: [BaselineKey: Learning] = [:]
    private var places: [BehaviourKey: Place] = [:]
    /// Which of them are a baseline's: hundreds may be armed in a minute, and none is to go through all of them.
    private var placed: [BaselineKey: [BehaviourKey]] = [:]
    /// Keys of acts in quarantine: a repeat must not stay in the kernel, or nobody would see it done for a better reason.
    private var held: [BehaviourKey: BaselineKey] = [:]
    private var heldSince: Int64?
    private var forgettable: [BehaviourKey] = []
    /// The end of the last pause: what was done in it is learned, but its time is not counted.
    private var resumed = Int64.min
    private var behaviours = 0
    private var aside: [StoreWrite] = []
    /// Workloads that were put aside since the start.
    package private(set) var asideCount = 0

    package init(mode: Mode, target: Double = Learner.defaultTarget) {
        ending = Ending(mode: mode, target: target)
        // The unit of the estimate; of a short time, a twentieth, so that there is something to count.
        unit =
            if case .duration(let seconds) = mode { Int64(max(0.25, min(60, seconds / 20)) * 1e9) } else {
                60_000_000_000
            }
    }

    package var keys: some Collection<BaselineKey> { learnings.keys }

    /// Goes on where an earlier session stopped; `at` is the start of this one.
    package mutating func restore(_ row: StoredBaseline, _ behaviours: [StoredBehaviour], at time: Int64) {
        forget(row.key)
        let learning = Learning(row, behaviours, start: time, unit: unit)
        self.behaviours += learning.shapes.count
        learnings[row.key] = learning
    }

    package mutating func forget(_ key: BaselineKey) {
        guard let forgotten = learnings.removeValue(forKey: key) else { return }
        behaviours -= forgotten.shapes.count
        forgetPlaces(of: key)
    }

    /// Whether a behaviour of the time belongs to what is learned; true for a workload that was never seen.
    package func isLearning(_ key: BaselineKey, at time: Int64) -> Bool {
        switch mode {
        case .off: false
        case .auto: true
        case .duration(let seconds): learnings[key].map { $0.learned(at: time) < seconds } ?? true
        }
    }

    package mutating func observe(
        _ behaviour: Behaviour, of key: BaselineKey, image: String? = nil, as kernelKey: BehaviourKey?,
        instance: String,
        at time: Int64, origin: String? = nil, count: Int = 1, startSeen: Bool = true, quarantine: Quarantine? = nil
    ) {
        guard mode != .off else { return }
        if learnings[key] == nil {
            if learnings.count >= Self.mostWorkloads { putAside(at: time) }
            learnings[key] = Learning(key: key, image: image, start: max(time, resumed), unit: unit)
        }
        if let image { learnings[key]!.image = image }
        let before = learnings[key]!.shapes.count
        let id = learnings[key]!.observe(
            behaviour, instance: instance, at: time, origin: origin, count: count, startSeen: startSeen,
            quarantine: quarantine)
        behaviours += learnings[key]!.shapes.count - before
        if behaviours > Self.mostBehaviours { collapseLargest() }
        if let id, let kernelKey, places.count < Self.mostKeys {
            if places[kernelKey]?.learning != key { placed[key, default: []].append(kernelKey) }
            places[kernelKey] = Place(learning: key, id: id, instance: instance, count: UInt64(count))
        }
        // The rules that speak against an act count its repeats themselves.
        if let kernelKey, let quarantine, !quarantine.isNeverNormal, held.count < Self.mostKeys {
            held[kernelKey] = key
            heldSince = heldSince ?? time
        }
    }

    /// How many peers of an instance never did what it does; nil where that is nothing to tell.
    package func peersWithout(_ behaviour: Behaviour, of key: BaselineKey, instance: String, startSeen: Bool) -> Int? {
        learnings[key]?.peersWithout(behaviour, instance: instance, startSeen: startSeen)
    }

    /// What replicas do together, as of their last comparison; nil where they are too few.
    package func shared(by key: BaselineKey) -> BaselineSpec? { learnings[key]?.shared }

    package func isKept(_ key: BaselineKey) -> Bool { learnings[key] != nil }

    private mutating func putAside(at time: Int64) {
        guard let idle = learnings.min(by: { $0.value.lastSeen < $1.value.lastSeen })?.key else { return }
        learnings[idle]!.isDirty = true
        aside += drain(idle, now: time)
        asideCount += 1
        forget(idle)
    }

    private mutating func forgetPlaces(of key: BaselineKey) {
        for kernelKey in placed.removeValue(forKey: key) ?? [] where places[kernelKey]?.learning == key {
            places[kernelKey] = nil
        }
    }

    private mutating func collapseLargest() {
        guard let largest = learnings.max(by: { $0.value.shapes.count < $1.value.shapes.count })?.key else { return }
        behaviours -= learnings[largest]!.shapes.count
        learnings[largest]!.collapse()
        forgetPlaces(of: largest)
    }

    /// The count of a behaviour as the kernel has it now, and when it was last seen.
    package mutating func refresh(_ kernelKey: BehaviourKey, count: UInt64, last: Int64) {
        guard let place = places[kernelKey], count > place.count, learnings[place.learning] != nil else { return }
        learnings[place.learning]!.refresh(
            place.id, instance: place.instance, count: Int(clamping: count - place.count), last: last)
        places[kernelKey]!.count = count
    }

    package mutating func instanceEnded(_ key: BaselineKey, instance: String) {
        learnings[key]?.instanceEnded(instance)
    }

    /// Acts of the workload, and those of them that could not be looked at.
    package mutating func count(seen: Int, lost: Int, of key: BaselineKey, since: Int64, at time: Int64) {
        learnings[key]?.count(seen: seen, lost: lost, since: since, at: time)
    }

    /// What the kernel is to forget, so that it is seen again: once in a unit of observation what is in quarantine, and
    /// at the end of learning all that was not learned.
    package mutating func takeForgettable(now: Int64) -> [BehaviourKey] {
        if let since = heldSince, abs(now - since) >= unit {
            forgettable += held.keys
            held = [:]
            heldSince = nil
        }
        defer { forgettable = [] }
        return forgettable
    }

    /// Acts that could not be looked at, of nobody knows whom: all that are learned may lack them.
    package mutating func lost(_ count: Int) {
        for key in learnings.keys { learnings[key]!.lose(count) }
    }

    /// Nothing was watched until then.
    package mutating func paused(until time: Int64) {
        resumed = time
        for key in learnings.keys { learnings[key]!.interrupt() }
    }

    /// So much of the time of day is not to be counted: it went by unwatched, or the clock was set.
    package mutating func skip(_ nanoseconds: Int64) {
        for key in learnings.keys { learnings[key]!.skip(nanoseconds) }
    }

    /// A baseline whose learning ended, and what of it was not stored yet.
    package struct Ended: Sendable {
        package var row: StoredBaseline
        package var writes: [StoreWrite]
    }

    /// Ends the learning that has come to its end.
    package mutating func tick(now: Int64) -> [Ended] {
        var ready: [BaselineKey] = []
        for key in learnings.keys {
            switch mode {
            case .off: break
            case .auto: if learnings[key]!.isComplete(target) { ready.append(key) }
            case .duration(let seconds): if learnings[key]!.learned(at: now) >= seconds { ready.append(key) }
            }
        }
        return ready.sorted().map { arm($0, at: now)! }
    }

    /// Ends the learning of one baseline; nil where it is not being learned.
    package mutating func arm(_ key: BaselineKey, at time: Int64) -> Ended? {
        learnings[key]?.compareReplicas(at: time, often: true)
        let writes = drain(key, now: time)
        guard let learning = learnings[key] else { return nil }
        var end = time
        if case .duration(let seconds) = mode {
            end = min(time, learning.sessionStart + Int64(max(0, seconds - learning.learnedBefore) * 1e9))
        }
        var row = learning.row(state: .armed, at: end)
        row.spec = learning.spec
        row.armedAt = time
        forgettable += (placed[key] ?? []).filter {
            places[$0]?.learning == key && learning.isHeld(places[$0]!.id)
        }
        forgettable += held.filter { $0.value == key }.keys
        held = held.filter { $0.value != key }
        forget(key)
        return Ended(row: row, writes: writes + [.baseline(row)])
    }

    /// Those of which enough was seen but not all, each once: learning will not end without a person.
    package mutating func takeCandidates() -> [(key: BaselineKey, doubt: String)] {
        guard mode == .auto else { return [] }
        let new = learnings.filter { $0.value.isCandidate(target) && !$0.value.isToldCandidate }.keys.sorted()
        return new.map { key in
            learnings[key]!.isToldCandidate = true
            return (key, learnings[key]!.missing(for: ending).joined(separator: ", "))
        }
    }

    /// What changed since the last call, as one batch for the store.
    ///
    /// The time of learning counts also while nothing new is done: `whole` stores it for all, and so do ten seconds.
    package mutating func drain(now: Int64, whole: Bool = false) -> [StoreWrite] {
        var writes = aside
        aside = []
        for key in learnings.keys {
            learnings[key]!.compareReplicas(at: now, often: whole)
            if whole || now - learnings[key]!.storedAt > 10_000_000_000 { learnings[key]!.isDirty = true }
            writes += drain(key, now: now)
        }
        return writes
    }

    private func state(of key: BaselineKey) -> BaselineStatus.State {
        mode == .auto && learnings[key]?.isCandidate(target) == true ? .candidate : .learning
    }

    private mutating func drain(_ key: BaselineKey, now: Int64) -> [StoreWrite] {
        guard learnings[key]?.isDirty == true else { return [] }
        learnings[key]!.storedAt = now
        var writes: [StoreWrite] = [.baseline(learnings[key]!.row(state: state(of: key), at: now))]
        if learnings[key]!.mustDropStored {
            writes.append(.dropBehaviours(key))
            learnings[key]!.mustDropStored = false
        }
        let rows = learnings[key]!.takeDirty()
        if !rows.isEmpty { writes.append(.behaviours(key, rows)) }
        return writes
    }

    /// What was learned of a baseline so far, for `record`.
    package func snapshot(_ key: BaselineKey, at time: Int64, state: BaselineStatus.State = .candidate) -> Baseline? {
        guard var learning = learnings[key] else { return nil }
        learning.compareReplicas(at: time, often: true)
        return Baseline(
            key: key, image: learning.image, spec: learning.spec, status: learning.row(state: state, at: time).status)
    }

    package func progress(at time: Int64) -> [Progress] {
        learnings.values.map { learning in
            let completion = learning.completion(by: ending, at: time)
            return Progress(
                key: learning.key, behaviours: learning.shapes.count - learning.held + learning.collapsed.count,
                learnedFor: learning.learned(at: time), left: completion.forecast,
                completeness: completion.all.share, missing: completion.missing)
        }.sorted { $0.key < $1.key }
    }

    /// What is known of the evidence so far; nil where it is not being learned.
    package func status(_ key: BaselineKey, at time: Int64) -> BaselineStatus? {
        learnings[key]?.row(state: state(of: key), at: time).status
    }
}
