import Crypto
import Foundation

/// What went wrong with evidence: one line, what, why, what to do.
package struct EvidenceError: Error, Sendable, CustomStringConvertible {
    package var description: String
    init(_ description: String) { self.description = description }

    static func reason(_ number: Int32) -> String { String(cString: strerror(number)).lowercased() }
}

/// The Ed25519 key that vouches for evidence.
package struct SigningKey: Sendable {
    private let key: Curve25519.Signing.PrivateKey

    package var publicKey: VerifyingKey { VerifyingKey(key: key.publicKey) }

    /// Reads the key from a file that nobody but its owner can read: 32 bytes as base64.
    package init(path: String) throws(EvidenceError) {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else {
            throw EvidenceError("cannot read the signing key \(path): \(EvidenceError.reason(errno))")
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw EvidenceError("the signing key \(path) is no file; name one with --evidence-key")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw EvidenceError(
                "the signing key \(path) can be read by others, who could have signed with it; make a new one, mode 0600"
            )
        }
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = pread(file, &buffer, buffer.count, 0)
        guard let data = Data(base64Line: buffer.prefix(max(0, count))),
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: data)
        else {
            throw EvidenceError("\(path) holds no signing key: 32 bytes as base64 are expected; restore or remove it")
        }
        self.key = key
    }

    /// The key of a directory, made at the first time, and beside it the public one for whoever verifies.
    static func kept(in directory: String) throws(EvidenceError) -> SigningKey {
        let path = directory + "/key"
        guard access(path, F_OK) != 0 else { return try SigningKey(path: path) }
        let key = SigningKey(key: Curve25519.Signing.PrivateKey())
        // As a whole or not at all: half a key would be taken for a broken one for ever.
        try key.write(to: path)
        return key
    }

    private init(key: Curve25519.Signing.PrivateKey) { self.key = key }

    private func write(to path: String) throws(EvidenceError) {
        let part = path + ".part"
        unlink(part)
        let file = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        let text = Array((key.rawRepresentation.base64EncodedString() + "\n").utf8)
        let isWritten = file >= 0 && Glibc.write(file, text, text.count) == text.count && fsync(file) == 0
        let code = errno
        if file >= 0 { close(file) }
        guard isWritten, rename(part, path) == 0 else {
            throw EvidenceError(
                "cannot keep a signing key in \(path): \(EvidenceError.reason(isWritten ? errno : code))")
        }
    }

    func signature(of message: [UInt8]) throws(EvidenceError) -> [UInt8] {
        do { return Array(try key.signature(for: message)) } catch { throw EvidenceError("cannot sign: \(error)") }
    }
}

/// The half of the key that everyone may have.
package struct VerifyingKey: Sendable, Equatable {
    fileprivate let key: Curve25519.Signing.PublicKey

    fileprivate init(key: Curve25519.Signing.PublicKey) { self.key = key }

    /// 32 bytes as base64.
    package init?(text: String) {
        guard let data = Data(base64Line: Array(text.utf8)),
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: data)
        else { return nil }
        self.key = key
    }

    package init(path: String) throws(EvidenceError) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw EvidenceError("cannot read the public key \(path): \(EvidenceError.reason(errno))")
        }
        guard let key = VerifyingKey(text: String(decoding: data.prefix(256), as: UTF8.self)) else {
            throw EvidenceError("\(path) holds no public key: 32 bytes as base64 are expected")
        }
        self = key
    }

    package var text: String { key.rawRepresentation.base64EncodedString() }

    package static func == (left: VerifyingKey, right: VerifyingKey) -> Bool {
        left.key.rawRepresentation == right.key.rawRepresentation
    }

    func accepts(_ signature: [UInt8], of message: [UInt8]) -> Bool { key.isValidSignature(signature, for: message) }
}

extension Data {
    /// What a file with one line of base64 holds.
    fileprivate init?(base64Line bytes: some Collection<UInt8>) {
        self.init(base64Encoded: String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
    }
}
