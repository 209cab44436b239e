import Events
import Foundation
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

    /// A job that runs each hour for a moment: its unit is a run.
    @Test func aJobIsSampledByItsRuns() throws {
        let baselines = Baselines(mode: .auto)
        for run in 0..<8 {
            #expect(baselines.tick(now: minutes(Double(run) * 60)).isEmpty)
            for path in ["/a", "/b"] { act(baselines, path, Double(run) * 60, by: "\(run)") }
            baselines.instanceEnded(workload: key.workload, digest: key.digest, instance: "\(run)")
            if run == 3 {
                // Four hours more, at an hour a run.
                let left = try #require(progress(baselines, 181)?.left)
                #expect(abs(left - 3 * 3600) < 3700, "\(left)")
            }
        }
        #expect(baselines.tick(now: minutes(421)).count == 1)
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
        let progress = try #require(progress(baselines, 12))
        #expect(progress.completeness > 0.8 && progress.completeness < 0.995)
        #expect(progress.missing.first?.hasPrefix("about") == true)
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
