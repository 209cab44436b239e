import Baselines
import Events

/// The entry of a baseline's `spec` that knows exactly one behaviour, for where no baseline can be asked.
package enum Allowance {
    package static func yaml(_ behaviour: Behaviour) -> String {
        switch behaviour {
        case .exec(let exec):
            var fields = ["exe: \(path(exec.executable))", "parent: \(path(exec.parent))"]
            if !exec.arguments.isEmpty {
                fields.append("args: [\(exec.arguments.map { quoted(literal($0)) }.joined(separator: ", "))]")
            }
            return entry("exec", fields)
        case .connect(let connect):
            var fields = ["exe: \(path(connect.executable))"]
            switch connect.peer {
            case .ip(let address, let domain?): fields += ["domain: \(quoted(domain))", "port: \(address.port)"]
            case .ip(let address, nil):
                fields += ["cidr: \(quoted(AddressBlock(address.ip).description))", "port: \(address.port)"]
            case .unix(let name): fields.append("path: \(path(name))")
            case .unseen: break
            }
            return entry("connect", fields + ["transport: \(connect.transport)"])
        case .listen(let listen):
            return entry(
                "listen", ["exe: \(path(listen.executable))", "port: \(listen.port)", "transport: \(listen.transport)"])
        case .open(let open):
            return entry(
                "open",
                [
                    "exe: \(path(open.executable))", "path: \(path(open.path))",
                    "access: [\(open.access.names.joined(separator: ", "))]",
                ])
        }
    }

    private static func entry(_ kind: String, _ fields: [String]) -> String {
        "\(kind):\n  - {\(fields.joined(separator: ", "))}\n"
    }

    private static func path(_ text: String) -> String { quoted(literal(text)) }

    /// A star that is meant as a star, and a backslash that is meant as one.
    private static func literal(_ text: String) -> String {
        guard text.utf8.contains(0x2a) || text.utf8.contains(0x5c) else { return text }
        var result = ""
        for character in text.unicodeScalars {
            if character == "*" || character == "\\" { result += "\\" }
            result.unicodeScalars.append(character)
        }
        return result
    }

    /// Bare where YAML reads the text back as itself, else double-quoted.
    private static func quoted(_ text: String) -> String {
        let bare = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2f, 0x2e, 0x2d, 0x5f: true
            default: false
            }
        }
        let start = text.utf8.first ?? 0x2d
        let wordLike =
            (0x41...0x5a).contains(start) || (0x61...0x7a).contains(start) || (start == 0x2f && text.utf8.count > 1)
        if bare, wordLike, !keywords.contains(text.lowercased()) { return text }
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x22: result += "\\\""
            case 0x5c: result += "\\\\"
            case 0x0a: result += "\\n"
            case 0x09: result += "\\t"
            case 0..<0x20, 0x7f...0xa0: result += "\\x" + hex(UInt64(scalar.value), width: 2)
            case 0x2028, 0x2029, 0xfeff: result += "\\u" + hex(UInt64(scalar.value), width: 4)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// Plain words that YAML reads as something else than text.
    private static let keywords: Set<String> = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]
}
