import Events

/// Writes one JSON object into bytes, its keys given in sorted order; no dictionary, no copy of a value.
package struct JSONWriter: ~Copyable {
    private var bytes: ByteBuffer
    private var needsComma = false
    #if DEBUG
        private var lastKeys: [String] = []
    #endif

    /// The buffer grows as needed and is kept by `clear()`.
    package init(capacity: Int = 4096) {
        bytes = ByteBuffer(capacity: capacity)
    }

    /// Starts anew with the same storage.
    package mutating func clear() {
        bytes.clear()
        needsComma = false
        #if DEBUG
            lastKeys = []
        #endif
    }

    package mutating func beginObject() {
        separate()
        bytes.append(UInt8(ascii: "{"))
        needsComma = false
        #if DEBUG
            lastKeys.append("")
        #endif
    }

    package mutating func endObject() {
        bytes.append(UInt8(ascii: "}"))
        needsComma = true
        #if DEBUG
            lastKeys.removeLast()
        #endif
    }

    package mutating func beginArray() {
        separate()
        bytes.append(UInt8(ascii: "["))
        needsComma = false
    }

    package mutating func endArray() {
        bytes.append(UInt8(ascii: "]"))
        needsComma = true
    }

    /// A name of ours: ASCII that needs no escape.
    package mutating func key(_ name: StaticString) {
        separate()
        #if DEBUG
            let text = name.description
            assert(lastKeys.last! < text, "key \(text) after \(lastKeys.last!)")
            lastKeys[lastKeys.count - 1] = text
        #endif
        bytes.append(UInt8(ascii: "\""))
        bytes.append(name)
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func object(_ name: StaticString, _ body: (inout JSONWriter) -> Void) {
        key(name)
        beginObject()
        body(&self)
        endObject()
    }

    /// `lossy`: characters U+0080 to U+00FF stand for bytes and are written as `\u00XX`.
    package mutating func field(_ name: StaticString, _ text: String, lossy: Bool = false) {
        key(name)
        string(text, lossy: lossy)
    }

    package mutating func field(_ name: StaticString, _ text: String?) {
        if let text { field(name, text) }
    }

    /// Of a field that has its place in every line of its sort.
    package mutating func field(_ name: StaticString, orNull text: String?) {
        if let text { field(name, text) } else { null(name) }
    }

    package mutating func null(_ name: StaticString) {
        key(name)
        separate()
        bytes.append("null")
        needsComma = true
    }

    package mutating func field(_ name: StaticString, static text: StaticString) {
        key(name)
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(text)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    package mutating func field(_ name: StaticString, _ number: some FixedWidthInteger) {
        key(name)
        integer(number)
    }

    package mutating func field(_ name: StaticString, _ flag: Bool) {
        key(name)
        separate()
        bytes.append(flag ? "true" : "false")
        needsComma = true
    }

    /// The shortest text that reads back as the same number; what is not finite is null.
    package mutating func field(_ name: StaticString, _ number: Double) {
        guard number.isFinite else { return null(name) }
        key(name)
        separate()
        var text = number.description
        text.withUTF8 { bytes.append($0) }
        needsComma = true
    }

    package mutating func field(_ name: StaticString, _ list: [String], lossy: Bool = false) {
        key(name)
        beginArray()
        for text in list { string(text, lossy: lossy) }
        endArray()
    }

    /// A number as a string, as ECS has keywords.
    package mutating func keyword(_ name: StaticString, _ number: some FixedWidthInteger) {
        key(name)
        separate()
        bytes.append(UInt8(ascii: "\""))
        digits(number)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    /// RFC 3339 in UTC with nanoseconds.
    package mutating func time(_ name: StaticString, _ nanoseconds: Int64) {
        key(name)
        separate()
        bytes.append(UInt8(ascii: "\""))
        Timestamp.write(nanoseconds, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    package mutating func time(_ name: StaticString, orNull nanoseconds: Int64?) {
        if let nanoseconds { time(name, nanoseconds) } else { null(name) }
    }

    package mutating func integer(_ number: some FixedWidthInteger) {
        separate()
        digits(number)
        needsComma = true
    }

    package mutating func string(_ text: String, lossy: Bool = false) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        if lossy {
            latin1(text)
        } else {
            var text = text
            text.withUTF8 { escape($0) }
        }
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    /// The object with a newline; the storage is kept for the next one.
    package mutating func takeLine() -> [UInt8] {
        bytes.append(0x0a)
        defer { clear() }
        return bytes.array
    }

    /// Sixteen digits.
    package mutating func identifier(_ name: StaticString, _ number: UInt64) {
        key(name)
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(hexadecimal: number, width: 16)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = false
    }

    /// Runs of plain bytes are copied whole.
    private mutating func escape(_ text: UnsafeBufferPointer<UInt8>) {
        var start = 0
        var index = 0
        while index < text.count {
            let byte = text[index]
            if byte >= 0x20, byte != 0x22, byte != 0x5c, byte < 0x7f || byte > 0xc2 {
                index += 1
                continue
            }
            // U+0080 to U+009F are controls too, and a terminal may obey them: C2 80 to C2 9F.
            let isControl = byte == 0xc2 && index + 1 < text.count && text[index + 1] < 0xa0
            if byte >= 0x80, !isControl {
                index += 1
                continue
            }
            bytes.append(UnsafeBufferPointer(rebasing: text[start..<index]))
            escaped(isControl ? text[index + 1] : byte)
            index += isControl ? 2 : 1
            start = index
        }
        bytes.append(UnsafeBufferPointer(rebasing: text[start..<text.count]))
    }

    private mutating func latin1(_ text: String) {
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x20...0x7e where scalar.value != 0x22 && scalar.value != 0x5c: bytes.append(UInt8(scalar.value))
            case 0...0xff: escaped(UInt8(scalar.value))
            default: for byte in UTF8.encode(scalar)! { bytes.append(byte) }
            }
        }
    }

    private mutating func escaped(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x22, 0x5c: bytes.append(byte)
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0a: bytes.append(UInt8(ascii: "n"))
        case 0x0c: bytes.append(UInt8(ascii: "f"))
        case 0x0d: bytes.append(UInt8(ascii: "r"))
        default:
            bytes.append("u")
            bytes.append(hexadecimal: UInt64(byte), width: 4)
        }
    }

    private mutating func digits(_ number: some FixedWidthInteger) {
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        bytes.append(decimal: UInt64(number.magnitude))
    }
}
