import Events

/// Judges behaviours by what was reviewed and what was learned, and learns what is not judged.
///
/// Confined to the pipeline's thread. All times are nanoseconds since the epoch. What is to be stored is handed out by
/// `drain`; nothing here touches a disk but `load` and `reload`.
package final class Baselines {
    /// What an alert says of the baseline that did not know the behaviour.
    package struct Info: Sendable, Equatable {
        package var key: BaselineKey
        package var state: BaselineStatus.State
        package var checksum: String
        package var completeness: Double?
        package var learnedSince: Int64?
        /// Of a file, which may come from elsewhere: what is kept here has been watched ever since.
        package var learnedUntil: Int64?
        package var coverage: BaselineStatus.Coverage?
        package var gaps = 0
        package var instances: Int?
        /// The file that it was read from; nil: the store.
        package var file: String?

        /// The evidence goes on: what a judged workload does, and what of it went unseen.
        mutating func count(seen: Int, lost: Int) {
            coverage = BaselineStatus.Coverage(
                seen: (coverage?.seen ?? 0) + seen, lost: (coverage?.lost ?? 0) + lost)
            if lost > 0 { gaps += 1 }
        }
    }

    package enum Verdict: Sendable, Equatable {
        /// Not judged yet; the caller hands it to `observe` unless it is never normal.
        case learning
        case known
        case unknown(Info)
        /// The content is a new release of the workload: its baseline is being learned, and judged meanwhile it is by
        /// that of its predecessor. The caller hands it to `observe` as if it were learned.
        case release(Info, isKnown: Bool)
        /// Nothing is known of the workload, and nothing is learned.
        case noBaseline
    }

    /// A baseline that went from learning to armed.
    package struct Armed: Sendable {
        package var baseline: Baseline
        package var checksum: String
    }

    private struct Entry {
        var info: Info
        var indexes: [BaselineIndex]
        /// Of two of one workload the newer serves contents that have none.
        var age: Int64
        /// Behaviours until then are part of it, though they come late.
        var learnedUntil: Int64?
        /// A person brought it; where it names no content, it is meant for any.
        var isImported = false

        func knows(_ behaviour: Behaviour) -> Bool {
            if indexes.contains(where: { $0.knows(behaviour) }) { return true }
            // Accesses of one path may be spread over files.
            guard case .open(let open) = behaviour, indexes.count > 1 else { return false }
            let access = indexes.reduce(into: Access()) {
                $0.formUnion($1.access(executable: open.executable, path: open.path))
            }
            return open.access.isSubset(of: access)
        }
    }

    package private(set) var learner: Learner
    private var reviewed: [String: [String: Entry]] = [:]
    private var stored: [String: [String: Entry]] = [:]
    private var shelf = Shelf()
    /// What people allowed by command counts beside reviewed files too.
    private var allowed: [BaselineKey: BaselineIndex] = [:]
    private var pending: [StoreWrite] = []
    private var newlyArmed: [Armed] = []
    private var revision = -1
    /// Where a workload goes on that was put aside; none where nothing is kept.
    private var store: Store?

    package init(mode: Learner.Mode, target: Double = Learner.defaultTarget) {
        learner = Learner(mode: mode, target: target)
    }

    // MARK: Loading

    /// Takes reviewed baselines; each is armed from now on, and its content not learned.
    package func add(reviewed documents: [BaselineFile.Document]) {
        for document in documents {
            let baseline = document.baseline
            let index = BaselineIndex(baseline.spec)
            let digest = baseline.key.digest ?? ""
            if reviewed[baseline.key.workload]?[digest] != nil {
                reviewed[baseline.key.workload]![digest]!.indexes.append(index)
            } else {
                reviewed[baseline.key.workload, default: [:]][digest] = Entry(
                    info: Self.info(baseline, file: document.file, state: .armed), indexes: [index],
                    age: baseline.status.learnedUntil ?? 0)
            }
        }
    }

    /// Goes on with what the store has.
    package func load(_ store: Store, at time: Int64) throws(StateError) {
        self.store = store
        revision = try store.revision()
        stored = [:]
        allowed = [:]
        shelf = Shelf()
        // Of armed ones the latest; the others wait on the shelf.
        var loaded: Set<String> = []
        for (key, isArmed) in try store.latestFirst() {
            if isArmed, loaded.count >= Shelf.most, !loaded.contains(key.workload) {
                shelf.put(key.workload)
            } else {
                if isArmed { loaded.insert(key.workload) }
                if let row = try store.baseline(key) { try take(row, store, at: time) }
            }
        }
        for (workload, entries) in stored where entries[""]?.isImported == true { forgetAll(of: workload) }
    }

    /// What a person brought for any content of a workload leaves nothing to be learned of it.
    private func forgetAll(of workload: String) {
        for key in Array(learner.keys) where key.workload == workload { learner.forget(key) }
    }

    /// Loads what a workload has on the shelf.
    private func fetch(_ workload: String, at time: Int64) {
        guard shelf.holds(workload), let store, let rows = try? store.baselines(of: workload) else { return }
        shelf.take(workload, at: time)
        for row in rows where row.state == .armed { try? take(row, store, at: time) }
    }

    /// Puts what nobody asked for in a long time where it is found again.
    private func shelve() {
        guard let store else { return }
        for workload in shelf.surplus(of: stored.keys) {
            let digests = stored[workload, default: [:]].keys
            let keys = digests.map { BaselineKey(workload: workload, digest: $0.isEmpty ? nil : $0) }
            // A disk that is full may not have it yet.
            guard keys.allSatisfy({ (try? store.baseline($0))??.state == .armed }) else { continue }
            for key in keys { allowed[key] = nil }
            stored[workload] = nil
            shelf.put(workload)
        }
    }

    /// Takes over what a command changed since; false where nothing did.
    @discardableResult
    package func reload(_ store: Store, at time: Int64) throws(StateError) -> Bool {
        let latest = try store.revision()
        guard latest != revision else { return false }
        // What was replaced goes on from what it is now.
        for key in try store.replaced(since: revision) {
            learner.forget(key)
            pending.removeAll { $0.key == key }
        }
        for key in try store.changed(since: revision) { try reload(key, store, at: time) }
        revision = latest
        return true
    }

    private func reload(_ key: BaselineKey, _ store: Store, at time: Int64) throws(StateError) {
        let row = try store.baseline(key)
        // It is read with the others of its workload once that comes again.
        if row?.state == .armed, stored[key.workload] == nil, shelf.holds(key.workload) { return }
        stored[key.workload]?[key.digest ?? ""] = nil
        if stored[key.workload]?.isEmpty == true { stored[key.workload] = nil }
        allowed[key] = nil
        guard let row else { return }
        if row.isLearning, learner.isKept(key) {
            if !row.allowed.isEmpty { allowed[key] = BaselineIndex(row.allowed) }
        } else {
            if !row.isLearning { learner.forget(key) }
            try take(row, store, at: time)
            if row.source == .imported, key.digest == nil { forgetAll(of: key.workload) }
        }
    }

    private func take(_ row: StoredBaseline, _ store: Store, at time: Int64) throws(StateError) {
        if !row.allowed.isEmpty { allowed[row.key] = BaselineIndex(row.allowed) }
        if row.state == .armed {
            arm(row)
        } else if row.isLearning, learner.mode != .off, reviewedEntry(row.key) == nil {
            learner.restore(row, try store.behaviours(row.key), at: time)
        }
    }

    // MARK: Judging

    package func verdict(
        for behaviour: Behaviour, workload: String, digest: String?, at time: Int64
    ) -> Verdict {
        let key = BaselineKey(workload: workload, digest: digest)
        if let entry = reviewedEntry(key) { return judge(behaviour, entry, key) }
        fetch(workload, at: time)
        if let entry = stored[workload]?[digest ?? ""] {
            shelf.use(workload, at: time)
            if let until = entry.learnedUntil, time < until, !entry.knows(behaviour) { return .learning }
            return judge(behaviour, entry, key)
        }
        if let entry = stored[workload]?[""], entry.isImported {
            shelf.use(workload, at: time)
            return judge(behaviour, entry, key)
        }
        if learner.mode != .off {
            if learner.isLearning(key, at: time) {
                guard let predecessor = newest(of: workload) else { return .learning }
                if case .unknown(let info) = judge(behaviour, predecessor, key) {
                    return .release(info, isKnown: false)
                }
                return .release(predecessor.info, isKnown: true)
            }
            // The time is over, though nobody has said so yet.
            if let ended = learner.arm(key, at: time) {
                freeze(ended)
                return judge(behaviour, stored[workload]![digest ?? ""]!, key)
            }
        }
        guard let entry = stored[workload]?[""] ?? newest(of: workload) else { return .noBaseline }
        return judge(behaviour, entry, key)
    }

    /// What a person reviewed of the content itself, or of any. A content that cannot be named is taken for what was
    /// reviewed last: nothing says that it is another.
    private func reviewedEntry(_ key: BaselineKey) -> Entry? {
        guard let entries = reviewed[key.workload] else { return nil }
        return entries[key.digest ?? ""] ?? entries[""] ?? (key.digest == nil ? Self.newest(entries) : nil)
    }

    /// What judges a content that is learned no more.
    private func judging(_ key: BaselineKey) -> Entry? {
        if let entry = reviewedEntry(key) { return entry }
        let known = stored[key.workload]
        return known?[key.digest ?? ""] ?? known?[""] ?? newest(of: key.workload)
    }

    /// The newest baseline of the workload, of whatever content.
    private func newest(of workload: String) -> Entry? {
        let byPeople = reviewed[workload].flatMap(Self.newest)
        let byLearning = stored[workload].flatMap(Self.newest)
        guard let byPeople, let byLearning else { return byPeople ?? byLearning }
        return byPeople.age > byLearning.age ? byPeople : byLearning
    }

    private static func newest(_ entries: [String: Entry]) -> Entry? {
        entries.max { ($0.value.age, $0.key) < ($1.value.age, $1.key) }?.value
    }

    private func judge(_ behaviour: Behaviour, _ entry: Entry, _ key: BaselineKey) -> Verdict {
        if entry.knows(behaviour) { return .known }
        if allowed[key]?.knows(behaviour) == true || allowed[entry.info.key]?.knows(behaviour) == true { return .known }
        return .unknown(entry.info)
    }

    // MARK: Learning

    /// Learns a behaviour for which the verdict was `learning`.
    package func observe(
        _ behaviour: Behaviour, workload: String, digest: String?, image: String? = nil, key kernelKey: BehaviourKey?,
        instance: String, at time: Int64, origin: String? = nil, count: Int = 1, startSeen: Bool = true,
        quarantine: Quarantine? = nil
    ) {
        let key = BaselineKey(workload: workload, digest: digest)
        if stored[workload]?[digest ?? ""] != nil {
            guard quarantine == nil else { return }
            // It belongs to the time of learning but came after its end.
            let spec = BaselineSpec.allowing(behaviour)
            stored[workload]![digest ?? ""]!.indexes.append(BaselineIndex(spec))
            pending.append(.amend(key, spec))
            return
        }
        if !learner.isKept(key), let store, let row = try? store.baseline(key),
            row.isLearning, let behaviours = try? store.behaviours(key)
        {
            learner.restore(row, behaviours, at: time)
        }
        learner.observe(
            behaviour, of: key, image: image, as: kernelKey, instance: instance, at: time, origin: origin, count: count,
            startSeen: startSeen, quarantine: quarantine)
    }

    package func refresh(_ kernelKey: BehaviourKey, count: UInt64, last: Int64) {
        learner.refresh(kernelKey, count: count, last: last)
    }

    package func instanceEnded(workload: String, digest: String?, instance: String) {
        learner.instanceEnded(BaselineKey(workload: workload, digest: digest), instance: instance)
    }

    /// Acts of the workload since the time, and those of them that nobody looked at: of what is learned, or of what
    /// judges it by now.
    package func count(seen: Int, lost: Int, of key: BaselineKey, since: Int64 = .max, at time: Int64 = .max) {
        if learner.isKept(key) {
            learner.count(seen: seen, lost: lost, of: key, since: since, at: time)
        } else if let entry = judging(key) {
            let digest = entry.info.key.digest ?? ""
            if entry.info.file != nil {
                reviewed[key.workload]?[digest]?.info.count(seen: seen, lost: lost)
            } else {
                stored[key.workload]?[digest]?.info.count(seen: seen, lost: lost)
            }
        }
    }

    /// Behaviours that the kernel is to tell of again.
    package func takeForgettable(now: Int64) -> [BehaviourKey] { learner.takeForgettable(now: now) }

    package func lost(_ count: Int) { learner.lost(count) }

    package func paused(until time: Int64) { learner.paused(until: time) }

    package func skip(_ nanoseconds: Int64) { learner.skip(nanoseconds) }

    /// Ends what has been learned long enough; to be called about every second.
    package func tick(now: Int64) -> [Armed] {
        for ended in learner.tick(now: now) { freeze(ended) }
        shelve()
        defer { newlyArmed = [] }
        return newlyArmed
    }

    package func takeCandidates() -> [(key: BaselineKey, doubt: String)] { learner.takeCandidates() }

    /// What is to be stored since the last call, as one transaction.
    package func drain(now: Int64, whole: Bool = false) -> [StoreWrite] {
        defer { pending = [] }
        return pending + learner.drain(now: now, whole: whole).map(asRelease)
    }

    /// A release that is judged by its predecessor's baseline is a candidate from its first moment.
    private func asRelease(_ write: StoreWrite) -> StoreWrite {
        guard case .baseline(var row) = write, row.state == .learning, judges(row.key.workload) else { return write }
        row.state = .candidate
        return .baseline(row)
    }

    package func progress(at time: Int64) -> [Learner.Progress] { learner.progress(at: time) }

    /// All baselines that judge, for `baseline list` of the running daemon and for its start line.
    package var armed: [Info] {
        (reviewed.values.flatMap(\.values) + stored.values.flatMap(\.values)).map(\.info).sorted { $0.key < $1.key }
    }

    /// The baseline that judges the workload with this content; nil where none does.
    package func info(of key: BaselineKey) -> Info? {
        judging(key)?.info
    }

    /// Whether a baseline, of whatever content, judges the workload.
    package func judges(_ workload: String) -> Bool {
        reviewed[workload] != nil || stored[workload] != nil || shelf.holds(workload)
    }

    private func freeze(_ ended: Learner.Ended) {
        pending += ended.writes
        arm(ended.row, learnedUntil: ended.row.learnedUntil)
        let baseline = ended.row.baseline
        newlyArmed.append(Armed(baseline: baseline, checksum: baseline.checksum))
    }

    /// `learnedUntil`: of one that was armed just now. What comes later than that of an earlier run is its own.
    private func arm(_ row: StoredBaseline, learnedUntil: Int64? = nil) {
        stored[row.key.workload, default: [:]][row.key.digest ?? ""] = Entry(
            info: Self.info(row.baseline, file: nil, state: row.state), indexes: [BaselineIndex(row.spec)],
            age: row.armedAt ?? row.learnedUntil ?? 0, learnedUntil: learnedUntil,
            isImported: row.source == .imported)
    }

    private static func info(_ baseline: Baseline, file: String?, state: BaselineStatus.State) -> Info {
        Info(
            key: baseline.key, state: state, checksum: baseline.checksum, completeness: baseline.status.completeness,
            learnedSince: baseline.status.learnedFrom, learnedUntil: file == nil ? nil : baseline.status.learnedUntil,
            coverage: baseline.status.coverage, gaps: baseline.status.gaps, instances: baseline.status.instances,
            file: file)
    }
}

extension StoreWrite {
    /// The baseline that is written to.
    var key: BaselineKey? {
        switch self {
        case .baseline(let row): row.key
        case .behaviours(let key, _), .dropBehaviours(let key), .amend(let key, _): key
        case .alert, .meta, .life, .identity, .credential, .dropCredential: nil
        }
    }
}
