/// One line that a terminal can show: what is not printable becomes `\xHH` or `\u{...}`; at most `limit` characters.
package func printable(_ text: String, limit: Int = .max) -> String {
    var result = ""
    var count = 0
    for scalar in text.unicodeScalars {
        if count >= limit { return result + "..." }
        count += 1
        switch scalar.value {
        case 0x0a: result += "\\n"
        case 0x09: result += "\\t"
        case 0x0d: result += "\\r"
        case 0..<0x20, 0x7f...0x9f: result += "\\x" + hex(UInt64(scalar.value), width: 2)
        // What is invisible or turns the direction of writing can make one name look like another.
        case 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f, 0xfeff, 0xfff9...0xfffb, 0xe0000...0xe007f:
            result += "\\u{" + hex(UInt64(scalar.value), width: 4) + "}"
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}

/// Lower-case hexadecimal with leading zeros.
package func hex(_ value: UInt64, width: Int = 16) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: max(width - digits.count, 0)) + digits
}
