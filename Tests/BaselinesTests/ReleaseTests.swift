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

    @Test func withoutLearningThePredecessorJudgesInEarnest() {
        let off = Baselines(mode: .off)
        #expect(off.verdict(for: open("/a"), workload: "w", digest: "two", at: start) == .noBaseline)
    }
}
