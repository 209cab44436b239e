import Baselines
import Events
import Testing
import Workloads

@testable import Drift

@Suite struct BeatTests {
    private static let second: UInt64 = 1_000_000_000

    private func exec(_ seconds: Double, key: UInt64 = 1, _ word: String = "check") -> Observation {
        let actor = Actor(
            process: ProcessName(pid: 9, start: 1), cgroup: 7, executable: ResolvedPath("/bin/curl"),
            parentExecutable: ResolvedPath("/usr/bin/runc"))
        let event = Event(
            time: UInt64(seconds * 1e9), key: BehaviourKey(high: 0, low: key), actor: actor,
            act: .exec(Exec(filename: "/bin/curl", arguments: ["curl", word])))
        return Observation(
            event: event, workload: Workload(id: "oci/a", kind: .oci, instance: "a"), origin: .injected, time: 1)
    }

    @Test(
        arguments: [
            ("every ten seconds", [10.0, 20, 30], true), ("roughly", [10, 21, 30], true), ("twice", [10, 20], false),
            ("a person", [10, 12, 47, 51, 300], false), ("a loop", [1, 1.5, 2, 2.5, 3], false),
            ("a person, then a probe", [3, 20, 30, 40], true), ("too seldom", [0, 8000, 16000, 24000], false),
        ] as [(String, [Double], Bool)])
    func whatIsRegular(_ what: String, _ times: [Double], _ isRegular: Bool) {
        var beats = Beats()
        var last = Beats.Change.irregular
        for time in times { last = beats.ran(exec(time), home: 7) }
        #expect((last == .irregular) != isRegular, "\(what)")
    }

    /// Repeats of what was told once come as counts.
    @Test func countsTellABeatToo() {
        var beats = Beats()
        let first = beats.ran(exec(10), home: 7)
        #expect(first == .irregular)
        let second = beats.counted(BehaviourKey(high: 0, low: 1), count: 2, last: 20 * Self.second)
        let third = beats.counted(BehaviourKey(high: 0, low: 1), count: 4, last: 40 * Self.second)
        let fourth = beats.counted(BehaviourKey(high: 0, low: 1), count: 4, last: 40 * Self.second)
        #expect(second == .irregular && third == .becameRegular && fourth == .regular)
        let other = beats.counted(BehaviourKey(high: 0, low: 2), count: 4, last: 40 * Self.second)
        #expect(other == nil)
        // Told again, it goes on.
        let again = beats.ran(exec(50), home: 7)
        let elsewhere = beats.ran(exec(50, key: 3), home: 8)
        let otherwise = beats.ran(exec(50, key: 4, "other"), home: 7)
        #expect(again == .regular && elsewhere == .irregular && otherwise == .irregular)
    }

    /// It is learned like what the workload does itself; unknown to an armed baseline, it is not told again.
    @Test func aProbeIsNoIntruder() {
        var probe = exec(10)
        probe.origin = .probe
        var detector = Detector(seed: 1)
        let facts = BaselineFacts(state: "armed")
        let learned = detector.judge(probe, .learning(facts)).outcome
        let unknown = detector.judge(probe, .unknown(facts)).outcome
        let other = detector.judge(exec(20), .unknown(facts)).alert?.rule
        #expect(learned == .learn && unknown == .quiet && other == .execInjected)
    }

    /// Its repeats are the same exec, and were part of an incident before anyone knew.
    @Test func aProbeIsForgiven() {
        var act = exec(10)
        act.event.actor.exec = 5
        var detector = Detector(seed: 1)
        let facts = BaselineFacts(state: "armed")
        _ = detector.judge(act, .learning(facts))
        act.origin = .probe
        act.event.actor.process.pid = 10
        let tainted = detector.judge(act, .learning(facts)).outcome
        detector.forgive(exec: 5)
        act.event.actor.process.pid = 11
        let forgiven = detector.judge(act, .learning(facts)).outcome
        #expect(tainted == .quiet && forgiven == .learn)
    }
}
