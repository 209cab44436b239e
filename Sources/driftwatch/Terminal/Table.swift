import Drift
import Foundation

/// How a command shows what it found: columns for people, or JSON for programs.
struct Table {
    var columns: [String]
    var rows: [[String]] = []

    /// What a shortened cell still shows.
    private static let narrowest = 12

    /// Columns as wide as their widest cell; nothing of a cell reaches the terminal raw.
    func text() -> String {
        let widths = widths
        return cells.map { row in
            // Not by padding(toLength:), which counts UTF-16 and cuts what has more of it than characters.
            zip(row, widths).enumerated().map { index, cell in
                index == columns.count - 1 ? cell.0 : cell.0 + String(repeating: " ", count: cell.1 + 2 - cell.0.count)
            }.joined()
        }.joined(separator: "\n")
    }

    /// Shortens cells of these columns in the middle, of the widest first, until a row is as wide as it may be.
    mutating func fit(within width: Int, columns: [Int]) {
        var widths = widths
        while widths.reduce(0, +) + 2 * (widths.count - 1) > width {
            guard let widest = columns.max(by: { widths[$0] < widths[$1] }), widths[widest] > Self.narrowest else {
                break
            }
            widths[widest] -= 1
        }
        for row in rows.indices {
            for column in columns { rows[row][column] = Self.shortened(printable(rows[row][column]), widths[column]) }
        }
    }

    private var cells: [[String]] { ([columns] + rows).map { $0.map { printable($0) } } }
    private var widths: [Int] {
        let cells = cells
        return columns.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
    }

    private static func shortened(_ text: String, _ width: Int) -> String {
        guard text.count > width else { return text }
        let tail = width / 2
        return text.prefix(width - tail - 1) + "…" + text.suffix(tail)
    }
}

enum Terminal {
    /// Columns of the terminal, or as `COLUMNS` has them; nil where there is none.
    static var width: Int? {
        if let columns = ProcessInfo.processInfo.environment["COLUMNS"].flatMap({ Int($0) }), columns > 0 {
            return columns
        }
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
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
