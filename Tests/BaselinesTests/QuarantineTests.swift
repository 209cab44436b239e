import Events
import Foundation
import Testing

@testable import Baselines

private let start: Int64 = 1_795_165_200_000_000_000
private func seconds(_ number: Double) -> Int64 { start + Int64(number * 1e9) }

/// What is seen while learning, and why it is learned or not.
@Suite struct QuarantineTests {
    private let key = BaselineKey(workload: "oci/w", digest: "d")

    private final class Lesson {
        let baselines = Baselines(mode: .duration(1200))
        var kernelKey: UInt64 = 0

        func act(
            _ path: String, minute: Double, by instance: String = "a", _ quarantine: Quarantine? = nil,
            startSeen: Bool = true
        ) {
            kernelKey += 1
            baselines.observe(
                open(path), workload: "oci/w", digest: "d", key: BehaviourKey(high: 0, low: kernelKey),
                instance: instance, at: seconds(minute * 60), startSeen: startSeen, quarantine: quarantine)
        }

        /// What the baseline knows in the end.
        func learned() -> [String] {
            baselines.tick(now: seconds(1201)).first?.baseline.spec.open.map(\.path) ?? []
        }

        /// What of it is in quarantine.
        func held() -> [String: Quarantine] {
            var held: [String: Quarantine] = [:]
            for case .behaviours(_, let rows) in baselines.drain(now: seconds(1202), whole: true) {
                for row in rows {
                    if case .open(let open) = row.shape { held[open.path] = row.quarantine }
                }
            }
            return held
        }
    }

    @Test(arguments: [
        Quarantine.session, .outside, .follows("exec.dropped"), .neverNormal("open.credential"), .loss, .oneReplica,
    ]) func textsComeBack(_ quarantine: Quarantine) { #expect(Quarantine(quarantine.text) == quarantine) }

    @Test func whatANewerVersionHeldStaysHeld() { #expect(Quarantine("phase of the moon").isNeverNormal) }

    struct Clean: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var quarantine: Quarantine
        /// By whom, and in which minute, it was done without the reason.
        var sightings: [(instance: String, minute: Double)]
        var isLearned: Bool
    }

    @Test(arguments: [
        Clean(testDescription: "a session's", quarantine: .session, sightings: [], isLearned: false),
        Clean(
            testDescription: "done by itself twice", quarantine: .session, sightings: [("a", 2), ("a", 4)],
            isLearned: false),
        Clean(
            testDescription: "in three units", quarantine: .session, sightings: [("a", 2), ("a", 4), ("a", 6)],
            isLearned: true),
        Clean(
            testDescription: "thrice in one unit", quarantine: .session,
            sightings: [("a", 2), ("a", 2.1), ("a", 2.2)], isLearned: false),
        Clean(
            testDescription: "by two instances", quarantine: .follows("exec.dropped"),
            sightings: [("a", 2), ("b", 2)], isLearned: true),
        Clean(
            testDescription: "never normal", quarantine: .neverNormal("exec.fileless"),
            sightings: [("a", 2), ("b", 2), ("c", 2), ("a", 4), ("b", 4), ("a", 6)], isLearned: false),
    ]) func consensus(_ clean: Clean) {
        let lesson = Lesson()
        lesson.act("/etc/own", minute: 0)
        lesson.act("/etc/odd", minute: 1, clean.quarantine)
        for sighting in clean.sightings { lesson.act("/etc/odd", minute: sighting.minute, by: sighting.instance) }
        // A second time as at first changes nothing.
        lesson.act("/etc/odd", minute: 8, clean.quarantine)
        lesson.act("/etc/own", minute: 9, .session)
        #expect(lesson.learned() == (clean.isLearned ? ["/etc/odd", "/etc/own"] : ["/etc/own"]))
        #expect(lesson.held() == (clean.isLearned ? [:] : ["/etc/odd": clean.quarantine]))
    }

    @Test func whatWasDoneWhileActsWereLost() {
        let lesson = Lesson()
        lesson.act("/etc/before", minute: 0)
        lesson.act("/etc/during", minute: 1)
        lesson.act("/etc/repeated", minute: 1)
        lesson.baselines.count(seen: 100, lost: 1, of: key, since: seconds(59), at: seconds(61))
        // It waited in the ring meanwhile.
        lesson.act("/etc/late", minute: 1.01)
        lesson.act("/etc/after", minute: 2)
        lesson.act("/etc/repeated", minute: 3)
        #expect(lesson.learned() == ["/etc/after", "/etc/before", "/etc/repeated"])
        #expect(lesson.held() == ["/etc/during": .loss, "/etc/late": .loss])
    }

    /// Three replicas, of which one does more than the others.
    @Test(arguments: [2, 3, 5]) func oneReplicaOfMany(_ count: Int) {
        let lesson = Lesson()
        for replica in 0..<count {
            for minute in 0..<6 { lesson.act("/etc/own", minute: Double(minute), by: "\(replica)") }
        }
        for minute in 2..<6 { lesson.act("/etc/stolen", minute: Double(minute), by: "1") }
        #expect(lesson.learned() == (count > 2 ? ["/etc/own"] : ["/etc/own", "/etc/stolen"]))
        #expect(lesson.held() == (count > 2 ? ["/etc/stolen": .oneReplica] : [:]))
        // The kernel is to tell of it again, and only of it.
        #expect(lesson.baselines.takeForgettable(now: seconds(1202)).count == (count > 2 ? 4 : 0))
    }

    /// Names that differ in each replica, but come to one pattern.
    @Test func aPatternOfSeveralReplicasIsTheirs() {
        let lesson = Lesson()
        let words = ["ant", "bee", "cat", "dog", "elk", "fox", "gnu", "hen"]
        for replica in 0..<3 {
            for minute in 0..<8 {
                lesson.act("/data/shop/\(words[minute])-\(words[replica])", minute: Double(minute), by: "\(replica)")
            }
        }
        #expect(lesson.learned() == ["/data/shop/*"])
        #expect(lesson.held().isEmpty)
    }

    /// Of three old replicas one was restarted: what its start shows is not odd.
    @Test func startsAreComparedWithStarts() {
        let lesson = Lesson()
        lesson.act("/etc/config", minute: 0, by: "c")
        for replica in ["a", "b", "c"] {
            for minute in 0..<6 {
                lesson.act("/etc/own", minute: Double(minute), by: replica, startSeen: replica == "c")
            }
        }
        #expect(lesson.learned() == ["/etc/config", "/etc/own"])
    }

    @Test func aRestartOfTheMonitorMakesNoReplicas() throws {
        let store = try temporaryStore()
        let first = Lesson()
        for replica in ["a", "b", "c"] {
            for minute in 0..<4 { first.act("/etc/own", minute: Double(minute), by: replica) }
        }
        first.act("/etc/odd", minute: 3, by: "b")
        first.act("/etc/session", minute: 3, by: "b", .session)
        try store.write(first.baselines.drain(now: seconds(240), whole: true))
        let second = Lesson()
        try second.baselines.load(store, at: seconds(300))
        second.act("/etc/odd", minute: 6, by: "b")
        second.act("/etc/own", minute: 6, by: "b")
        #expect(second.baselines.learner.status(key, at: seconds(360))?.instances == 3)
        try store.write(second.baselines.drain(now: seconds(361), whole: true))
        let held = try store.quarantined(key)
        #expect(Set(held.compactMap(\.quarantine)) == [.oneReplica, .session])
    }

    @Test func aFloodOfSessionsIsBounded() {
        let lesson = Lesson()
        lesson.act("/etc/own", minute: 0)
        for number in 0..<5000 {
            let name = String(number, radix: 5).map { ["ant", "bee", "cat", "dog", "elk"][Int(String($0))!] }
            lesson.act("/srv/x/" + name.joined(), minute: 1, .session)
        }
        #expect(lesson.learned() == ["/etc/own"])
        #expect(lesson.held().count == Learning.mostHeld)
    }

    @Test(arguments: [true, false]) func aPersonLetsItIn(_ whileLearning: Bool) throws {
        let store = try temporaryStore()
        let lesson = Lesson()
        let command = try Store.attach(directory: (store.path as NSString).deletingLastPathComponent)
        try lesson.baselines.load(store, at: start)
        lesson.act("/etc/own", minute: 0)
        lesson.act("/etc/session", minute: 1, .session)
        lesson.act("/etc/shadow", minute: 1, .neverNormal("open.credential"))
        if !whileLearning { #expect(lesson.learned() == ["/etc/own"]) }
        try store.write(lesson.baselines.drain(now: seconds(200), whole: true))
        let released = try command.release(key, ids: [], who: "me", why: "it was me")
        #expect(released.map(\.quarantine) == [.session])
        let shadow = try #require(try command.quarantined(key).first)
        #expect(shadow.quarantine == .neverNormal("open.credential"))
        #expect(try lesson.baselines.reload(store, at: seconds(201)))
        if whileLearning { #expect(lesson.learned() == ["/etc/own"]) }
        func verdict(_ path: String) -> Baselines.Verdict {
            lesson.baselines.verdict(for: open(path), workload: "oci/w", digest: "d", at: seconds(1300))
        }
        #expect(verdict("/etc/session") == .known && verdict("/etc/shadow") != .known)
        // What is never normal has to be named.
        #expect(try command.release(key, ids: [shadow.id], who: "me", why: "it is").count == 1)
        try store.write(lesson.baselines.drain(now: seconds(1301), whole: true))
        try lesson.baselines.reload(store, at: seconds(1302))
        #expect(verdict("/etc/shadow") == .known)
        #expect(try command.quarantined(key).isEmpty)
        #expect(throws: StateError.self) { try command.release(key, ids: ["beef"], who: "", why: "") }
    }
}
