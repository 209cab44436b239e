import Foundation
import Testing

/// Lines kept under Tests/Fixtures/lines and compared byte for byte.
enum Golden {
    /// With DRIFTWATCH_WRITE_GOLDENS set the file is written anew, to be reviewed as a diff.
    static func compare(_ name: String, _ lines: [[UInt8]]) throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../Fixtures/lines/\(name).jsonl")
        let bytes = Data(lines.joined())
        if ProcessInfo.processInfo.environment["DRIFTWATCH_WRITE_GOLDENS"] != nil { try bytes.write(to: file) }
        let expected = String(decoding: try Data(contentsOf: file), as: UTF8.self).split(separator: "\n")
        let actual = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        #expect(expected.count == actual.count)
        for (line, other) in zip(actual, expected) { #expect(line == other) }
    }
}
