import Foundation
import Testing

/// A document that ends with a table of what the tests check.
enum Document {
    private static let begin = "<!-- Written by the tests: DRIFTWATCH_GOLDENS=write. -->\n"

    static func holds(_ table: String, in name: String) throws {
        let path = Node.tests + "/../docs/" + name
        let parts = try read(path).components(separatedBy: begin)
        try #require(parts.count == 2, "no place for the table in docs/\(name)")
        if ProcessInfo.processInfo.environment["DRIFTWATCH_GOLDENS"] == "write" {
            try (parts[0] + begin + table).write(toFile: path, atomically: true, encoding: .utf8)
            return
        }
        let (written, wanted) = (parts[1].split(separator: "\n"), table.split(separator: "\n"))
        #expect(wanted.filter { !written.contains($0) } == [], "not in docs/\(name); write it anew")
        #expect(written.filter { !wanted.contains($0) } == [], "in docs/\(name), and no case")
    }

    static func row(_ cells: [String]) -> String {
        "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
    }
}
