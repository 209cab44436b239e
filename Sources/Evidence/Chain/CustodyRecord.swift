import Foundation

/// The line about one instance that ended, proving itself: it can be taken out of the evidence and still be checked.
///
/// `{...,"signature":"<base64>"}`: Ed25519 of `driftwatch custody v1`, a newline, and the bytes of the line without its last
/// field.
package struct CustodyRecord {
    /// The line without its signature.
    package let line: [UInt8]
    private let signature: [UInt8]

    private static let sort = Array("driftwatch custody v1\n".utf8)
    private static let signing = Array(#","signature":""#.utf8)
    private static let closing = Array(#""}"#.utf8)
    /// 64 bytes as base64.
    private static let length = 88

    /// Nil where the record is none.
    package init?(_ record: ArraySlice<UInt8>) {
        let tail = record.suffix(Self.signing.count + Self.length + Self.closing.count)
        guard tail.starts(with: Self.signing), Array(tail.suffix(Self.closing.count)) == Self.closing,
            record.count > tail.count,
            case let encoded = Data(tail.dropFirst(Self.signing.count).prefix(Self.length)),
            let signature = Data(base64Encoded: encoded), signature.count == 64,
            // Of two spellings in base64 only one is canonical.
            Data(signature.base64EncodedString().utf8) == encoded
        else { return nil }
        self.signature = Array(signature)
        line = Array(record.dropLast(tail.count)) + [UInt8(ascii: "}")]
    }

    package func isSigned(by key: VerifyingKey) -> Bool { key.accepts(signature, of: Self.sort + line) }

    /// The line, one JSON object, with its signature; with or without its newline, as it came.
    static func signed(_ line: [UInt8], by key: SigningKey) throws(EvidenceError) -> [UInt8] {
        let isEnded = line.last == 0x0a
        let object = isEnded ? Array(line.dropLast()) : line
        guard object.last == UInt8(ascii: "}"), object.count > 2 else {
            throw EvidenceError("cannot sign what is no object")
        }
        let signature = Data(try key.signature(of: sort + object)).base64EncodedString()
        var record = Array(object.dropLast())
        record += signing
        record += signature.utf8
        record += closing
        if isEnded { record.append(0x0a) }
        return record
    }
}

extension Journal {
    /// The line with a signature of its own.
    package func custody(_ line: [UInt8]) throws(EvidenceError) -> [UInt8] { try CustodyRecord.signed(line, by: key) }
}
