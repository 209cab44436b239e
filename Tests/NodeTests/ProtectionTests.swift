import Foundation
import Testing

extension NodeTests {
    /// What the monitor may do once it watches.
    @Suite struct ProtectionTests {
        private let files = Scratch("protection")

        struct Command: Sendable, CustomTestStringConvertible {
            var testDescription: String { words[0] }
            let words: [String]

            static let all = [
                Command(words: ["run", "--state", "STATE"]), Command(words: ["events"]),
                Command(words: ["record", "--for", "1m", "--out", "STATE"]),
            ]
        }

        /// CAP_BPF, CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH.
        private static let kept = "0000008000080004"

        @Test(.judges("monitor-taken-over"), arguments: Command.all) func rightsAreGivenUp(_ command: Command)
            async throws
        {
            let monitor = try await Monitor(
                command.words.map { $0 == "STATE" ? files / "state" : $0 } + ["--workload", "none"])
            let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(monitor.pid)/task")
            #expect(threads.count > 1, "the writer has a thread of its own")
            for thread in threads {
                guard let status = try? read("/proc/\(monitor.pid)/task/\(thread)/status") else { continue }
                let fields = Dictionary(
                    status.split(separator: "\n").map { line in
                        let parts = line.split(separator: ":", maxSplits: 1)
                        return (String(parts[0]), parts[1].trimmingCharacters(in: .whitespaces))
                    }, uniquingKeysWith: { $1 })
                for set in ["CapPrm", "CapEff", "CapBnd"] { #expect(fields[set] == Self.kept, "\(set) of \(thread)") }
                for set in ["CapInh", "CapAmb"] { #expect(fields[set] == "0000000000000000", "\(set) of \(thread)") }
                #expect(fields["NoNewPrivs"] == "1")
            }
            // Not every root may.
            if Self.mayLowerScore {
                #expect(try read("/proc/\(monitor.pid)/oom_score_adj") == "-1000\n")
            }
            if command.words.contains("--state") { #expect(try permissions(files / "state") == 0o700) }
            try await monitor.stop()
        }

        private func permissions(_ path: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }

        /// CAP_SYS_RESOURCE.
        private static let mayLowerScore =
            (try? read("/proc/self/status"))?.split(separator: "\n")
            .contains { $0.hasPrefix("CapEff:") && UInt64($0.suffix(16), radix: 16)! & 1 << 24 != 0 } == true

        /// Files of another user can still be written, and opened anew.
        @Test func outputOfAnotherUser() async throws {
            let home = files / "home"
            try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
            chown(home, 65534, 65534)
            chmod(home, 0o700)
            let monitor = try await Monitor(["events", "--workload", "none", "--output", home + "/lines"])
            try await eventually("a line") { try read(home + "/lines").contains("monitor-started") ? true : nil }
            rename(home + "/lines", home + "/lines.1")
            kill(monitor.pid, SIGHUP)
            try await eventually("a new file") { FileManager.default.fileExists(atPath: home + "/lines") ? true : nil }
            kill(monitor.pid, SIGTERM)
            try await eventually("the last line") {
                try read(home + "/lines").contains("monitor-stopped") ? true : nil
            }
        }
    }
}
