import Drift
import Events
import Foundation
import Testing
import Workloads

@testable import Evidence

@Suite struct CustodyTests {
    private static let line = Array(#"{"driftwatch":{"life":{}},"host":{"name":"n"}}"#.utf8)

    private func signed() throws -> (record: [UInt8], key: VerifyingKey, other: VerifyingKey) {
        let (own, other) = (try Case(), try Case())
        let record = try own.journal().custody(Self.line + [0x0a])
        _ = try other.journal()
        #expect(record.last == 0x0a)
        return (
            Array(record.dropLast()), try VerifyingKey(path: own.path("key.pub")),
            try VerifyingKey(path: other.path("key.pub"))
        )
    }

    @Test func aRecordProvesItself() throws {
        let (bytes, key, other) = try signed()
        let record = try #require(CustodyRecord(bytes[...]))
        #expect(record.line == Self.line && record.isSigned(by: key) && !record.isSigned(by: other))
        let object = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
        #expect((object?["signature"] as? String)?.count == 88 && object?["host"] != nil, "it is a line like others")
    }

    /// Whatever byte is changed, it is no record or not signed.
    @Test func anyChangeIsFound() throws {
        let (bytes, key, _) = try signed()
        for place in bytes.indices {
            var changed = bytes
            changed[place] ^= 1
            #expect(CustodyRecord(changed[...])?.isSigned(by: key) != true, "byte \(place)")
        }
        for count in bytes.indices { #expect(CustodyRecord(bytes[..<count]) == nil || count == 0, "cut at \(count)") }
    }

    @Test(arguments: ["", "{}", "{\"a\":1}", "{\"a\":1,\"signature\":\"\"}", "\",\"signature\":\""])
    func othersAreNone(_ text: String) { #expect(CustodyRecord(Array(text.utf8)[...]) == nil) }

    @Test func anInstanceKeepsWhatWasReadAndSaid() throws {
        let job = Workload(id: "oci/job", kind: .oci, instance: "job")
        let actor = Actor(
            process: ProcessName(pid: 1, start: 1), parent: .none, cgroup: 7, executable: ResolvedPath("/bin/app"))
        let event = Event(
            time: 1, key: BehaviourKey(high: 0, low: 1), actor: actor,
            act: .exec(Exec(filename: "/bin/app", arguments: [])))
        let observation = Observation(event: event, workload: job, origin: .child, time: 10)
        var lives = Lives()
        lives.acted(observation, home: 7, isPreExisting: false)
        lives.began(home: 7) { Custody(scan: ScanStatus(state: .clean, scanner: "Trivy")) }
        lives.began(home: 7) { Custody(scan: .unscanned) }
        for (time, path) in [(Int64(12), "/a"), (19, "/a"), (15, "/b")] {
            lives.read(
                Custody.Read(sort: "tls-key", path: path, program: "/bin/app", isPerson: false, at: time), home: 7)
        }
        // What is kept over a restart says the same.
        _ = lives.takeChanges(all: true) { _ in Ledger() }
        let kept = lives.takeChanges(all: true) { _ in Ledger() }
        let life = try JSONDecoder().decode(Life.self, from: JSONEncoder().encode(#require(kept.first?.life)))
        let custody = try #require(life.custody)
        #expect(custody.scan.scanner == "Trivy", "what is known at the start counts")
        #expect(custody.reads.map { [$0.first, $0.last] } == [[12, 19], [15, 15]])
    }

    /// What an earlier version has kept of an instance is gone on with.
    @Test func aLifeWithoutOneIsRead() throws {
        let life = Life(Workload(id: "oci/job", kind: .oci, instance: "job"), began: 1)
        var object = try #require(try JSONSerialization.jsonObject(with: JSONEncoder().encode(life)) as? [String: Any])
        object["custody"] = nil
        let again = try JSONDecoder().decode(Life.self, from: JSONSerialization.data(withJSONObject: object))
        #expect(again == life)
    }
}
