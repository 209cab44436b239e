import Events
import Foundation
import GRDB
import Testing

@testable import Baselines

private let start: Int64 = 1_795_165_200_000_000_000
private func minutes(_ number: Double) -> Int64 { start + Int64(number * 60e9) }

/// When enough is known, and what is said before.
@Suite struct CompletionTests {
    private let key = BaselineKey(workload: "container/w", digest: "d")

    private func act(
        _ baselines: Baselines, _ path: String, _ minute: Double, by instance: String = "i", startSeen: Bool = true
    ) {
        baselines.observe(
            open(path), workload: key.workload, digest: key.digest, key: nil, instance: instance, at: minutes(minute),
            startSeen: startSeen)
    }

    private func progress(_ baselines: Baselines, _ minute: Double) -> Learner.Progress? {
        baselines.progress(at: minutes(minute)).first
    }

    /// By the extrapolation itself: so many units more bring the estimate to the target.
    @Test(arguments: [(599, 5976, 49, 23), (230, 2943, 71, 34), (150, 1730, 28, 16), (200, 1170, 13, 4)])
    func whenItWillBeComplete(_ units: Int, _ incidences: Int, _ once: Int, _ twice: Int) throws {
        let coverage = SampleCoverage(units: units, incidences: incidences, once: once, twice: twice)
        let more = try #require(coverage.unitsMore(to: 0.995))
        let factor = Double((units - 1) * once) / Double((units - 1) * once + 2 * twice)
        let then = 1 - Double(once) / Double(incidences) * pow(factor, more + 1)
        #expect(more > 0 && abs(then - 0.995) < 1e-9)
        #expect(coverage.unitsMore(to: 0.5) == 0)
        // Esty's law by hand.
        let error = (Double(once) * (1 - Double(once) / Double(incidences)) + 2 * Double(twice)).squareRoot()
        #expect(abs(coverage.standardError - error / Double(incidences)) < 1e-12)
    }

    /// Against what is true: of made-up workloads, whose every chance is known, the interval holds it 19 times in 20.
    @Test(arguments: World.all) func theIntervalHoldsTheTruth(_ world: World) {
        let chances = world.chances
        var chance = Chance(state: 1)
        let (units, worlds) = (60, 400)
        var (held, estimates, truths) = (0, 0.0, 0.0)
        for _ in 0..<worlds {
            var sampling = Sampling()
            sampling.steady.units = units
            var known = 0.0
            for one in chances {
                let seen = (0..<units).count { _ in chance.next() < one }
                for count in 0..<seen { sampling.steady[.open].add(units: count + 1) }
                if seen > 0 { known += one }
            }
            let truth = known / chances.reduce(0, +)
            let estimate = sampling.estimate()
            if (estimate.atLeast...estimate.atMost).contains(truth) { held += 1 }
            estimates += estimate.share
            truths += truth
        }
        #expect((0.92...0.98).contains(Double(held) / Double(worlds)), "\(held) of \(worlds)")
        #expect(abs(estimates - truths) / Double(worlds) < 0.002)
    }

    /// How likely each behaviour is in a unit.
    struct World: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var chances: [Double]

        static let all = [
            World(testDescription: "a few often, many rarely", chances: (1...200).map { min(0.95, 2 / Double($0)) }),
            World(testDescription: "steady", chances: some(10, 0.9) + some(30, 0.02)),
            World(testDescription: "hardly ever", chances: some(5, 0.9) + some(100, 0.005)),
        ]

        private static func some(_ count: Int, _ chance: Double) -> [Double] { Array(repeating: chance, count: count) }
    }

    /// The same numbers in each run.
    private struct Chance {
        var state: UInt64

        mutating func next() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 11) / Double(1 << 53)
        }
    }

    /// A hundred files that are read once, at the start, are no sign of more to come.
    @Test func aSteadyServiceIsCompleteInTenMinutes() {
        let baselines = Baselines(mode: .auto)
        let words = ["ant", "bee", "cat", "dog", "elk", "fox", "gnu", "hen", "ibis", "jay"]
        for first in words { for second in words { act(baselines, "/etc/\(first)/\(second)", 0) } }
        for minute in 0..<9 {
            #expect(baselines.tick(now: minutes(Double(minute))).isEmpty)
            for path in ["/a", "/b", "/c"] { act(baselines, path, Double(minute)) }
        }
        let armed = baselines.tick(now: minutes(9))
        #expect(armed.count == 1 && armed.first?.baseline.status.completeness == 1)
    }

    @Test func aStartThatWasNotSeenIsMissing() {
        let baselines = Baselines(mode: .auto)
        for minute in 0..<30 { act(baselines, "/a", Double(minute), startSeen: false) }
        #expect(baselines.tick(now: minutes(30)).isEmpty)
        #expect(progress(baselines, 30)?.missing == ["its start was not seen: restart it once"])
        #expect(baselines.takeCandidates().map(\.doubt) == ["its start was not seen: restart it once"])
        act(baselines, "/a", 31, by: "restarted")
        #expect(baselines.tick(now: minutes(31)).count == 1)
    }

    /// A job that runs each hour, or each day, for a moment: its unit is a run.
    @Test(arguments: [60.0, 1440]) func aJobIsSampledByItsRuns(_ every: Double) throws {
        let baselines = Baselines(mode: .auto)
        for run in 0..<8 {
            let minute = Double(run) * every
            #expect(baselines.tick(now: minutes(minute)).isEmpty)
            for path in ["/a", "/b"] { act(baselines, path, minute, by: "\(run)") }
            baselines.instanceEnded(workload: key.workload, digest: key.digest, instance: "\(run)")
            if run == 3 {
                // Four runs more, three of which were four before.
                let left = try #require(progress(baselines, minute + 1)?.left)
                #expect(abs(left / 60 - 3 * every) < 1, "\(left)")
            }
        }
        #expect(baselines.tick(now: minutes(7 * every + 1)).count == 1)
    }

    /// The monitor is updated every night, and the job is none the less known after eight days.
    @Test func aDailyJobOutlivesRestarts() throws {
        let store = try temporaryStore()
        for run in 0..<8 {
            let minute = Double(run) * 1440
            let baselines = Baselines(mode: .auto)
            try baselines.load(store, at: minutes(minute - 60))
            for path in ["/a", "/b"] { act(baselines, path, minute, by: "\(run)") }
            baselines.instanceEnded(workload: key.workload, digest: key.digest, instance: "\(run)")
            #expect(baselines.tick(now: minutes(minute + 1)).count == (run == 7 ? 1 : 0), "run \(run)")
            try store.write(baselines.drain(now: minutes(minute + 2), whole: true))
        }
    }

    /// One instance that wakes up each hour: its silence counts nothing, neither for it nor against it.
    @Test func aServiceThatSleepsIsSampledByItsWork() {
        let baselines = Baselines(mode: .auto)
        for hour in 0..<8 {
            #expect(baselines.tick(now: minutes(Double(hour) * 60)).isEmpty)
            for path in ["/a", "/b"] { act(baselines, path, Double(hour) * 60) }
        }
        #expect(baselines.tick(now: minutes(421)).count == 1)
    }

    /// Two replicas that show one page after another, at the same time: all is seen twice, and yet there is always more.
    @Test func replicasInLockstepAreNotComplete() {
        let baselines = Baselines(mode: .auto)
        let words = ["ant", "bee", "cat", "dog", "elk", "fox", "gnu", "hen", "ibis", "jay", "kea", "lynx"]
        for minute in 0..<12 {
            for replica in ["a", "b"] {
                for path in ["/a", "/b", "/etc/" + words[minute]] { act(baselines, path, Double(minute), by: replica) }
            }
            #expect(baselines.tick(now: minutes(Double(minute) + 0.5)).isEmpty, "minute \(minute)")
        }
        let missing = progress(baselines, 12)?.missing.first
        #expect(missing?.hasPrefix("it did something new in the last") == true, "\(missing ?? "")")
        // There is nothing new any more.
        var armed = 0
        for minute in 12..<24 {
            for replica in ["a", "b"] { act(baselines, "/a", Double(minute), by: replica) }
            armed += baselines.tick(now: minutes(Double(minute) + 0.5)).count
        }
        #expect(armed == 1)
    }

    /// A hundred containers that live for seconds, each of which also does one of ten other things.
    @Test func theShortLivedAreSampledByInstance() {
        let baselines = Baselines(mode: .auto)
        let words = ["ant", "bee", "cat", "dog", "elk", "fox", "gnu", "hen", "ibis", "jay"]
        var armed: [Int] = []
        for instance in 0..<100 where armed.isEmpty {
            let minute = Double(instance) / 20
            for path in ["/a", "/b", "/etc/" + words[instance % 10]] { act(baselines, path, minute, by: "\(instance)") }
            baselines.instanceEnded(workload: key.workload, digest: key.digest, instance: "\(instance)")
            if !baselines.tick(now: minutes(minute)).isEmpty { armed.append(instance) }
        }
        // Once each of them was seen twice.
        #expect(armed == [19])
    }

    /// What would take longer than anyone waits is not told as a number.
    @Test func noForecastIsBeyondAYear() throws {
        let store = try temporaryStore()
        func seen(_ path: String, in units: Int) -> StoredBehaviour {
            StoredBehaviour(shape: open(path), first: start, last: start, count: units, units: units)
        }
        func forecast(twice: Int) throws -> Double? {
            let row = StoredBaseline(key: key, state: .learning, learnedFor: 6e7, units: 1_000_000, starts: 1)
            var rows = (0..<1000).map { seen("/once/\($0)", in: 1) } + [seen("/often", in: 9000)]
            rows += (0..<twice).map { seen("/twice/\($0)", in: 2) }
            try store.write([.baseline(row), .behaviours(key, rows)])
            return try #require(try store.completion(key)).forecast
        }
        #expect(try forecast(twice: 1) == nil)
        // Where more was seen twice, less is to come.
        let soon = try #require(try forecast(twice: 9000))
        #expect(soon < 365 * 86_400)
    }

    @Test func whatIsRareIsForecast() throws {
        let baselines = Baselines(mode: .auto)
        let words = ["ant", "bee", "cat", "dog", "elk", "fox", "gnu", "hen", "ibis", "jay", "kea", "lynx"]
        for minute in 0..<12 {
            for path in ["/a", "/b", "/c", "/d"] { act(baselines, path, Double(minute)) }
            if minute > 4, minute.isMultiple(of: 2) { act(baselines, "/etc/" + words[minute], Double(minute)) }
            if minute > 8 { act(baselines, "/etc/twice", Double(minute)) }
        }
        #expect(baselines.tick(now: minutes(12)).isEmpty)
        let far = try #require(self.progress(baselines, 12))
        #expect(far.completeness > 0.8 && far.completeness < 0.995)
        #expect(far.missing.first?.hasPrefix("about") == true && far.missing.first?.hasSuffix("not 99.5 %") == true)
        #expect(far.left != nil)
        let lower = Baselines(mode: .auto, target: 0.8)
        for minute in 0..<12 { act(lower, "/a", Double(minute)) }
        #expect(lower.tick(now: minutes(12)).count == 1)
    }

    @Test func aRestartKnowsHowFarItWas() throws {
        let store = try temporaryStore()
        let first = Baselines(mode: .auto)
        for minute in 0..<6 {
            for path in ["/a", "/b"] { act(first, path, Double(minute)) }
            act(first, "/etc/" + ["ant", "bee", "cat", "dog", "elk", "fox"][minute], Double(minute))
        }
        try store.write(first.drain(now: minutes(6), whole: true))
        let completion = try #require(try store.completion(key))
        #expect(completion.all.share == progress(first, 6)?.completeness)
        #expect(completion.all.atLeast < completion.all.share)
        #expect(
            completion.starts == 1 && completion.units == 4
                && completion.kinds.keys.sorted { $0.rawValue < $1.rawValue } == [.open])
        #expect(completion.curve.map(\.behaviours) == [4, 5, 6, 7, 8].suffix(completion.curve.count).map { $0 })
        let second = Baselines(mode: .auto)
        try second.load(store, at: minutes(10))
        #expect(progress(second, 10)?.completeness == completion.all.share)
    }

    @Test func commandsSpeakOfWhatTheMonitorWaitsFor() throws {
        let store = try temporaryStore()
        let baselines = Baselines(mode: .auto)
        for minute in 0..<6 { act(baselines, "/a", Double(minute)) }
        try store.write(baselines.drain(now: minutes(6), whole: true))
        func say(_ ending: Learner.Ending) throws -> Completion? {
            #expect(Learner.Ending(ending.text) == ending)
            try store.write([.meta(name: Learner.Ending.name, value: ending.text)])
            return try store.completion(key)
        }
        #expect(
            try say(.init(mode: .auto))?.missing == ["it was seen at work for 5 of at least 8 minutes or starts"])
        #expect(try say(.init(mode: .duration(900)))?.missing == [])
        #expect(try say(.init(mode: .duration(900)))?.forecast == 540)
        #expect(try say(.init(mode: .off))?.missing == ["nothing is learned now (--learn off)"])
        #expect(try say(.init(mode: .off))?.forecast == nil)
        // What is armed lacks nothing.
        _ = try store.approve(key, who: "", why: "")
        #expect(try say(.init(mode: .auto)).map { $0.missing.isEmpty && $0.forecast == nil && $0.units == 4 } == true)
    }

    /// As a version before this one left it.
    @Test func anOlderStoreGoesOn() throws {
        let directory = temporaryDirectory()
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let database = try DatabaseQueue(path: directory + "/driftwatch.db")
        try StoreSchema.migrator.migrate(database, upTo: "lives")
        try database.write { db in
            try db.execute(
                sql: """
                    INSERT INTO baseline(id, workload, digest, state, source, spec, allowed, learned_for, learned_from,
                      learned_until, units, incidences, completeness, instances, seen, lost, replicas)
                    VALUES(1, 'container/w', 'd', 'learning', 'learned', '', '', 300, \(start), \(minutes(5)),
                      12, 23, 0.97, 2, 60, 0, 'a1:3 a2:3');
                    INSERT INTO behaviour(baseline, kind, executable, object, first, last, count, units, instances,
                      last_instance, of_start)
                    VALUES(1, 'open', '/bin/x', '["/etc/conf","1"]', 1, 2, 2, 2, 2, 162, 1),
                      (1, 'open', '/bin/x', '["/a","1"]', 1, 2, 9, 10, 2, 162, 0),
                      (1, 'open', '/bin/x', '["/b","1"]', 1, 2, 9, 10, 2, 162, 0),
                      (1, 'open', '/bin/x', '["/c","1"]', 1, 2, 1, 1, 1, 161, 0);
                    """)
            try db.execute(
                sql: """
                    INSERT INTO change(time, who, why, what, workload, digest, action, before)
                    VALUES(1, 'me', '', '', 'container/w', 'd', 'reset', ?)
                    """, arguments: [try Kept(key, db, behavioursToo: true).json])
        }
        try database.close()
        let (store, notice) = try Store.open(directory: directory)
        #expect(notice == nil)
        let row = try #require(try store.baseline(key))
        #expect(row.starts == 2 && row.units == 10 && row.curve.isEmpty)
        let behaviours = try store.behaviours(key)
        #expect(behaviours.count == 4 && behaviours.count { $0.starts == 2 && $0.units == 0 } == 1)
        let completion = try #require(try store.completion(key))
        #expect(completion.starts == 2 && completion.units == 10 && completion.all.share > 0.9)
        // And it is learned on, and stored by this version.
        let baselines = Baselines(mode: .auto)
        try baselines.load(store, at: minutes(10))
        #expect(
            baselines.verdict(for: open("/c"), workload: key.workload, digest: key.digest, at: minutes(10)) == .learning
        )
        act(baselines, "/c", 10, by: "later")
        try store.write(baselines.drain(now: minutes(11), whole: true))
        #expect(try store.baseline(key)?.starts == 3)
        // An undo puts rows of the older version back.
        _ = try store.undo(1, who: "me", why: "")
        #expect(try store.baseline(key)?.learnedFor == 300 && store.behaviours(key).count == 4)
    }

    @Test func theCurveIsBounded() {
        var curve = DiscoveryCurve()
        for unit in 1...10_000 { curve.add(units: unit, behaviours: unit / 10) }
        #expect(curve.points.count <= 65 && curve.points.first?.units == 1)
        #expect(DiscoveryCurve(curve.text).points == curve.points)
    }

    @Test func onlyOneOfPeers() {
        let baselines = Baselines(mode: .duration(3600))
        func peers(_ path: String, _ instance: String, startSeen: Bool = false) -> Int? {
            baselines.learner.peersWithout(open(path), of: key, instance: instance, startSeen: startSeen)
        }
        for minute in 0..<6 {
            for replica in ["a", "b", "c", "d"] {
                act(baselines, "/etc/own", Double(minute), by: replica)
                if minute == 0 { #expect(peers("/etc/odd", replica) == nil) }
            }
        }
        // Compared every ten seconds.
        _ = baselines.drain(now: minutes(6))
        #expect(peers("/etc/odd", "a") == 3)
        #expect(peers("/etc/own", "a") == nil)
        // One that starts now is compared with starts.
        #expect(peers("/etc/odd", "new", startSeen: true) == 4)
        act(baselines, "/etc/odd", 6, by: "a")
        #expect(peers("/etc/odd", "b") == nil)
    }
}
