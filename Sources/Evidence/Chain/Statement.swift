import Foundation

/// Something that the key vouches for, as a line: `{"body":<JSON>,"signature":"<base64>"}`.
///
/// The signature is of the body's bytes as they stand, behind a word that tells one sort of statement from another.
protocol Statement: Codable, Sendable {
    static var sort: String { get }
    /// Whether its numbers are ones that a monitor can have come to.
    var isPossible: Bool { get }
}

extension Statement {
    /// The line, without a newline.
    func signed(by key: SigningKey) throws(EvidenceError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let body = try? encoder.encode(self) else { throw EvidenceError("cannot write a \(Self.sort) as JSON") }
        let signature = Data(try key.signature(of: Self.message(body))).base64EncodedString()
        return StatementLine.opening + body + StatementLine.signing + signature.utf8 + StatementLine.closing
    }

    /// nil where it is none, or the key did not sign it.
    init?(_ line: ArraySlice<UInt8>, key: VerifyingKey) {
        guard line.starts(with: StatementLine.opening), line.count > StatementLine.frame else { return nil }
        let tail = line.suffix(StatementLine.signing.count + 88 + StatementLine.closing.count)
        let body = line.dropFirst(StatementLine.opening.count).dropLast(tail.count)
        let encoded = tail.dropFirst(StatementLine.signing.count).dropLast(StatementLine.closing.count)
        guard tail.starts(with: StatementLine.signing), Array(tail.suffix(2)) == StatementLine.closing,
            let signature = Data(base64Encoded: Data(encoded)),
            // Of two spellings in base64 only one is canonical.
            Array(signature.base64EncodedString().utf8) == Array(encoded),
            key.accepts(Array(signature), of: Self.message(Data(body))),
            let statement = try? JSONDecoder().decode(Self.self, from: Data(body)), statement.isPossible
        else { return nil }
        self = statement
    }

    private static func message(_ body: Data) -> [UInt8] { Array("driftwatch \(sort) v1\n".utf8) + body }
}

private enum StatementLine {
    static let opening = Array(#"{"body":"#.utf8)
    static let signing = Array(#","signature":""#.utf8)
    static let closing = Array(#""}"#.utf8)
    static let frame = opening.count + signing.count + 88 + closing.count
}

/// How far the chain had got at a time: whoever keeps it elsewhere can tell that what was before is unchanged.
package struct Checkpoint: Statement, Equatable {
    static let sort = "checkpoint"

    package var chain: ChainDigest
    /// Of the manifest's last line; that of nothing while it has none.
    var manifest: ChainDigest
    package var n: UInt64
    package var segment: Int
    /// RFC 3339.
    package var time: String

    var isPossible: Bool { (0..<EvidenceFiles.mostSegments).contains(segment) && n < EvidenceFiles.mostLines }
}

/// What became of a segment.
struct ManifestEntry: Statement, Equatable {
    static let sort = "manifest"

    enum Fate: String, Codable, Sendable {
        /// It ended as it should, with a seal.
        case sealed
        /// The monitor ended before it could be sealed; this says how far it was whole at the next start.
        case abandoned
        /// It was removed because it had been kept for long enough.
        case retired
    }
    var bytes: Int
    var chain: ChainDigest
    var fate: Fate
    var first: UInt64
    var from: String
    var last: UInt64
    /// SHA-256 of the manifest's line before, without its newline.
    var previous: ChainDigest
    var segment: Int
    var to: String
    /// Bytes of a line that a crash had cut, and that were cut off.
    var torn: Int?
    /// Why an abandoned segment is not what had been written.
    var doubt: String?

    var isPossible: Bool {
        (0..<EvidenceFiles.mostSegments).contains(segment) && last < EvidenceFiles.mostLines
            && (0..<1 << 48).contains(bytes)
    }
}
