import Events
import Testing

@testable import Baselines

@Suite struct HistoryTests {
    private let key = BaselineKey(workload: "w", digest: "d")

    /// One of each, and what has to be there before.
    enum Change: String, CaseIterable {
        case approve, allow, reset, `import`, merge

        func make(_ store: Store, _ key: BaselineKey) throws {
            let baseline = Baseline(
                key: key, image: "i:1", spec: BaselineSpec.allowing(listen(80)),
                status: BaselineStatus(state: .armed, completeness: 0.5, coverage: .init(seen: 5, lost: 1)))
            switch self {
            case .approve: _ = try store.approve(key, who: "me", why: "why")
            case .allow: try store.allow(BaselineSpec.allowing(open("/allowed")), for: key, who: "me", why: "why")
            case .reset: try store.reset(key, who: "me", why: "why")
            case .import: try store.importBaseline(baseline, who: "me", why: "why")
            case .merge: _ = try store.merge(baseline, who: "me", why: "why")
            }
        }
    }

    private func learned() throws -> Store {
        let store = try temporaryStore()
        try store.write([
            .baseline(
                StoredBaseline(
                    key: key, state: .learning, allowed: BaselineSpec(), learnedFor: 7.5, learnedFrom: 3, units: 2)),
            .behaviours(
                key,
                [
                    StoredBehaviour(shape: open("/a"), first: 1, last: 2, count: 3, origin: "child"),
                    StoredBehaviour(
                        shape: open("/etc/shadow"), first: 1, last: 2, count: 1, quarantine: Quarantine("credential")),
                ]),
        ])
        return store
    }

    private struct State: Equatable {
        var row: StoredBaseline?
        var shapes: Set<Behaviour>

        init(_ store: Store, _ key: BaselineKey) throws {
            row = try store.baseline(key)
            shapes = Set(try store.behaviours(key).map(\.shape))
        }
    }

    @Test(arguments: Change.allCases) func isUndoneAndRedone(_ change: Change) throws {
        let store = try learned()
        let before = try State(store, key)
        try change.make(store, key)
        let after = try State(store, key)
        #expect(before != after)
        #expect(
            try store.undoLatest(of: "w", digest: { _ in true }, who: "you", why: "").action.rawValue == change.rawValue
        )
        #expect(try State(store, key) == before)
        #expect(throws: StateError.self) { try store.undo(1, who: "", why: "") }
        _ = try store.undo(2, who: "you", why: "after all")
        #expect(try State(store, key) == after)
        let log = try store.changes()
        #expect(log.map(\.action.rawValue) == ["undo", "undo", change.rawValue])
        #expect(log.map(\.undoneBy) == [nil, 3, nil] && log.map(\.undoes) == [2, 1, nil])
        #expect(log[0].who == "you" && log[0].why == "after all" && log[2].who == "me" && log[2].why == "why")
    }

    @Test(arguments: [Change.allow, .import, .merge]) func whatWasMadeFromNothingGoesAgain(_ change: Change) throws {
        let store = try temporaryStore()
        try change.make(store, key)
        _ = try store.undo(1, who: "", why: "")
        #expect(try store.baselines().isEmpty)
    }

    @Test func changesAreUndoneInTheirOrder() throws {
        let store = try learned()
        try store.allow(BaselineSpec.allowing(open("/one")), for: key, who: "", why: "")
        try store.allow(BaselineSpec.allowing(open("/two")), for: key, who: "", why: "")
        let error = #expect(throws: StateError.self) { try store.undo(1, who: "", why: "") }
        #expect(error?.description.contains("followed by change 2; undo that first") == true)
        for expected in [2, 1] {
            #expect(try store.undoLatest(of: "w", digest: { $0 == "d" }, who: "", why: "").id == expected)
        }
        let none = #expect(throws: StateError.self) {
            try store.undoLatest(of: "w", digest: { _ in true }, who: "", why: "")
        }
        #expect(none?.description == "nothing was changed about w that could be undone")
        // Redoing the second without the first would bring the first back unasked.
        let gap = #expect(throws: StateError.self) { try store.undo(3, who: "", why: "") }
        #expect(gap?.description.contains("followed by change 4") == true)
        _ = try store.undo(4, who: "", why: "")
        _ = try store.undo(3, who: "", why: "")
        #expect(try store.baseline(key)?.allowed.open.map(\.path) == ["/one", "/two"])
    }

    /// The monitor goes on learning below what people allow.
    @Test func undoingAnAllowLeavesWhatWasLearnedSince() throws {
        let store = try learned()
        try store.allow(BaselineSpec.allowing(open("/allowed")), for: key, who: "", why: "")
        try store.write(
            [
                .baseline(StoredBaseline(key: key, state: .armed, spec: BaselineSpec.allowing(open("/later")))),
                .behaviours(key, [StoredBehaviour(shape: open("/b"), first: 1, last: 2, count: 3)]),
            ], knowing: 0)
        _ = try store.undo(1, who: "", why: "")
        let row = try #require(try store.baseline(key))
        #expect(row.allowed.isEmpty && row.spec.open.map(\.path) == ["/later"] && row.state == .armed)
        #expect(try store.behaviours(key).count == 3)
    }

    /// The monitor hands over what it learned before it has heard of a change.
    @Test(arguments: [Change.import, .approve, .reset]) func aLateWriteOverwritesNoChange(_ change: Change) throws {
        let store = try learned()
        let other = BaselineKey(workload: "other")
        try change.make(store, key)
        let after = try State(store, key)
        let late: [StoreWrite] = [
            .baseline(StoredBaseline(key: key, state: .learning)), .dropBehaviours(key),
            .behaviours(
                key, [StoredBehaviour(shape: open("/late"), first: 1, last: 2, count: 3, quarantine: Quarantine("x"))]),
            .amend(key, BaselineSpec.allowing(open("/late"))), .baseline(StoredBaseline(key: other, state: .learning)),
        ]
        try store.write(late, knowing: 0)
        #expect(try State(store, key) == after)
        #expect(try store.baseline(other) != nil)
        try store.write(late, knowing: store.revision())
        #expect(try State(store, key) != after)
    }

    private func seconds(_ seconds: Int64) -> Int64 { seconds * 1_000_000_000 }

    private func learn(_ baselines: Baselines, _ behaviour: Behaviour, at time: Int64) {
        #expect(baselines.verdict(for: behaviour, workload: "w", digest: "d", at: time) == .learning)
        baselines.observe(behaviour, workload: "w", digest: "d", key: nil, instance: "i", at: time)
    }

    @Test func aRunningMonitorGoesBackToWhatWasReset() throws {
        let store = try temporaryStore()
        let baselines = Baselines(mode: .duration(1000))
        try baselines.load(store, at: seconds(0))
        learn(baselines, open("/a"), at: seconds(0))
        try store.write(baselines.drain(now: seconds(1)), knowing: 0)
        try store.reset(key, who: "", why: "")
        try baselines.reload(store, at: seconds(2))
        learn(baselines, open("/b"), at: seconds(3))
        try store.write(baselines.drain(now: seconds(3)), knowing: 1)
        _ = try store.undo(1, who: "", why: "")
        try baselines.reload(store, at: seconds(4))
        learn(baselines, open("/c"), at: seconds(5))
        try store.write(baselines.drain(now: seconds(6), whole: true), knowing: 2)
        #expect(Set(try store.behaviours(key).map(\.shape)) == [open("/a"), open("/c")])
        // What took its place is not lost either.
        _ = try store.undo(2, who: "", why: "")
        #expect(try store.behaviours(key).map(\.shape) == [open("/b")])
    }

    @Test func onlyTheLatestCanBeUndone() throws {
        let store = try temporaryStore()
        for port in 1...UInt16(Store.undoable + 2) {
            try store.allow(BaselineSpec.allowing(listen(port)), for: key, who: "", why: "")
        }
        for _ in 0..<Store.undoable { _ = try store.undoLatest(of: "w", digest: { _ in true }, who: "", why: "") }
        #expect(try store.baseline(key)?.allowed.listen.count == 2)
        let error = #expect(throws: StateError.self) { try store.undo(2, who: "", why: "") }
        #expect(error?.description.contains("not kept any more") == true)
    }

    /// A state of an earlier version, with its log.
    @Test func anEarlierLogIsTakenOver() throws {
        let store = try temporaryStore()
        try store.change { db in
            try db.execute(
                sql: """
                    DROP INDEX change_workload; DROP TABLE change;
                    CREATE TABLE change(id INTEGER PRIMARY KEY, time INTEGER NOT NULL, who TEXT NOT NULL,
                      why TEXT NOT NULL, what TEXT NOT NULL, workload TEXT NOT NULL, digest TEXT NOT NULL);
                    INSERT INTO change VALUES(1, 5, 'me', 'new', 'allow open:\n', 'w', ''), (2, 6, 'me', '', 'reset', 'w', 'd');
                    DELETE FROM grdb_migrations WHERE identifier = 'history';
                    """)
        }
        let later = try Store.attach(directory: String(store.path.dropLast("/driftwatch.db".count)))
        let log = try later.changes(of: "w")
        #expect(log.map(\.action) == [.reset, .allow] && log.map(\.what) == ["", "open:\n"])
        #expect(try later.revision() == 2)
        let error = #expect(throws: StateError.self) { try later.undo(2, who: "", why: "") }
        #expect(error?.description.contains("not kept any more") == true)
    }

    @Test func aChangeThatIsNotThereIsTold() throws {
        let error = #expect(throws: StateError.self) { try learned().undo(5, who: "", why: "") }
        #expect(error?.description == "no change 5; driftwatch baseline history shows those that were made")
    }
}
