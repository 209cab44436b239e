import Foundation

/// The secret that webhooks are signed with.
enum KeyFile {
    private static let largest = 4096

    /// The file's bytes without the newline at the end; refused where anybody but its owner may read it.
    static func read(_ path: String) throws(ActionError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard file >= 0 else {
            throw ActionError("cannot read the secret \(path): \(String(cString: strerror(errno)).lowercased())")
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw ActionError("the secret \(path) is no file")
        }
        guard status.st_uid == 0 || status.st_uid == geteuid() else {
            throw ActionError(
                "the secret \(path) belongs to user \(status.st_uid), who may change it: chown it to root")
        }
        guard status.st_mode & 0o077 == 0 else {
            let mode = String(status.st_mode & 0o7777, radix: 8)
            throw ActionError("others may read or change the secret \(path) (its mode is 0\(mode)): chmod 600 it")
        }
        var bytes = [UInt8](repeating: 0, count: largest + 1)
        let count = Glibc.read(file, &bytes, bytes.count)
        guard count >= 0, count <= largest else { throw ActionError("the secret \(path) is longer than 4 KiB") }
        bytes.removeSubrange(count...)
        while bytes.last == 0x0a || bytes.last == 0x0d { bytes.removeLast() }
        guard !bytes.isEmpty else { throw ActionError("the secret \(path) is empty") }
        return bytes
    }
}
