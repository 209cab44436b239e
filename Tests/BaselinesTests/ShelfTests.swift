import Events
import Foundation
import Testing

@testable import Baselines

/// Of workloads without end only so many baselines are in memory, and none is lost.
@Suite struct ShelfTests {
    private let directory = NSTemporaryDirectory() + "driftwatch-shelf-\(UUID().uuidString)"

    private func row(_ number: Int, armedAt: Int64? = nil) -> StoredBaseline {
        StoredBaseline(
            key: BaselineKey(workload: "oci/\(number)"), state: .armed,
            spec: BaselineSpec.allowing(behaviour("/usual")), armedAt: armedAt ?? Int64(number))
    }

    private func behaviour(_ path: String) -> Behaviour {
        .open(OpenBehaviour(executable: "/bin/x", path: path, access: .read))
    }

    private func verdict(_ baselines: Baselines, _ number: Int, _ path: String) -> Baselines.Verdict {
        baselines.verdict(for: behaviour(path), workload: "oci/\(number)", digest: nil, at: 1 << 40)
    }

    @Test func thoseUnusedForLongestGoFirst() {
        var shelf = Shelf()
        let names = (0..<10).map { "w\($0)" }
        for (time, name) in names.enumerated() { shelf.use(name, at: Int64(time)) }
        shelf.use("w0", at: 100)
        #expect(shelf.surplus(of: names, most: 10).isEmpty)
        #expect(shelf.surplus(of: names, most: 7) == ["w1", "w2", "w3"])
        shelf.put("w1")
        #expect(shelf.holds("w1") && !shelf.holds("w2"))
        shelf.take("w1", at: 101)
        #expect(!shelf.holds("w1") && shelf.surplus(of: names, most: 9) == ["w2"])
    }

    @Test func allJudgeHoweverManyThereAre() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let store = try Store.open(directory: directory).store
        let count = Shelf.most + 300
        try store.write((0..<count).map { .baseline(row($0)) })
        let baselines = Baselines(mode: .duration(1))
        try baselines.load(store, at: 0)
        #expect(baselines.armed.count == Shelf.most)
        for number in [0, 299, 300, count - 1] {
            #expect(baselines.judges("oci/\(number)"))
            #expect(verdict(baselines, number, "/usual") == .known)
            guard case .unknown(let info) = verdict(baselines, number, "/other") else {
                Issue.record("oci/\(number) is not judged")
                continue
            }
            #expect(info.key.workload == "oci/\(number)")
        }
        // As many again, in one run: what is asked for stays.
        for number in 0..<300 { _ = verdict(baselines, number, "/usual") }
        _ = baselines.tick(now: 1 << 40)
        #expect(baselines.armed.count == Shelf.most)
        #expect(baselines.armed.contains { $0.key.workload == "oci/0" })
        #expect(verdict(baselines, count - 1, "/usual") == .known)
        #expect(!baselines.judges("oci/none"))
        #expect(verdict(baselines, count, "/usual") == .learning)
    }

    /// It is stored only after it was armed; until then it is nowhere else.
    @Test func whatIsNotStoredYetStays() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let store = try Store.open(directory: directory).store
        let baselines = Baselines(mode: .duration(1))
        try baselines.load(store, at: 0)
        for number in 0..<Shelf.most + 5 {
            baselines.observe(
                behaviour("/usual"), workload: "oci/\(number)", digest: nil, key: nil, instance: "i", at: 0)
        }
        _ = baselines.tick(now: 2_000_000_000)
        #expect(baselines.armed.count == Shelf.most + 5)
        try store.write(baselines.drain(now: 2_000_000_000))
        _ = baselines.tick(now: 3_000_000_000)
        #expect(baselines.armed.count == Shelf.most)
        for number in 0..<Shelf.most + 5 { #expect(verdict(baselines, number, "/usual") == .known) }
    }

    /// An alert tells how well its workload is seen now, not only how well it was while it was learned.
    @Test(arguments: ["learned", "reviewed"]) func coverageGoesOn(_ how: String) throws {
        let baselines = Baselines(mode: .duration(1))
        let key = BaselineKey(workload: "oci/1")
        if how == "learned" {
            baselines.observe(behaviour("/usual"), workload: key.workload, digest: nil, key: nil, instance: "i", at: 0)
            baselines.count(seen: 10, lost: 0, of: key)
            _ = baselines.tick(now: 2_000_000_000)
        } else {
            let baseline = Baseline(
                key: key, spec: BaselineSpec.allowing(behaviour("/usual")),
                status: BaselineStatus(coverage: .init(seen: 10, lost: 0)))
            baselines.add(reviewed: [.init(baseline: baseline, file: "f", line: 1, lines: .init())])
        }
        baselines.count(seen: 5, lost: 2, of: BaselineKey(workload: "oci/other"))
        baselines.count(seen: 90, lost: 7, of: key)
        guard case .unknown(let info) = verdict(baselines, 1, "/other") else {
            Issue.record("not judged")
            return
        }
        #expect(info.coverage == .init(seen: 100, lost: 7))
        #expect(info.gaps == 1)
    }
}
