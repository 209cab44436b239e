import Foundation
import Testing

@testable import Reports

@Suite struct GoldenTests {
    /// With DRIFTWATCH_WRITE_GOLDENS set the files are written anew, to be reviewed as a diff.
    private func compare(_ name: String, _ text: String) throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Fixtures/reports/\(name)")
        if ProcessInfo.processInfo.environment["DRIFTWATCH_WRITE_GOLDENS"] != nil {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        let expected = try String(contentsOf: file, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        let actual = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(expected.count == actual.count)
        for (line, other) in zip(actual, expected) { #expect(line == other) }
    }

    @Test func aWeekIsToldAsItWas() throws {
        let scene = try Scene.week()
        let report = try scene.report()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        try compare("week.json", String(decoding: try encoder.encode(report), as: UTF8.self) + "\n")
        try compare("week.md", MarkdownReport.text(report))
        try compare("week.html", ReportPage.html(report))
    }
}
