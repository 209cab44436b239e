import Foundation

/// A failure of the state directory: one line, what, why, what to do.
package struct StateError: Error, Sendable, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}

/// Holds the state directory for one monitor; released when it goes, also by a kill.
package struct StateLock: ~Copyable {
    private let descriptor: Int32
    /// What was found and changed about the directory, a line each.
    package let notices: [String]

    /// Makes the directory if it is not there, for root's eyes only.
    package init(directory: String) throws(StateError) {
        let notices = try StateDirectory.prepare(directory)
        let path = directory + "/lock"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StateError(
                "state directory \(directory) cannot be written: \(reason(errno)); choose another with --state")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            var buffer = [UInt8](repeating: 0, count: 32)
            let length = pread(descriptor, &buffer, buffer.count, 0)
            close(descriptor)
            guard code == EWOULDBLOCK else { throw StateError("\(path) cannot be locked: \(reason(code))") }
            let pid = String(decoding: buffer.prefix(max(0, length)).prefix { (48...57).contains($0) }, as: UTF8.self)
            throw StateError(
                "another driftwatch\(pid.isEmpty ? "" : " (pid \(pid))") runs on state directory \(directory); "
                    + "stop it or choose another with --state")
        }
        let text = Array("\(getpid())\n".utf8)
        // A pid that cannot be written is only missing from the other's message.
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, text, text.count, 0)
        self.descriptor = descriptor
        self.notices = notices
    }

    deinit { close(descriptor) }
}
