import CLinux
import Drift
import Foundation
import Synchronization

/// Standard input, output and error as this program wants them, whatever it was started with.
enum StandardFiles {
    /// Fills the places of those that are closed: the next file that is opened would take one, and get its lines.
    static func fill() {
        for number in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(number, F_GETFD) < 0 {
            // Read-only, so that writing is an error as it would be to a closed one. The lowest free number is taken.
            _ = open("/dev/null", O_RDONLY)
        }
    }

    /// Says what of standard output could not be written, which `print` never does.
    static func flushOutput() throws(Failure) {
        guard linux_flush_output() == 0 else {
            throw Failure("cannot write to standard output: \(reason(errno)); the output is not whole")
        }
    }

    private static let stalled = Atomic(false)

    /// One line on standard error, safe for a terminal whatever the text holds. A reader that does not read is waited
    /// for once, and not again until it does: the monitor must not stand still with it.
    static func report(_ text: String) {
        let line = text.split(whereSeparator: \.isNewline).map { printable(String($0)) }.joined(separator: " ")
        writeError("driftwatch: \(line)\n")
    }

    static func writeError(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            var request = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
            let ready = poll(&request, 1, stalled.load(ordering: .relaxed) ? 0 : 1000)
            if ready < 0, errno == EINTR { continue }
            stalled.store(ready == 0, ordering: .relaxed)
            guard ready > 0 else { return }
            // POSIX: a pipe that polls writable takes this much without waiting.
            let count = bytes.prefix(4096).withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}
