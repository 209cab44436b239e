import Foundation
import Testing

/// Lines that the command is expected to print, kept in Tests/Fixtures with what differs from run to run masked.
/// After a change of what is promised, write them anew with DRIFTWATCH_GOLDENS=write and read the difference.
enum Golden {
    private static let volatile = [
        "@timestamp", "event.created", "event.id", "event.sequence", "host.name", "process.pid", "process.entity_id",
        "process.start", "process.parent.pid", "process.parent.entity_id", "file.inode", "file.device",
        "driftwatch.workload.instance", "container.id",
    ]

    /// The line as it may be compared: a volatile field keeps only that it is there.
    static func masked(_ line: Line) -> String {
        var line = line
        for path in volatile where line[path] != nil { line[path] = "*" }
        // Of whoever runs the tests.
        for path in ["driftwatch.ancestors", "driftwatch.login"] { line[path] = nil }
        if line["process.parent.executable"]?.string.map({ !$0.hasPrefix("/tmp/driftwatch-node") }) == true {
            line["process.parent.executable"] = "*"
            line["process.parent.args"] = "*"
        }
        return line.canonical
            .replacing(/"#[0-9]+"/, with: "\"#*\"").replacing(/\/#[0-9]+/, with: "/#*")
            .replacing(/\/proc\/[0-9]+\//, with: "/proc/*/")
    }

    /// Compares the lines of one workload with those that the file holds of it.
    static func expect(
        _ lines: [Line], of workload: String, in file: String, gaps: [String] = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let path = "\(Node.fixtures)/\(file)"
        let found = lines.map(masked).sorted()
        let stored = ((try? read(path)) ?? "").split(separator: "\n").map(String.init)
        var mine = try stored.filter { try Line($0).workload == workload }
        if ProcessInfo.processInfo.environment["DRIFTWATCH_GOLDENS"] == "write" {
            let others = stored.filter { !mine.contains($0) }
            let sorted = (others + found).sorted { (workloadOf($0), $0) < (workloadOf($1), $1) }
            try (sorted.joined(separator: "\n") + "\n").write(toFile: path, atomically: true, encoding: .utf8)
            return
        }
        if gaps.contains("path-only-open") {
            mine.removeAll { $0.contains(#""access":["path"]"#) }
            if mine.isEmpty, lines.isEmpty { return }
        }
        #expect(!mine.isEmpty, "\(file) holds no line of \(workload)", sourceLocation: sourceLocation)
        let missing = mine.filter { !found.contains($0) }
        let unexpected = found.filter { !mine.contains($0) }
        #expect(missing.isEmpty, "not printed:\n\(missing.joined(separator: "\n"))", sourceLocation: sourceLocation)
        #expect(
            unexpected.isEmpty, "not expected:\n\(unexpected.joined(separator: "\n"))", sourceLocation: sourceLocation)
        #expect(found.count == mine.count, "the same line twice", sourceLocation: sourceLocation)
    }

    private static func workloadOf(_ text: String) -> String { (try? Line(text).workload) ?? "" }
}
