import Events
import Foundation
import Testing

@testable import Baselines

private let start: Int64 = 1_795_165_200_000_000_000
private func seconds(_ number: Double) -> Int64 { start + Int64(number * 1e9) }

/// A new content of a workload that has a baseline already.
@Suite struct ReleaseTests {
    private let baselines = Baselines(mode: .duration(100))

    private func verdict(_ path: String, _ digest: String?, at time: Double) -> Baselines.Verdict {
        baselines.verdict(for: open(path), workload: "w", digest: digest, at: seconds(time))
    }

    private func learn(_ path: String, _ digest: String, at time: Double) {
        baselines.observe(open(path), workload: "w", digest: digest, key: nil, instance: digest, at: seconds(time))
    }

    private func known(_ verdict: Baselines.Verdict) -> String {
        switch verdict {
        case .learning: "learning"
        case .known: "known"
        case .unknown(let info): "unknown to \(info.key.digest ?? "-")"
        case .release(let info, let isKnown):
            "\(isKnown ? "known" : "unknown") to predecessor \(info.key.digest ?? "-")"
        case .noBaseline: "no baseline"
        }
    }

    @Test func aReleaseStandsOnItsPredecessor() throws {
        let store = try temporaryStore()
        try baselines.load(store, at: start)
        learn("/etc/a", "one", at: 0)
        #expect(known(verdict("/etc/a", "two", at: 1)) == "learning")
        #expect(baselines.tick(now: seconds(100)).count == 1)

        // From its first moment.
        #expect(known(verdict("/etc/a", "two", at: 200)) == "known to predecessor one")
        #expect(known(verdict("/etc/b", "two", at: 200)) == "unknown to predecessor one")
        learn("/etc/b", "two", at: 200)
        #expect(known(verdict("/etc/b", "two", at: 201)) == "unknown to predecessor one")
        try store.write(baselines.drain(now: seconds(202)))
        #expect(try store.baseline(BaselineKey(workload: "w", digest: "two"))?.state == .candidate)
        #expect(try store.baseline(BaselineKey(workload: "w", digest: "one"))?.state == .armed)

        // A restart of the monitor changes nothing.
        let second = Baselines(mode: .duration(100))
        try second.load(store, at: seconds(210))
        #expect(
            known(second.verdict(for: open("/etc/c"), workload: "w", digest: "two", at: seconds(211)))
                == "unknown to predecessor one")

        // Its own baseline is armed by the usual means, and judges alone.
        #expect(baselines.tick(now: seconds(300)).map(\.baseline.key.digest) == ["two"])
        #expect(known(verdict("/etc/b", "two", at: 301)) == "known")
        #expect(known(verdict("/etc/a", "two", at: 301)) == "unknown to two")
        // Back to where it was: nothing is new.
        #expect(known(verdict("/etc/a", "one", at: 302)) == "known")
        #expect(known(verdict("/etc/b", "one", at: 302)) == "unknown to one")
        // The next release stands on the newest.
        #expect(known(verdict("/etc/b", "three", at: 303)) == "known to predecessor two")
    }

    @Test func whatAPersonAllowedThePredecessorIsKnown() throws {
        let store = try temporaryStore()
        learn("/etc/a", "one", at: 0)
        #expect(baselines.tick(now: seconds(100)).count == 1)
        try store.write(baselines.drain(now: seconds(101)))
        let key = BaselineKey(workload: "w", digest: "one")
        try store.allow(BaselineSpec.allowing(open("/etc/b")), for: key, who: "me", why: "")
        try baselines.load(store, at: seconds(102))
        #expect(known(verdict("/etc/b", "two", at: 200)) == "known to predecessor one")
    }

    /// A reviewed file is of a content, too.
    @Test func aReviewedBaselineIsAPredecessor() throws {
        let text = """
            apiVersion: driftwatch/v1
            kind: Baseline
            metadata: {workload: w, digest: one}
            spec: {open: [{exe: /a, path: /etc/a, access: [read]}]}
            """
        let files = try BaselineFile.parse(text, file: "one.yaml")
        baselines.add(reviewed: files)
        #expect(known(verdict("/etc/b", "one", at: 0)) == "unknown to one")
        #expect(known(verdict("/etc/a", "two", at: 0)) == "known to predecessor one")
        #expect(known(verdict("/etc/b", "two", at: 0)) == "unknown to predecessor one")
        // Nothing says that a content without a name is another one.
        #expect(known(verdict("/etc/b", nil, at: 0)) == "unknown to one")
        learn("/etc/b", "two", at: 0)
        let states = baselines.drain(now: seconds(1)).map { write -> BaselineStatus.State? in
            if case .baseline(let row) = write { row.state } else { nil }
        }
        #expect(states.contains(.candidate) && !states.contains(.learning))

        #expect(baselines.tick(now: seconds(100)).map(\.baseline.key.digest) == ["two"])
        #expect(known(verdict("/etc/b", "two", at: 101)) == "known")
        #expect(known(verdict("/etc/a", "two", at: 101)) == "unknown to two")
        #expect(known(verdict("/etc/b", "one", at: 101)) == "unknown to one")
        // What each of them did is counted with its own.
        baselines.count(seen: 7, lost: 0, of: BaselineKey(workload: "w", digest: "one"))
        baselines.count(seen: 9, lost: 0, of: BaselineKey(workload: "w", digest: "two"))
        #expect(baselines.armed.map(\.coverage?.seen) == [7, 9])
    }

    @Test func withoutLearningThePredecessorJudgesInEarnest() throws {
        let off = Baselines(mode: .off)
        #expect(off.verdict(for: open("/a"), workload: "w", digest: "two", at: start) == .noBaseline)
        let key = BaselineKey(workload: "w", digest: "one")
        off.add(reviewed: [
            .init(
                baseline: Baseline(key: key, spec: BaselineSpec.allowing(open("/a"))), file: "f", line: 1,
                lines: .init())
        ])
        func verdict(_ path: String) -> Baselines.Verdict {
            off.verdict(for: open(path), workload: "w", digest: "two", at: start)
        }
        #expect(known(verdict("/a")) == "known" && known(verdict("/b")) == "unknown to one")
    }

    /// What a file says of its learning may be long ago, and of another place.
    @Test func ofAFileTheTimeOfLearningIsOver() throws {
        let status = BaselineStatus(learnedFrom: start, learnedUntil: seconds(60))
        let key = BaselineKey(workload: "w", digest: "one")
        baselines.add(reviewed: [
            .init(baseline: Baseline(key: key, status: status), file: "f", line: 1, lines: .init())
        ])
        guard case .unknown(let info) = verdict("/a", "one", at: 9999) else {
            Issue.record("must be unknown")
            return
        }
        #expect(info.learnedSince == start && info.learnedUntil == seconds(60))
    }
}
