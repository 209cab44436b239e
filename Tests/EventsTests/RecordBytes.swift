import CEvents

/// Builds the bytes of a record as the kernel half would write them.
struct RecordBytes {
    private(set) var bytes: [UInt8] = []

    init<T: BitwiseCopyable>(_ fixed: T) {
        withUnsafeBytes(of: fixed) { bytes = Array($0) }
        setLength()
    }

    mutating func add(_ field: section_field, _ content: [UInt8], flags: section_flag? = nil) {
        let head = section(field: field.rawValue, flags: flags?.rawValue ?? 0, length: UInt32(content.count))
        withUnsafeBytes(of: head) { bytes += Array($0) }
        bytes += content
        bytes += [UInt8](repeating: 0, count: -content.count & 7)
        setLength()
    }

    mutating func add(_ field: section_field, _ content: String, flags: section_flag? = nil) {
        add(field, Array(content.utf8), flags: flags)
    }

    private mutating func setLength() {
        withUnsafeBytes(of: UInt32(bytes.count)) { bytes.replaceSubrange(4..<8, with: $0) }
    }
}

extension actor {
    /// A process like those of a real record.
    static var sample: actor {
        var value = actor()
        value.process = process_name(start: 5_000_000_000, pid: 4242, padding: 0)
        value.parent = process_name(start: 4_000_000_000, pid: 4000, padding: 0)
        value.cgroup = 77
        value.parent_cgroup = 76
        value.exec = 0xabc
        value.uid = 33
        value.flags = 2
        return value
    }
}

extension record {
    static func head(_ kind: record_kind) -> record {
        record(kind: kind.rawValue, padding: 0, length: 0, time: 9_000_000_000, sequence: 1, cpu: 0, padding2: 0)
    }
}
