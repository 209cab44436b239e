import Events
import Foundation
import Testing

@testable import Baselines

private let start: Int64 = 1_795_165_200_000_000_000
private func seconds(_ number: Double) -> Int64 { start + Int64(number * 1e9) }

@Suite struct LearnerTests {
    @Test(arguments: [
        // units, incidences, once, twice, estimate by hand from the paper's formula
        (10, 100, 0, 0, 1.0), (10, 100, 1, 0, 1.0), (10, 100, 2, 1, 1 - 0.02 * (18.0 / 20)),
        (10, 100, 3, 0, 1 - 0.03 * (18.0 / 20)),
        // Ants of Costa Rica, as the paper's authors publish them with iNEXT (to four digits).
        (599, 5976, 49, 23, 0.9918), (230, 2943, 71, 34, 0.9760), (150, 1730, 28, 16, 0.9839),
        (200, 1170, 13, 4, 0.9889), (200, 271, 1, 2, 0.9964),
        (1, 10, 10, 0, 0.0), (0, 0, 0, 0, 0.0), (11, 1000, 10, 5, 1 - 0.01 * (100.0 / 110)),
    ]) func coverage(_ units: Int, _ incidences: Int, _ once: Int, _ twice: Int, _ estimate: Double) {
        let coverage = SampleCoverage(units: units, incidences: incidences, once: once, twice: twice)
        #expect(abs(coverage.estimate - estimate) < (units > 100 ? 5e-5 : 1e-12))
    }

    @Test(arguments: [
        ("auto", Learner.Mode.auto), ("off", .off), ("5s", .duration(5)), ("10m", .duration(600)),
        ("24h", .duration(86400)), ("5", nil), ("s", nil), ("-5s", nil), ("0s", nil), ("1e3s", nil), ("soon", nil),
    ])
    func modes(_ text: String, _ mode: Learner.Mode?) { #expect(Learner.Mode(text) == mode) }

    private func learn(
        _ baselines: Baselines, _ behaviour: Behaviour, at time: Int64, digest: String? = "d", instance: String = "i",
        key: UInt64? = nil
    ) {
        #expect(baselines.verdict(for: behaviour, workload: "w", digest: digest, at: time) == .learning)
        baselines.observe(
            behaviour, workload: "w", digest: digest, key: key.map { BehaviourKey(high: 0, low: $0) },
            instance: instance, at: time)
    }

    private let key = BaselineKey(workload: "w", digest: "d")

    /// One of a sort that looks like a word is not new, whatever it would be by itself.
    @Test func whatAPatternKnowsIsOneOfItsSort() {
        func learned(_ paths: [String]) -> [String] {
            let baselines = Baselines(mode: .duration(60))
            for path in paths { learn(baselines, open(path), at: start) }
            let writes = baselines.drain(now: seconds(1), whole: true)
            return writes.flatMap { write -> [String] in
                guard case .behaviours(_, let rows) = write else { return [] }
                return rows.compactMap { row in
                    guard case .open(let open) = row.shape else { return nil }
                    return "\(open.path) \(row.count)"
                }
            }.sorted()
        }
        let any = #"\w\w\w\w\w\w\w\w"#
        #expect(learned(["/tmp/s3qzpqvd", "/tmp/qwertyui", "/tmp/eyhu4pj1"]) == ["/tmp/\(any) 3"])
        #expect(
            learned(["/tmp/s3qzpqvd", "/srv/qwertyui", "/tmp/word"])
                == ["/srv/qwertyui 1", "/tmp/\(any) 1", "/tmp/word 1"])
        // A whole directory is a matter of fan-out, by what was seen in it.
        #expect(learned(["/data/12345", "/data/a"]) == ["/data/* 1", "/data/a 1"])
    }

    /// A thousand novel behaviours a second for an hour: what is kept is bounded, and nothing is forgotten.
    @Test func aWorkloadThatNeverEndsIsBounded() {
        var learner = Learner(mode: .auto)
        let key = BaselineKey(workload: "w", digest: nil)
        for number in 0..<60_000 {
            // Names that no pattern of numbers covers.
            let name = String(number, radix: 8).map {
                ["ant", "bee", "cat", "dog", "elk", "fox", "gnu", "hen"][Int(String($0))!]
            }
            learner.observe(
                open("/d\(number % 7)/" + name.joined()), of: key, as: BehaviourKey(high: 0, low: UInt64(number + 1)),
                instance: "i", at: seconds(Double(number) / 1000))
        }
        #expect(learner.progress(at: seconds(60))[0].behaviours <= Learning.mostBehaviours)
        #expect(learner.snapshot(key, at: seconds(60))!.spec.open.count < 1000)
    }

    @Test func manyWorkloadsAreBoundedTogether() {
        var learner = Learner(mode: .auto)
        let quiet = BaselineKey(workload: "quiet", digest: nil)
        learner.observe(open("/etc/quiet"), of: quiet, as: nil, instance: "i", at: seconds(0))
        let words = ["ant", "bee", "cat", "dog", "elk", "fox", "gnu", "hen"]
        for workload in 0..<8 {
            let key = BaselineKey(workload: "w\(workload)", digest: nil)
            for number in 0..<15_000 {
                let name = String(number, radix: 8).map { words[Int(String($0))!] }
                learner.observe(open("/d/" + name.joined()), of: key, as: nil, instance: "i", at: seconds(1))
            }
        }
        #expect(learner.progress(at: seconds(1)).map(\.behaviours).reduce(0, +) <= Learner.mostBehaviours)
        // Whoever has little keeps it as it was.
        #expect(learner.snapshot(quiet, at: seconds(1))!.spec.open.map(\.path) == ["/etc/quiet"])
    }

    /// Beyond the bound the one that was idle for longest goes, to the store, and comes back when it acts.
    @Test func idleWorkloadsArePutAside() throws {
        let directory = NSTemporaryDirectory() + "aside-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let (store, _) = try Store.open(directory: directory)
        let baselines = Baselines(mode: .duration(3600))
        try baselines.load(store, at: seconds(0))
        func act(_ workload: Int, _ path: String, _ time: Double) {
            baselines.observe(
                open(path), workload: "w\(workload)", digest: nil, key: nil, instance: "i", at: seconds(time))
        }
        for workload in 0..<Learner.mostWorkloads { act(workload, "/etc/first", Double(workload) / 1000) }
        try store.write(baselines.drain(now: seconds(9)))
        #expect(baselines.learner.asideCount == 0)
        act(Learner.mostWorkloads, "/etc/first", 10)
        #expect(baselines.learner.asideCount == 1)
        #expect(baselines.learner.keys.count == Learner.mostWorkloads)
        #expect(!baselines.learner.isKept(BaselineKey(workload: "w0", digest: nil)))
        try store.write(baselines.drain(now: seconds(11)))
        try store.write(baselines.drain(now: seconds(12)))

        act(0, "/etc/second", 13)
        let again = baselines.learner.snapshot(BaselineKey(workload: "w0", digest: nil), at: seconds(13))
        #expect(again?.spec.open.map(\.path).sorted() == ["/etc/first", "/etc/second"])
    }

    @Test func aDurationEndsByTheTimeOfTheAct() {
        let baselines = Baselines(mode: .duration(5))
        learn(baselines, open("/a"), at: seconds(0))
        learn(baselines, open("/proc/12/stat"), at: seconds(4.9))
        #expect(baselines.tick(now: seconds(4.95)).isEmpty)
        // Nobody has ticked, but the time is over.
        #expect(baselines.verdict(for: open("/a"), workload: "w", digest: "d", at: seconds(5)) == .known)
        #expect(baselines.verdict(for: open("/proc/99/stat"), workload: "w", digest: "d", at: seconds(5)) == .known)
        guard case .unknown(let info) = baselines.verdict(for: open("/b"), workload: "w", digest: "d", at: seconds(6))
        else {
            Issue.record("must be unknown")
            return
        }
        #expect(info.state == .armed && info.learnedSince == seconds(0) && info.key.digest == "d")
        let armed = baselines.tick(now: seconds(7))
        #expect(armed.map(\.checksum) == [info.checksum])
        #expect(baselines.tick(now: seconds(8)).isEmpty)
        // What came late but was done in time belongs to it.
        learn(baselines, open("/late"), at: seconds(4.99))
        #expect(baselines.verdict(for: open("/late"), workload: "w", digest: "d", at: seconds(9)) == .known)
    }

    @Test func autoEndsWhenEnoughIsKnown() {
        let baselines = Baselines(mode: .auto)
        for minute in 0..<12 {
            for (number, path) in ["/a", "/b", "/c"].enumerated() {
                if minute == 0 {
                    learn(baselines, open(path), at: seconds(1), key: UInt64(number))
                } else {
                    baselines.refresh(
                        BehaviourKey(high: 0, low: UInt64(number)), count: UInt64(minute + 1),
                        last: seconds(Double(minute) * 60 + 2))
                }
            }
            baselines.count(seen: 3, lost: 0, of: key, since: start, at: seconds(Double(minute) * 60 + 2))
            let armed = baselines.tick(now: seconds(Double(minute) * 60 + 3))
            #expect(armed.count == (minute == 8 ? 1 : 0), "minute \(minute)")
            if let baseline = armed.first?.baseline {
                #expect(baseline.status.completeness == 1 && baseline.status.coverage?.seen == 27)
                return
            }
        }
    }

    @Test func autoDoesNotEndWithLossesOrNovelties() {
        let lossy = Baselines(mode: .auto)
        let novel = Baselines(mode: .auto)
        learn(lossy, open("/a"), at: seconds(0), key: 1)
        lossy.count(seen: 2, lost: 1, of: key, since: seconds(-1), at: seconds(1))
        for minute in 1..<40 {
            lossy.refresh(
                BehaviourKey(high: 0, low: 1), count: UInt64(minute + 1), last: seconds(Double(minute) * 60 + 1))
            learn(novel, open("/x/" + String(UnicodeScalar(UInt8(60 + minute)))), at: seconds(Double(minute) * 60))
            lossy.count(seen: 1, lost: 0, of: key, since: start, at: seconds(Double(minute) * 60 + 1))
            #expect(lossy.tick(now: seconds(Double(minute) * 60 + 2)).isEmpty)
            #expect(novel.tick(now: seconds(Double(minute) * 60 + 2)).isEmpty)
        }
        // A person may decide what is not decided by itself, once, and is told why.
        #expect(
            lossy.takeCandidates().map(\.doubt) == [
                "1 of 41 acts were not seen"
            ])
        #expect(lossy.takeCandidates().isEmpty && novel.takeCandidates().isEmpty)
        #expect(lossy.learner.status(key, at: seconds(2400))?.state == .candidate)
        #expect(novel.learner.status(key, at: seconds(2400))?.state == .learning)
    }

    @Test func aCandidateGoesOnAfterARestart() throws {
        let store = try temporaryStore()
        let first = Baselines(mode: .auto)
        for minute in 0..<12 {
            learn(first, open("/a"), at: seconds(Double(minute) * 60))
            let now = seconds(Double(minute) * 60 + 1)
            first.count(seen: 1, lost: minute == 3 ? 1 : 0, of: key, since: now, at: now)
        }
        try store.write(first.drain(now: seconds(720)))
        #expect(try store.baseline(key)?.state == .candidate)
        let second = Baselines(mode: .auto)
        try second.load(store, at: seconds(3600))
        #expect(second.verdict(for: open("/b"), workload: "w", digest: "d", at: seconds(3601)) == .learning)
        // The loss, and the time between both.
        #expect(second.learner.status(key, at: seconds(3601))?.gaps == 2)
        #expect(second.learner.status(key, at: seconds(3601))?.coverage == .init(seen: 12, lost: 1))
    }

    @Test func silenceCompletesNothing() {
        let baselines = Baselines(mode: .auto)
        learn(baselines, open("/a"), at: seconds(0))
        learn(baselines, open("/a"), at: seconds(61))
        for hour in 1..<48 { #expect(baselines.tick(now: seconds(Double(hour) * 3600)).isEmpty) }
        // A start and seven minutes in which something was done, however far apart.
        for hour in 1..<7 { learn(baselines, open("/a"), at: seconds(Double(hour) * 7200)) }
        #expect(baselines.tick(now: seconds(50_400)).isEmpty)
        learn(baselines, open("/a"), at: seconds(50_400))
        #expect(baselines.tick(now: seconds(50_401)).count == 1)
    }

    struct Interruption: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// By how much the time of day went on without being a time of learning.
        var skipped: Double
    }

    @Test(arguments: [
        Interruption(testDescription: "stopped for 6 s", skipped: 6),
        Interruption(testDescription: "clock set an hour ahead", skipped: 3600),
        Interruption(testDescription: "clock set an hour back", skipped: -3600),
    ])
    func whatIsNotWatchedIsNotLearned(_ interruption: Interruption) {
        let baselines = Baselines(mode: .duration(5))
        let skipped = interruption.skipped
        learn(baselines, open("/a"), at: seconds(0))
        baselines.paused(until: seconds(1 + skipped))
        baselines.skip(Int64(skipped * 1e9))
        #expect(baselines.tick(now: seconds(1 + skipped)).isEmpty)
        // Done in a pause, and seen all the same: learned, of this workload and of a new one.
        learn(baselines, open("/b"), at: seconds(0.5 + min(0, skipped)))
        baselines.observe(
            open("/c"), workload: "new", digest: nil, key: nil, instance: "i", at: seconds(min(1, 1 + skipped)))
        #expect(baselines.tick(now: seconds(4.9 + skipped)).isEmpty)
        let armed = baselines.tick(now: seconds(5 + skipped))
        #expect(armed.map(\.baseline.key.workload) == ["w"])
        #expect(armed.first?.baseline.spec.open.map(\.path) == ["/a", "/b"])
        #expect(armed.first?.baseline.status.gaps == 1)
        #expect(baselines.tick(now: seconds(6 + skipped)).map(\.baseline.key.workload) == ["new"])
    }

    @Test func aBaselineLearnedWithLossesSaysSo() {
        let baselines = Baselines(mode: .duration(5))
        for unit in 0..<16 { learn(baselines, open("/a"), at: seconds(Double(unit) * 0.3)) }
        baselines.count(seen: 100, lost: 25, of: key, since: seconds(4), at: seconds(5))
        let status = baselines.tick(now: seconds(5)).first?.baseline.status
        #expect(status?.completeness == 0.75 && status?.coverage == .init(seen: 100, lost: 25) && status?.gaps == 1)
    }

    @Test func aFloodIsBounded() {
        var learning = Learning(key: BaselineKey(workload: "w"), image: nil, start: start, unit: 60_000_000_000)
        func word(_ number: Int) -> String {
            var number = number
            return (0..<5).map { _ in
                defer { number /= 20 }
                return String(UnicodeScalar(UInt8(103 + number % 20)))
            }.joined()
        }
        for number in 0..<50_000 {
            learning.observe(open("/srv/data/" + word(number)), instance: "i", at: start, origin: nil, count: 1)
        }
        #expect(learning.shapes.count <= Learning.mostBehaviours && learning.overflowed == 0)
        #expect(BaselineIndex(learning.spec).knows(open("/srv/data/" + word(49_999))))
        for number in 0..<50_000 {
            learning.observe(exec("/bin/" + word(number)), instance: "i", at: start, origin: nil, count: 1)
        }
        #expect(learning.shapes.count + learning.collapsed.count <= Learning.mostBehaviours)
        #expect(learning.overflowed > 0 && learning.completeness == 0)
    }

    @Test func reviewedBaselinesJudgeFromTheFirstMoment() throws {
        let baselines = Baselines(mode: .auto)
        let text =
            "apiVersion: driftwatch/v1\nkind: Baseline\nmetadata: {workload: w}\nspec: {open: [{exe: /a, path: /x, access: [read]}]}\n"
        baselines.add(reviewed: try BaselineFile.parse(text, file: "one.yaml"))
        baselines.add(reviewed: try BaselineFile.parse(text.replacing("[read]", with: "[write]"), file: "two.yaml"))
        #expect(baselines.verdict(for: open("/x", [.read, .write]), workload: "w", digest: "any", at: start) == .known)
        guard case .unknown(let info) = baselines.verdict(for: open("/y"), workload: "w", digest: "any", at: start)
        else {
            Issue.record("must be unknown")
            return
        }
        #expect(info.file == "one.yaml" && info.state == .armed)
        #expect(baselines.verdict(for: open("/y"), workload: "v", digest: nil, at: start) == .learning)
    }

    @Test func withoutLearningTheNewestOfTheWorkloadServes() throws {
        let baselines = Baselines(mode: .off)
        let store = try temporaryStore()
        #expect(baselines.verdict(for: open("/x"), workload: "w", digest: "d", at: start) == .noBaseline)
        for (digest, path, armed) in [("one", "/1", 1), ("two", "/2", 3), ("three", "/3", 2)] {
            try store.write([
                .baseline(
                    StoredBaseline(
                        key: BaselineKey(workload: "w", digest: digest), state: .armed,
                        spec: BaselineSpec(open: [OpenEntry(executable: "/a", path: path, access: .read)]),
                        armedAt: Int64(armed)))
            ])
        }
        try baselines.load(store, at: start)
        #expect(baselines.verdict(for: open("/1"), workload: "w", digest: "one", at: start) == .known)
        #expect(baselines.verdict(for: open("/2"), workload: "w", digest: "new", at: start) == .known)
        guard case .unknown(let info) = baselines.verdict(for: open("/1"), workload: "w", digest: "new", at: start)
        else {
            Issue.record("must be unknown")
            return
        }
        #expect(info.key.digest == "two")
    }

    @Test func aRestartGoesOnWhereItWas() throws {
        let store = try temporaryStore()
        let first = Baselines(mode: .duration(10))
        learn(first, open("/a"), at: seconds(0))
        learn(first, exec("/bin/sh", "sh", "-c", "x*\n"), at: seconds(6))
        try store.write(first.drain(now: seconds(6)))
        // An hour without the monitor is no learning.
        let second = Baselines(mode: .duration(10))
        try second.load(store, at: seconds(3600))
        learn(second, open("/b"), at: seconds(3603.9))
        #expect(second.tick(now: seconds(3603.9)).isEmpty)
        let armed = second.tick(now: seconds(3604))
        #expect(
            armed.count == 1 && armed[0].baseline.spec.open.map(\.path) == ["/a", "/b"]
                && armed[0].baseline.spec.exec.count == 1)
        try store.write(second.drain(now: seconds(3605)))
        let third = Baselines(mode: .duration(10))
        try third.load(store, at: seconds(9000))
        #expect(
            third.verdict(for: exec("/bin/sh", "sh", "-c", "x*\n"), workload: "w", digest: "d", at: seconds(9000))
                == .known)
        #expect(third.armed.map(\.checksum) == armed.map(\.checksum))
    }

    /// What was armed a moment ago is not stored yet.
    @Test func anEditOfOneLeavesTheOthersAlone() throws {
        let store = try temporaryStore()
        let baselines = Baselines(mode: .duration(10))
        try baselines.load(store, at: seconds(0))
        learn(baselines, open("/a"), at: seconds(0))
        #expect(baselines.tick(now: seconds(10)).count == 1)
        let other = BaselineKey(workload: "other")
        try store.importBaseline(
            Baseline(key: other, spec: BaselineSpec.allowing(open("/b"))), who: "me", why: "reviewed")
        #expect(try baselines.reload(store, at: seconds(11)))
        #expect(baselines.verdict(for: open("/a"), workload: "w", digest: "d", at: seconds(12)) == .known)
        #expect(baselines.verdict(for: open("/b"), workload: "other", digest: "d", at: seconds(12)) == .known)
        #expect(baselines.drain(now: seconds(12)).contains { $0.key == BaselineKey(workload: "w", digest: "d") })
    }

    @Test func editsReachARunningDaemon() throws {
        let store = try temporaryStore()
        let command = try Store.attach(directory: (store.path as NSString).deletingLastPathComponent)
        let baselines = Baselines(mode: .duration(1000))
        let key = BaselineKey(workload: "w", digest: "d")
        try baselines.load(store, at: seconds(0))
        learn(baselines, open("/a"), at: seconds(0))
        try store.write(baselines.drain(now: seconds(1)))
        try store.write(baselines.drain(now: seconds(2)))
        #expect(try command.current(key)?.spec.open.count == 1)

        #expect(try command.approve(key, who: "me", why: "seen enough").status.state == .armed)
        #expect(try baselines.reload(store, at: seconds(3)))
        #expect(try !baselines.reload(store, at: seconds(3)))
        #expect(baselines.verdict(for: open("/a"), workload: "w", digest: "d", at: Int64.max) == .known)
        #expect(baselines.verdict(for: open("/b"), workload: "w", digest: "d", at: Int64.max) != .known)

        try command.allow(BaselineSpec.allowing(open("/b")), for: key, who: "me", why: "it is fine")
        try baselines.reload(store, at: seconds(4))
        #expect(baselines.verdict(for: open("/b"), workload: "w", digest: "d", at: Int64.max) == .known)

        try command.reset(key, who: "me", why: "new start")
        try baselines.reload(store, at: seconds(5))
        #expect(baselines.verdict(for: open("/a"), workload: "w", digest: "d", at: seconds(6)) == .learning)
        #expect(try command.changes().map(\.action) == [.reset, .allow, .approve])
        #expect(throws: StateError.self) { try command.approve(BaselineKey(workload: "none"), who: "", why: "") }
    }
}

func temporaryDirectory() -> String {
    FileManager.default.temporaryDirectory.appending(path: "driftwatch-\(UUID().uuidString)").path
}

func temporaryStore() throws -> Store { try Store.open(directory: temporaryDirectory()).store }
