import Baselines

/// Text with `{workload}` and the like in it, filled in for each response. Braces around anything else are as they are.
package struct Template: Sendable, Equatable {
    package enum Field: String, Sendable, CaseIterable {
        case alert, executable, image, instance, path, pid, policy, response, rule, severity, workload
    }

    private enum Part: Sendable, Equatable {
        case text(String)
        case field(Field)
    }

    /// As it was written.
    package let text: String
    private var parts: [Part] = []

    /// A word in braces that names nothing.
    package struct Unknown: Error, Equatable { package var word: String }

    package init(_ text: String) throws(Unknown) {
        self.text = text
        var plain = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            plain += rest[..<open]
            rest = rest[rest.index(after: open)...]
            let word = rest.prefix { $0.isASCII && ($0.isLetter || $0 == "-" || $0 == "_") }
            guard !word.isEmpty, word.endIndex < rest.endIndex, rest[word.endIndex] == "}" else {
                plain.append("{")
                continue
            }
            guard let field = Field(rawValue: String(word)) else { throw Unknown(word: String(word)) }
            if !plain.isEmpty { parts.append(.text(plain)) }
            parts.append(.field(field))
            plain = ""
            rest = rest[rest.index(after: word.endIndex)...]
        }
        plain += rest
        if !plain.isEmpty { parts.append(.text(plain)) }
    }

    /// `quote` is what a value goes through, so that it stays a value where it is put.
    func filled(_ values: [Field: String], quote: (String) -> String = { $0 }) -> String {
        parts.reduce(into: "") { result, part in
            switch part {
            case .text(let text): result += text
            case .field(let field): result += quote(values[field] ?? "")
            }
        }
    }

    /// Inside of a string of JSON.
    static func inJSON(_ value: String) -> String {
        value.unicodeScalars.reduce(into: "") { text, scalar in
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
    }

    /// As one part of a URL: all but unreserved characters (RFC 3986) in percents.
    static func inURL(_ value: String) -> String {
        value.utf8.reduce(into: "") { text, byte in
            let scalar = Unicode.Scalar(byte)
            if scalar.isASCII,
                scalar.properties.isAlphabetic || (0x30...0x39).contains(byte) || "-._~".unicodeScalars.contains(scalar)
            {
                text.unicodeScalars.append(scalar)
            } else {
                text += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
    }
}
