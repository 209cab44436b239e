/// A JSON value as it was written; of a key given twice the last counts.
package enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    /// Whole numbers keep all their digits.
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    package subscript(name: String) -> JSONValue? {
        if case .object(let members) = self { return members[name] }
        return nil
    }

    /// Down a path of names.
    package func at(_ names: String...) -> JSONValue? {
        var value: JSONValue? = self
        for name in names { value = value?[name] }
        return value
    }

    package var string: String? {
        if case .string(let text) = self { return text }
        return nil
    }

    /// Also of a number written as a string.
    package var integer: Int64? {
        switch self {
        case .integer(let number): number
        case .string(let text): Int64(text)
        default: nil
        }
    }

    package var bool: Bool? {
        if case .bool(let flag) = self { return flag }
        return nil
    }

    /// Nil where an element is no string.
    package var strings: [String]? {
        guard case .array(let values) = self else { return nil }
        var result: [String] = []
        for value in values {
            guard let text = value.string else { return nil }
            result.append(text)
        }
        return result
    }
}

/// Reads one JSON text.
package struct JSONParser {
    package struct Failure: Error, Sendable, Equatable {
        /// Of the byte, from 1.
        package var column: Int
        package var reason: String
    }

    private let bytes: [UInt8]
    private var index = 0
    private var depth = 0
    /// More than any line of ours nests; bounds the stack.
    private static let deepest = 64

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    package static func parse(_ bytes: [UInt8]) throws(Failure) -> JSONValue {
        var parser = JSONParser(bytes)
        let value = try parser.value()
        parser.space()
        guard parser.index == bytes.count else { throw parser.failure("something follows the value") }
        return value
    }

    private func failure(_ reason: String) -> Failure { Failure(column: index + 1, reason: reason) }

    private mutating func space() {
        while index < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[index]) { index += 1 }
    }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func value() throws(Failure) -> JSONValue {
        space()
        switch next {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), .some(0x30...0x39): return try number()
        case nil: throw failure("the line ends too early")
        default: throw failure("no JSON value begins like this")
        }
    }

    private mutating func word(_ text: StaticString, _ value: JSONValue) throws(Failure) -> JSONValue {
        let length = text.utf8CodeUnitCount
        guard index + length <= bytes.count, text.withUTF8Buffer({ bytes[index..<index + length].elementsEqual($0) })
        else { throw failure("no JSON value begins like this") }
        index += length
        return value
    }

    private mutating func deeper() throws(Failure) {
        depth += 1
        index += 1
        if depth > Self.deepest { throw failure("nested too deeply") }
    }

    private mutating func object() throws(Failure) -> JSONValue {
        try deeper()
        defer { depth -= 1 }
        var members: [String: JSONValue] = [:]
        space()
        if next == UInt8(ascii: "}") {
            index += 1
            return .object(members)
        }
        while true {
            space()
            guard next == UInt8(ascii: "\"") else { throw failure("a key is missing") }
            let name = try string()
            space()
            guard next == UInt8(ascii: ":") else { throw failure("a colon is missing") }
            index += 1
            members[name] = try value()
            if try ends(UInt8(ascii: "}")) { return .object(members) }
        }
    }

    private mutating func array() throws(Failure) -> JSONValue {
        try deeper()
        defer { depth -= 1 }
        var values: [JSONValue] = []
        space()
        if next == UInt8(ascii: "]") {
            index += 1
            return .array(values)
        }
        while true {
            values.append(try value())
            if try ends(UInt8(ascii: "]")) { return .array(values) }
        }
    }

    private mutating func ends(_ closing: UInt8) throws(Failure) -> Bool {
        space()
        guard let byte = next else { throw failure("the line ends too early") }
        guard byte == closing || byte == UInt8(ascii: ",") else { throw failure("a comma is missing") }
        index += 1
        return byte == closing
    }

    private mutating func number() throws(Failure) -> JSONValue {
        let start = index
        skip(UInt8(ascii: "-"))
        // A leading zero stands alone.
        if !skip(UInt8(ascii: "0")) { try digits() }
        if skip(UInt8(ascii: ".")) { try digits() }
        if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
            _ = skip(UInt8(ascii: "+")) || skip(UInt8(ascii: "-"))
            try digits()
        }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        if let integer = Int64(text) { return .integer(integer) }
        guard let number = Double(text), number.isFinite else { throw failure("this number is too large") }
        return .number(number)
    }

    @discardableResult
    private mutating func skip(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        index += 1
        return true
    }

    private mutating func digits() throws(Failure) {
        guard let byte = next, (0x30...0x39).contains(byte) else { throw failure("this is no number") }
        while let byte = next, (0x30...0x39).contains(byte) { index += 1 }
    }

    private mutating func string() throws(Failure) -> String {
        index += 1
        var text: [UInt8] = []
        while true {
            let start = index
            while let byte = next, byte != 0x22, byte != 0x5c, byte >= 0x20 { index += 1 }
            text.append(contentsOf: bytes[start..<index])
            switch next {
            case 0x22:
                index += 1
                guard let result = String(validating: text, as: UTF8.self) else { throw failure("this is not UTF-8") }
                return result
            case 0x5c:
                index += 1
                try escape(&text)
            case nil: throw failure("the line ends within a string")
            default: throw failure("a control character within a string")
            }
        }
    }

    private mutating func escape(_ text: inout [UInt8]) throws(Failure) {
        guard let byte = next else { throw failure("the line ends within a string") }
        index += 1
        switch byte {
        case 0x22, 0x5c, 0x2f: text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0c)
        case UInt8(ascii: "n"): text.append(0x0a)
        case UInt8(ascii: "r"): text.append(0x0d)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var value = try fourDigits()
            if (0xd800..<0xdc00).contains(value), index + 1 < bytes.count, bytes[index] == 0x5c,
                bytes[index + 1] == UInt8(ascii: "u")
            {
                index += 2
                let low = try fourDigits()
                guard (0xdc00..<0xe000).contains(low) else { throw failure("half a surrogate pair") }
                value = 0x10000 + (value - 0xd800) << 10 + (low - 0xdc00)
            }
            guard let scalar = Unicode.Scalar(value) else { throw failure("half a surrogate pair") }
            text.append(contentsOf: UTF8.encode(scalar)!)
        default: throw failure("an escape that JSON does not have")
        }
    }

    private mutating func fourDigits() throws(Failure) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw failure("four hexadecimal digits are missing")
            }
            value = value << 4 | UInt32(digit)
            index += 1
        }
        return value
    }
}
