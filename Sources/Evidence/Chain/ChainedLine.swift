/// A line of evidence: `{"chain":"<digest>","n":<number>,"record":<one JSON object>}`.
///
/// Read byte by byte as it was written, never as JSON: no second spelling of a line has the same digest.
package struct ChainedLine {
    /// Of this line.
    package var digest: ChainDigest
    /// From 1, over all segments.
    package var number: UInt64
    package var record: ArraySlice<UInt8>

    private static let opening = Array(#"{"chain":""#.utf8)
    private static let numbering = Array(#"","n":"#.utf8)
    private static let recording = Array(#","record":"#.utf8)
    private static let closing = UInt8(ascii: "}")

    /// Reads a line without its newline.
    init?(_ line: ArraySlice<UInt8>) {
        var rest = line
        func skip(_ expected: [UInt8]) -> Bool {
            guard rest.starts(with: expected) else { return false }
            rest = rest.dropFirst(expected.count)
            return true
        }
        guard skip(Self.opening), let digest = ChainDigest(hex: rest.prefix(64)) else { return nil }
        rest = rest.dropFirst(64)
        guard skip(Self.numbering) else { return nil }
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        guard digits.first != 0x30, let number = UInt64(String(decoding: digits, as: UTF8.self)),
            number < EvidenceFiles.mostLines
        else { return nil }
        rest = rest.dropFirst(digits.count)
        guard skip(Self.recording), rest.count >= 3, rest.last == Self.closing else { return nil }
        self.digest = digest
        self.number = number
        record = rest.dropLast()
    }

    /// Whether the bytes can be what a crash has left of a line.
    static func isBeginning(_ bytes: ArraySlice<UInt8>) -> Bool { opening.starts(with: bytes.prefix(opening.count)) }

    /// The line with its newline.
    static func bytes(_ digest: ChainDigest, _ number: UInt64, _ record: some Collection<UInt8>) -> [UInt8] {
        var line = opening
        line.reserveCapacity(record.count + 120)
        line += digest.description.utf8
        line += numbering
        line += String(number).utf8
        line += recording
        line += record
        line.append(closing)
        line.append(0x0a)
        return line
    }
}
