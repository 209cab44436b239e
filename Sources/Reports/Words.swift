import Drift
import Foundation

/// Numbers as sentences have them.
enum Words {
    /// `1 alert`, `1,204 alerts`.
    static func count(_ number: Int, _ one: String, _ many: String? = nil) -> String {
        "\(digits(number)) \(number == 1 ? one : many ?? one + "s")"
    }

    static func digits(_ number: Int) -> String {
        var text = ""
        for (index, digit) in String(number.magnitude).reversed().enumerated() {
            if index > 0, index.isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return (number < 0 ? "-" : "") + String(text.reversed())
    }

    /// Rounded down, so that nothing looks complete that is not.
    static func percent(_ share: Double) -> String {
        let tenths = Int((min(max(share, 0), 1) * 1000 + 1e-9).rounded(.down))
        return tenths.isMultiple(of: 10) ? "\(tenths / 10) %" : "\(tenths / 10).\(tenths % 10) %"
    }

    static func duration(_ nanoseconds: Int64) -> String { Explanation.duration(nanoseconds) }

    /// `a`, `a and b`, `a, b and c`.
    static func list(_ words: [String]) -> String {
        guard let last = words.last, words.count > 1 else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + " and " + last
    }

    /// The middle of what is too long for a picture is left out: names differ at their ends.
    static func shortened(_ text: String, _ limit: Int) -> String {
        let scalars = Array(text.unicodeScalars)
        guard scalars.count > limit else { return text }
        let head = (limit - 1) / 2
        var cut = String.UnicodeScalarView(scalars.prefix(head))
        cut.append("…")
        cut.append(contentsOf: scalars.suffix(limit - 1 - head))
        return String(cut)
    }
}
