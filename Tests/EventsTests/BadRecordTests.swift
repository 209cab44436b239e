import CEvents
import Testing

@testable import Events

/// Records that lie: each is a value or a refusal, and none reads beyond its end.
@Suite struct BadRecordTests {
    private static let fixed: [(name: String, bytes: [UInt8])] = [
        ("exec", made(exec_record(), RECORD_EXEC, \.record)),
        ("connect", made(connect_record(), RECORD_CONNECT, \.record)),
        ("listen", made(listen_record(), RECORD_LISTEN, \.record)),
        ("open", made(open_record(), RECORD_OPEN, \.record)),
        ("cgroup made", made(cgroup_record(), RECORD_CGROUP_MADE, \.record)),
        ("cgroup removed", made(cgroup_record(), RECORD_CGROUP_REMOVED, \.record)),
        ("cgroup renamed", made(cgroup_record(), RECORD_CGROUP_RENAMED, \.record)),
        ("exit", made(exit_record(), RECORD_EXIT, \.record)),
        ("answer", made(answer_record(), RECORD_ANSWER, \.record)),
    ]

    private static func made<T: BitwiseCopyable>(
        _ fixed: T, _ kind: record_kind, _ head: WritableKeyPath<T, record>
    ) -> [UInt8] {
        var fixed = fixed
        fixed[keyPath: head] = .head(kind)
        return RecordBytes(fixed).bytes
    }

    private func decode(_ bytes: [UInt8]) throws(DecodeError) -> Record {
        var decoder = EventDecoder()
        return try decoder.decode(bytes.span.bytes)
    }

    private func withLength(_ bytes: [UInt8], _ length: Int) -> [UInt8] {
        var bytes = bytes
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: length)) { bytes.replaceSubrange(4..<8, with: $0) }
        return bytes
    }

    @Test(arguments: fixed) func theFixedPartMustBeWhole(name: String, bytes: [UInt8]) throws {
        _ = try decode(bytes)
        // The ring pads; what the record says counts.
        #expect(try decode(bytes + [UInt8](repeating: 0xff, count: 7)) == decode(bytes))
        #expect(throws: DecodeError.short) { try decode(Array(bytes.dropLast())) }
        for length in [0, 1, 7, 8, bytes.count - 1, bytes.count + 1, Int(Int32.max), -1] {
            #expect(throws: DecodeError.short, "\(name) that says \(length)") { try decode(withLength(bytes, length)) }
        }
    }

    @Test(arguments: [0, 10, 11, 255, 256, 65535] as [UInt16]) func otherKindsAreRefused(_ kind: UInt16) {
        for (_, bytes) in Self.fixed {
            var bytes = bytes
            withUnsafeBytes(of: kind) { bytes.replaceSubrange(0..<2, with: $0) }
            #expect(throws: DecodeError.unknownKind(kind)) { try decode(bytes) }
            #expect(EventDecoder.kind(of: bytes.span.bytes) == nil)
        }
    }

    private static let fields: [section_field] = [
        FIELD_EXECUTABLE, FIELD_PARENT_EXECUTABLE, FIELD_WORKING_DIRECTORY, FIELD_FILE, FIELD_FILENAME,
        FIELD_INTERPRETER, FIELD_ARGUMENTS, FIELD_CGROUP_PATH, FIELD_UNIX_NAME, section_field(rawValue: 999),
    ]

    /// A section's own length, off by one at its end, far beyond it, and so large that sums overflow.
    @Test(arguments: fields) func sectionsThatLie(_ field: section_field) throws {
        for (name, fixed) in Self.fixed where name != "exit" {
            let content = Array("a\0bcdefg".utf8)
            func record(_ length: UInt32) -> [UInt8] {
                let head = section(field: field.rawValue, flags: 0, length: length)
                let bytes = fixed + withUnsafeBytes(of: head) { Array($0) } + content
                return withLength(bytes, bytes.count)
            }
            for length in 1...8 as ClosedRange<UInt32> { _ = try decode(record(length)) }
            for length in [9, 10, 4096, .max - 7, .max] as [UInt32] {
                #expect(throws: DecodeError.short, "\(name), \(length)") { try decode(record(length)) }
            }
            // A head that is cut short is no section.
            for rest in 1..<8 {
                let bytes = fixed + [UInt8](repeating: 0, count: rest)
                #expect(throws: DecodeError.short) { try decode(withLength(bytes, bytes.count)) }
            }
        }
    }

    @Test func ofTwoSectionsOfAFieldTheLastCounts() throws {
        var fixed = open_record()
        fixed.record = .head(RECORD_OPEN)
        var bytes = RecordBytes(fixed)
        bytes.add(FIELD_FILE, "a\0")
        bytes.add(section_field(rawValue: 999), [UInt8](repeating: 0xff, count: 300))
        bytes.add(FIELD_FILE, "b\0")
        guard case .behaviour(let event) = try decode(bytes.bytes), case .open(let open) = event.act else {
            throw DecodeError.short
        }
        #expect(open.path.text == "/b")
    }

    /// Bits that this reader does not know would make two behaviours of what one line tells.
    @Test(arguments: [(0xffff_ffc8, .read), (0, .path), (0xffff_ffc0, .path)] as [(UInt32, Access)])
    func accessIsOneThatCanBeTold(bits: UInt32, access: Access) throws {
        var fixed = open_record()
        fixed.record = .head(RECORD_OPEN)
        fixed.access = bits
        guard case .behaviour(let event) = try decode(RecordBytes(fixed).bytes), case .open(let open) = event.act else {
            throw DecodeError.short
        }
        #expect(open.access == access)
    }

    @Test func theLargestRecordIsDecoded() throws {
        var fixed = exec_record()
        fixed.record = .head(RECORD_EXEC)
        fixed.argument_count = 1
        var bytes = RecordBytes(fixed)
        while bytes.bytes.count < Int(RECORD_MAX) - 4104 {
            bytes.add(FIELD_ARGUMENTS, [UInt8](repeating: 0x61, count: 4096))
        }
        guard case .behaviour(let event) = try decode(bytes.bytes), case .exec(let exec) = event.act else {
            throw DecodeError.short
        }
        #expect(exec.arguments == [String(repeating: "a", count: 4096)])
    }
}
