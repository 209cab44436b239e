import Events

extension Timestamp {
    /// `2026-11-20T09:00:00.000000001Z`: as lines have it, all nine decimals.
    static func line(_ nanoseconds: Int64) -> String {
        var bytes = ByteBuffer(capacity: 64)
        write(nanoseconds, to: &bytes)
        return String(decoding: bytes.array, as: UTF8.self)
    }

    static func write(_ nanoseconds: Int64, to bytes: inout ByteBuffer) {
        let parts = parts(nanoseconds)
        bytes.append(decimal: UInt64(parts.year), width: 4)
        bytes.append(UInt8(ascii: "-"))
        bytes.append(decimal: UInt64(parts.month), width: 2)
        bytes.append(UInt8(ascii: "-"))
        bytes.append(decimal: UInt64(parts.day), width: 2)
        bytes.append(UInt8(ascii: "T"))
        bytes.append(decimal: UInt64(parts.hour), width: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(decimal: UInt64(parts.minute), width: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(decimal: UInt64(parts.second), width: 2)
        bytes.append(UInt8(ascii: "."))
        bytes.append(decimal: UInt64(parts.nanosecond), width: 9)
        bytes.append(UInt8(ascii: "Z"))
    }
}
