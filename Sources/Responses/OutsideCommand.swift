import CLinux
import Drift
import Events
import Foundation

/// A program that is told of an alert, or asked to act. No shell is between.
package struct OutsideCommand: Sendable, Equatable {
    /// The program's path, and its arguments.
    package var words: [Template]
    /// Seconds after which it is killed with all that it started in its group.
    package var timeout = 30.0

    package init(words: [Template]) { self.words = words }

    private static let beat = Duration.milliseconds(10)
    /// Of its first line of output, kept for the record.
    private static let longestLine = 200

    /// The first line that it printed. Its input is the alert's line, its environment little.
    func run(_ errand: Errand) async throws(ActionError) -> String {
        let input = try Self.file(holding: errand.line + [0x0a])
        defer { close(input) }
        var ends: [Int32] = [-1, -1]
        guard linux_pipe(&ends) == 0 else { throw Self.failure("cannot make a pipe") }
        let output = ends[0]
        defer { close(output) }
        let pid: pid_t
        do throws(ActionError) {
            pid = try spawn(errand, input: input, output: ends[1])
            close(ends[1])
        } catch {
            close(ends[1])
            throw error
        }
        var printed: [UInt8] = []
        let deadline = ContinuousClock.now + .seconds(timeout)
        var isCancelled = false
        while true {
            let isLate = ContinuousClock.now >= deadline
            Self.drain(output, into: &printed)
            var status: Int32 = 0
            if waitpid(pid, &status, WNOHANG) == pid {
                Self.drain(output, into: &printed)
                // What it left behind in its group is not to outlive it unseen.
                kill(-pid, SIGKILL)
                return try Self.result(status, Self.line(printed))
            }
            // Late only if it had not ended by then, however long nobody looked.
            guard isCancelled || isLate else {
                isCancelled = (try? await Task.sleep(for: Self.beat)) == nil
                continue
            }
            kill(-pid, SIGKILL)
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            throw ActionError(
                isCancelled
                    ? "it was ended with the monitor" : "it did not end in \(TimeSpan.text(timeout)) and was killed")
        }
    }

    private static func result(_ status: Int32, _ line: String) throws(ActionError) -> String {
        if status & 0x7f != 0 { throw ActionError("it was ended by signal \(status & 0x7f)") }
        let code = status >> 8 & 0xff
        guard code == 0 else { throw ActionError("it ended with \(code)\(line.isEmpty ? "" : ": " + line)") }
        return line
    }

    private func spawn(_ errand: Errand, input: Int32, output: Int32) throws(ActionError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        guard linux_prepare_files(&actions, input, output) == 0 else { throw Self.failure("cannot prepare a program") }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A group of its own, and signals as a program expects them: the monitor ignores some.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        let arguments = words.map { strdup($0.filled(errand.values)) } + [nil]
        let environment = Self.environment(errand).map { strdup($0) } + [nil]
        defer { (arguments + environment).forEach { free($0) } }
        var pid: pid_t = 0
        let failure = posix_spawn(&pid, words[0].text, &actions, &attributes, arguments, environment)
        guard failure == 0 else {
            throw ActionError("cannot run \(words[0].text): \(String(cString: strerror(failure)).lowercased())")
        }
        // What shields the monitor is not for others: its priority, and that it is spared where memory is short.
        setpriority(__priority_which_t(PRIO_PGRP.rawValue), id_t(pid), 0)
        let score = open("/proc/\(pid)/oom_score_adj", O_WRONLY | O_CLOEXEC)
        if score >= 0 {
            _ = write(score, "0", 1)
            close(score)
        }
        return pid
    }

    private static func environment(_ errand: Errand) -> [String] {
        let shown: [Template.Field] = [.alert, .policy, .response, .rule, .workload]
        return ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"]
            + shown.map { "DRIFTWATCH_\($0.rawValue.uppercased())=\(errand.values[$0] ?? "")" }
            + ["DRIFTWATCH_STEP=\(errand.kind.rawValue)"]
    }

    /// In memory: whoever reads it slowly, or not at all, makes nobody wait.
    private static func file(holding bytes: [UInt8]) throws(ActionError) -> Int32 {
        let file = linux_memory_file("alert")
        guard file >= 0 else { throw failure("cannot make a file in memory") }
        guard write(file, bytes, bytes.count) == bytes.count, lseek(file, 0, SEEK_SET) == 0 else {
            close(file)
            throw failure("cannot write a file in memory")
        }
        return file
    }

    private static func failure(_ what: String) -> ActionError {
        ActionError("\(what): \(String(cString: strerror(errno)).lowercased())")
    }

    /// Takes what is there; beyond what is kept it is thrown away.
    private static func drain(_ file: Int32, into printed: inout [UInt8]) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        // A flood is left for the next beat.
        for _ in 0..<256 {
            let count = read(file, &buffer, buffer.count)
            guard count > 0 else { return }
            if printed.count < 4 * longestLine { printed += buffer[..<count] }
        }
    }

    private static func line(_ printed: [UInt8]) -> String {
        let line = printed.split(separator: 0x0a, maxSplits: 1, omittingEmptySubsequences: true).first ?? []
        return printable(String(decoding: line, as: UTF8.self), limit: longestLine)
    }
}
