import Foundation

/// Scalars as YAML, quoted only where YAML needs it.
enum YAMLText {
    /// Good inside and outside of `{}`; reading it gives the same string back.
    static func scalar(_ text: String) -> String {
        isPlain(text) ? text : quoted(text)
    }

    static func ports(_ ports: ClosedRange<UInt16>) -> String {
        ports.count == 1 ? "\(ports.lowerBound)" : "\(ports.lowerBound)-\(ports.upperBound)"
    }

    /// At most four digits after the point, rounded down so that nothing looks more complete than it is.
    static func decimal(_ value: Double) -> String {
        var text = String(format: "%.4f", (value * 10_000 + 1e-7).rounded(.down) / 10_000)
        while text.hasSuffix("0"), !text.hasSuffix(".0") { text.removeLast() }
        return text
    }

    private static let words: Set<String> = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]

    private static func isPlain(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, let last = bytes.last, bytes.allSatisfy(isPlainByte) else { return false }
        // A colon before an indicator, or at either end, could be read as the end of a key.
        guard first != UInt8(ascii: ":"), last != UInt8(ascii: ":") else { return false }
        // A path is no word and no number.
        if first == UInt8(ascii: "/") { return true }
        guard !"*%@=~".utf8.contains(first) else { return false }
        if first == UInt8(ascii: "-"), bytes.count == 1 || bytes.starts(with: Array("--".utf8)) && bytes.count <= 3 {
            return false
        }
        if words.contains(text.lowercased()) || Double(text) != nil { return false }
        if (48...57).contains(first) || "+-.".utf8.contains(first) {
            // Could be read as a number, a time, infinity, or the end of a document.
            let numeric = "0123456789abcdefxointy_.:+-tz".utf8
            if text.lowercased().utf8.allSatisfy({ numeric.contains($0) }),
                bytes.contains(where: { (48...57).contains($0) || $0 == 46 })
            {
                return false
            }
        }
        return true
    }

    private static func isPlainByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 48...57: true
        default: "_/.@%+=~^-*:$;()\\".utf8.contains(byte)
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            default:
                if needsEscape(scalar) {
                    let (mark, width) = scalar.value <= 0xff ? ("x", 2) : scalar.value <= 0xffff ? ("u", 4) : ("U", 8)
                    let digits = String(scalar.value, radix: 16, uppercase: true)
                    result += "\\\(mark)" + String(repeating: "0", count: width - digits.count) + digits
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result + "\""
    }

    /// What YAML refuses, or what a terminal or an editor would not show as itself.
    private static func needsEscape(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse, .surrogate: true
        case .spaceSeparator: scalar != " "
        default: false
        }
    }
}
