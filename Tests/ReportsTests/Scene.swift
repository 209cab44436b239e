import Baselines
import Events
import Evidence
import Foundation
import Workloads

@testable import Reports

/// A state directory with evidence by the real writer and a key that is always the same.
final class Scene {
    static let second: Int64 = 1_000_000_000
    static let hour = 3600 * second
    static let day = 24 * hour
    /// 2026-11-13T00:00:00Z
    static let begin: Int64 = 1_794_528_000 * second
    static let now = begin + 7 * day

    let directory: String
    let store: Store
    private let journal: Journal
    private let keyFile: String

    init(at time: Int64 = Scene.begin) throws {
        directory = NSTemporaryDirectory() + "report-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        keyFile = directory + "/given"
        let key = Data((0..<32).map { UInt8($0) }).base64EncodedString()
        _ = FileManager.default.createFile(
            atPath: keyFile, contents: Data(key.utf8), attributes: [.posixPermissions: 0o600])
        store = try Store.open(directory: directory).store
        journal = try Journal(directory: directory + "/evidence", keyFile: keyFile, host: "node-1", at: time)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    func add(_ line: String, at time: Int64) throws { try journal.append([Array(line.utf8)][...], at: time) }

    /// As the monitor signs what it says of an instance.
    func addCustody(_ line: String, at time: Int64) throws {
        try journal.append([try journal.custody(Array(line.utf8))][...], at: time)
    }

    func seal(at time: Int64 = Scene.now) throws { _ = try journal.end(at: time) }

    func report(
        _ period: Period = Period(from: begin, to: now), now: Int64 = now, alive: Int64? = nil,
        keyGiven: Bool = false
    ) throws -> Report {
        let inventory = Inventory(
            try store.identities(), uses: try store.uses(), credentials: try store.credentials(), running: [:],
            watched: now, now: now)
        let evidence = directory + "/evidence"
        return try Report(
            of: period,
            from: .init(directory: evidence, key: VerifyingKey(path: evidence + "/key.pub"), keyGiven: keyGiven),
            .init(store: store, inventory: inventory, alive: alive), host: "elsewhere", version: "0", now: now)
    }
}

/// Lines as the monitor writes them: those of the golden files, at other times.
enum Recorded {
    private static func lines(_ name: String) -> [String] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../Fixtures/lines/\(name).jsonl")
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").filter { $0.hasPrefix("{") }.map(String.init)
    }

    private static func at(_ time: Int64, _ line: String) -> String {
        line.replacing(/"@timestamp":"[^"]*"/, with: "\"@timestamp\":\"\(Timestamp.text(time))\"", maxReplacements: 1)
            .replacing(/"created":"[^"]*"/, with: "\"created\":\"\(Timestamp.text(time + 1000))\"", maxReplacements: 1)
    }

    private static func first(_ name: String, _ mark: String, _ time: Int64) -> String {
        at(time, lines(name).first { $0.contains(mark) } ?? "")
    }

    static func started(_ time: Int64) -> String { first("states", "\"monitor-started\"", time) }
    static func stopped(_ time: Int64) -> String { first("states", "\"monitor-stopped\"", time) }
    static func alert(_ rule: String, _ time: Int64) -> String { first("alerts", "\"id\":\"\(rule)\"", time) }
    static func change(_ action: String, _ time: Int64) -> String { first("register", "\"\(action)\"", time) }

    static func ended(_ time: Int64) -> String { first("register", "\"workload-ended\"", time) }

    static func gap(_ why: String, _ from: Int64, _ to: Int64, lost: Int = 0) -> String {
        first("states", "\"coverage-gap\"", to).replacing(
            /"gap":\{[^}]*\}/,
            with:
                "\"gap\":{\"from\":\"\(Timestamp.text(from))\",\"lost\":\(lost),\"to\":\"\(Timestamp.text(to))\",\"why\":\"\(why)\",\"workloads\":[\"host\"]}"
        )
    }

    static func response(_ action: String, mode: String = "enforce", outcome: String = "success", _ time: Int64)
        -> String
    {
        let line = lines("response").first {
            $0.contains("\"response-\(action)\"") && $0.contains("\"mode\":\"\(mode)\"")
                && $0.contains("\"outcome\":\"\(outcome)\"")
        }
        return at(time, line ?? "").replacing(
            /"until":"[^"]*"/, with: "\"until\":\"\(Timestamp.text(time + 600 * Scene.second))\"")
    }
}
