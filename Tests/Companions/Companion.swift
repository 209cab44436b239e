import Glibc

/// A program that a test talks with, over a socket that is its input and its output.
///
/// Foundation's `Process` is not for tests that run at the same time: its waiting deadlocks among them, and reading from
/// one that failed ends the whole run.
package final class Companion: Sendable {
    package let pid: pid_t
    private let connection: Int32

    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    package init(_ words: [String]) throws(Failure) {
        var ends: [Int32] = [-1, -1]
        // At once closed on exec, so that nobody who is started beside inherits it.
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw Failure(description: "no sockets: error \(errno)")
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        let arguments = words.map { strdup($0) } + [nil]
        var pid: pid_t = 0
        let failure = posix_spawnp(&pid, words[0], &actions, nil, arguments, environ)
        arguments.forEach { free($0) }
        posix_spawn_file_actions_destroy(&actions)
        close(ends[1])
        self.pid = failure == 0 ? pid : 0
        connection = ends[0]
        guard failure == 0 else { throw Failure(description: "cannot start \(words[0]): error \(failure)") }
    }

    deinit {
        end()
        close(connection)
    }

    /// The next line that it prints, without its end; what there is where it has ended.
    package func line() -> String {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while true {
            let count = read(connection, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1, byte != 0x0a else { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
    }

    /// By a signal that it cannot have been born deaf to.
    private func end() {
        guard pid > 0 else { return }
        kill(pid, SIGKILL)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    }
}
