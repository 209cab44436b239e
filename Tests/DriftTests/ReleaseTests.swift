import Baselines
import Drift
import Events
import Testing
import Workloads

/// What a new release does, judged by the baseline of its predecessor.
@Suite struct ReleaseTests {
    private static let facts = BaselineFacts(
        state: "candidate", learnedSince: Acts.now - 2400 * Acts.second, learnedUntil: Acts.now,
        digest: "sha256:2222222222222222", predecessor: "sha256:1111111111111111")
    private static let new = Standing.release(facts, isKnown: false)
    private static let known = Standing.release(facts, isKnown: true)

    @Test func whatIsNewIsToldOnceAndLearned() throws {
        var detector = Detector(seed: 1)
        let first = detector.judge(Acts.exec("/usr/bin/id"), Self.new)
        let alert = try #require(first.alert)
        #expect(alert.rule == .execUnexpected && alert.severity == Rule.releaseSeverity && first.isLearned)
        #expect(first.mark == nil && first.quarantine == nil)
        #expect(
            alert.reason
                == "after an update (from sha256:111111111111 to sha256:222222222222), web's nginx started a program (/usr/bin/id), which it never did in the 40 minutes before that it was watched; what else is new is counted, and all of it learned"
        )
        for number in 0..<50 {
            let next = detector.judge(
                Acts.open("/new/\(number)", after: Int64(number) * 60 * Acts.second, key: UInt64(number)), Self.new)
            #expect(next.outcome == .quiet && next.isLearned && next.quarantine == nil)
        }
        // What the new program does is new as well, and no story of its own.
        let below = detector.judge(
            Acts.open("/etc/x", after: Acts.second, actor: Acts.actor("/usr/bin/id")), Self.new)
        #expect(below.outcome == .quiet && below.isLearned)
        #expect(detector.tick(Acts.now + 3000 * Acts.second).isEmpty)
        let later = detector.tick(Acts.now + 3601 * Acts.second)
        #expect(later.map(\.count) == [51] && later.map(\.severity) == [Rule.releaseSeverity])
        // Of another release, anew.
        var other = Acts.exec("/usr/bin/id")
        other.workload.digest = "sha256:3"
        #expect(detector.judge(other, Self.new).alert != nil)
    }

    @Test func whatThePredecessorKnewIsLearnedInSilence() {
        var detector = Detector(seed: 1)
        #expect(detector.judge(Acts.exec("/usr/bin/id"), Self.known).outcome == .learn)
        #expect(detector.judge(Acts.open("/etc/x"), Self.known).outcome == .learn)
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var act: Observation
        var rule: Rule
        var quarantine: Quarantine
    }

    @Test(arguments: [
        Bad(
            testDescription: "dropped", act: Acts.exec("/tmp/x", flags: .upperLayer), rule: .execDropped,
            quarantine: .neverNormal("exec.dropped")),
        Bad(
            testDescription: "fileless", act: Acts.exec("memfd:x", flags: .fileless), rule: .execFileless,
            quarantine: .neverNormal("exec.fileless")),
        Bad(
            testDescription: "reverse shell", act: Acts.exec("/bin/sh", flags: [.stdinSocket, .stdoutSocket]),
            rule: .execReverseShell, quarantine: .neverNormal("exec.reverse-shell")),
        Bad(
            testDescription: "credential", act: Acts.open("/etc/shadow"), rule: .openCredential,
            quarantine: .neverNormal("open.credential")),
        Bad(testDescription: "session", act: Acts.session, rule: .execInjected, quarantine: .session),
        Bad(
            testDescription: "escape", act: Acts.open("/x", flags: .outsideRoot), rule: .openEscape,
            quarantine: .outside),
    ]) func whatNoReleaseBringsIsToldInEarnest(_ bad: Bad) throws {
        var detector = Detector(seed: 1)
        _ = detector.judge(Acts.open("/etc/first", actor: Acts.actor("/bin/w", pid: 7)), Self.new)
        let verdict = detector.judge(bad.act, Self.new)
        let alert = try #require(verdict.alert)
        #expect(alert.rule == bad.rule && alert.severity == bad.rule.severity)
        #expect(verdict.quarantine == bad.quarantine && !verdict.isLearned)
        guard bad.act.event.kind == .exec else { return }
        // Nor is what follows from it taken for news of the release.
        let below = detector.judge(Acts.open("/etc/y", actor: bad.act.event.actor), Self.new)
        #expect(!below.isLearned && below.quarantine != nil && below.alert?.severity == Rule.openUnexpected.severity)
    }

    @Test func oneThatDepartsFromItsPeersIsTold() throws {
        var detector = Detector(seed: 1)
        let facts = BaselineFacts(state: "learning", learnedSince: Acts.now - 720 * Acts.second)
        let departing = Standing.departing(facts, peers: 4)
        let verdict = detector.judge(Acts.exec("/usr/bin/id"), departing)
        #expect(verdict.alert?.rule == .execUnexpected && verdict.isLearned && verdict.quarantine == nil)
        #expect(
            verdict.alert?.reason
                == "web's nginx started a program (/usr/bin/id), which none of its 4 peers did in the 12 minutes they were watched"
        )
        let below = detector.judge(Acts.open("/etc/y", actor: Acts.actor("/usr/bin/id")), departing)
        #expect(!below.isLearned && below.quarantine == .follows("exec.unexpected"))
        #expect(detector.judge(Acts.session, departing).quarantine == .session)
        let never = detector.judge(
            Acts.exec("/tmp/x", flags: .upperLayer, actor: Acts.actor("/tmp/x", pid: 7)), departing)
        #expect(never.alert?.rule == .execDropped && never.quarantine == .neverNormal("exec.dropped"))
    }
}
