/// Looks over a YAML text before the parser does, for what makes a small file a large load: aliases and deep nesting.
enum YAMLGuard {
    /// Far below what exhausts the stack, far above the four levels of a baseline.
    static let deepest = 32

    struct Fault {
        var line: Int
        var column: Int
        var reason: String
    }

    static func fault(in bytes: [UInt8]) -> Fault? {
        var line = 1
        var lineStart = 0
        var depth = 0
        var index = 0
        // A quote, an anchor or an alias counts only where a token may begin.
        var tokenMayBegin = true
        var plain = false
        var dashes = 0
        func fault(_ reason: String) -> Fault { Fault(line: line, column: index - lineStart + 1, reason: reason) }

        while index < bytes.count {
            let byte = bytes[index]
            let next = index + 1 < bytes.count ? bytes[index + 1] : UInt8(ascii: "\n")
            switch byte {
            case UInt8(ascii: "\n"):
                line += 1
                lineStart = index + 1
                (tokenMayBegin, plain, dashes) = (true, false, 0)
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"):
                tokenMayBegin = !plain
                if next == UInt8(ascii: "#") {
                    // A comment runs to the end of the line.
                    while index + 1 < bytes.count, bytes[index + 1] != UInt8(ascii: "\n") { index += 1 }
                }
            case UInt8(ascii: "#") where index == lineStart:
                while index + 1 < bytes.count, bytes[index + 1] != UInt8(ascii: "\n") { index += 1 }
            case UInt8(ascii: "\"") where tokenMayBegin, UInt8(ascii: "'") where tokenMayBegin:
                index += 1
                while index < bytes.count, bytes[index] != byte {
                    if bytes[index] == UInt8(ascii: "\\"), byte == UInt8(ascii: "\"") { index += 1 }
                    if index < bytes.count, bytes[index] == UInt8(ascii: "\n") {
                        line += 1
                        lineStart = index + 1
                    }
                    index += 1
                }
                (tokenMayBegin, plain) = (false, false)
            case UInt8(ascii: "&") where tokenMayBegin && !isBreak(next),
                UInt8(ascii: "*") where tokenMayBegin && !isBreak(next):
                return fault(
                    byte == UInt8(ascii: "&")
                        ? "anchors are not taken; write the value out"
                        : "a value that begins with * must be quoted (as it stands it would be an alias)")
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                if tokenMayBegin || depth > 0 {
                    depth += 1
                    if depth > deepest { return fault("nested deeper than \(deepest) levels") }
                    (tokenMayBegin, plain) = (true, false)
                }
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                depth = max(0, depth - 1)
                (tokenMayBegin, plain) = (false, false)
            case UInt8(ascii: ",") where depth > 0:
                (tokenMayBegin, plain) = (true, false)
            case UInt8(ascii: ":") where isBreak(next):
                (tokenMayBegin, plain) = (true, false)
            case UInt8(ascii: "-") where tokenMayBegin && isBreak(next),
                UInt8(ascii: "?") where tokenMayBegin && isBreak(next):
                dashes += 1
                if dashes > deepest { return fault("nested deeper than \(deepest) levels") }
            default:
                (tokenMayBegin, plain) = (false, true)
            }
            index += 1
        }
        return nil
    }

    private static func isBreak(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 10 || byte == 13 }
}
