import Foundation

@testable import Evidence

/// Evidence in a directory of its own, and ways to spoil it.
final class Case {
    let directory: String
    var generator: SystemRandomNumberGenerator = .init()
    static let second: Int64 = 1_000_000_000
    static let begin: Int64 = 1_763_700_000_000_000_000

    init() throws {
        directory = NSTemporaryDirectory() + "evidence-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    var limits: Journal.Limits {
        var limits = Journal.Limits()
        limits.segmentBytes = 4096
        return limits
    }

    func journal(at time: Int64 = begin, _ limits: Journal.Limits? = nil) throws -> Journal {
        try Journal(directory: directory, host: "node7", limits: limits ?? self.limits, at: time)
    }

    static func record(_ number: Int) -> [UInt8] {
        Array(#"{"@timestamp":"2026-11-21T00:00:00Z","event":{"reason":"line \#(number) of many"}}"#.utf8)
    }

    /// Several segments; closed as it should be, or as a kill closes it, behind a last checkpoint.
    func fill(lines: Int = 200, ends: Bool) throws {
        let journal = try journal()
        for number in 0..<lines {
            try journal.append([Self.record(number)], at: Self.begin + Int64(number) * Self.second)
            if number % 7 == 0 { _ = try journal.checkpoint(at: Self.begin + Int64(number) * Self.second) }
        }
        let end = Self.begin + Int64(lines) * Self.second
        if ends { _ = try journal.end(at: end) } else { _ = try journal.checkpoint(at: end) }
    }

    func verify(checkpoints: [UInt8] = []) throws -> Verification {
        try Verification(
            directory: directory, key: VerifyingKey(path: directory + "/key.pub"), checkpoints: checkpoints)
    }

    func path(_ name: String) -> String { directory + "/" + name }
    func read(_ name: String) -> [UInt8] { Array(FileManager.default.contents(atPath: path(name)) ?? Data()) }
    func write(_ name: String, _ bytes: [UInt8]) throws { try Data(bytes).write(to: URL(filePath: path(name))) }

    var segments: [String] {
        get throws { try EvidenceFiles.segments(in: directory).map(EvidenceFiles.name) }
    }
}
