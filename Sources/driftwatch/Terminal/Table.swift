import Drift
import Foundation

/// How a command shows what it found: columns for people, or JSON for programs.
struct Table {
    var columns: [String]
    var rows: [[String]] = []

    /// Columns as wide as their widest cell; nothing of a cell reaches the terminal raw.
    func text() -> String {
        let cells = ([columns] + rows).map { $0.map { printable($0) } }
        let widths = columns.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
        return cells.map { row in
            zip(row, widths).enumerated().map { index, cell in
                index == columns.count - 1
                    ? cell.0 : cell.0.padding(toLength: cell.1 + 2, withPad: " ", startingAt: 0)
            }.joined()
        }.joined(separator: "\n")
    }
}

/// Encodes what `--json` prints.
func json(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .iso8601
    // Values of this program's own types always encode.
    return String(decoding: (try? encoder.encode(value)) ?? Data(), as: UTF8.self)
}
