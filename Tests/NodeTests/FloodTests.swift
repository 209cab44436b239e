import Foundation
import Testing

extension NodeTests {
    /// A workload that floods harms itself alone, and its flood is told as one.
    @Suite struct FloodTests {
        private let state = Scratch("flood-state")
        /// A file system without a disk, so that the monitor is the slow one.
        private static let memory = "/dev/shm"

        private func watch() async throws -> Monitor {
            try await Monitor([
                "run", "--state", state.path, "--learn", "1h", "--events", "novel", "--workload",
                "cgroup/driftwatch-test/flood-*",
            ])
        }

        /// Does new things at moments of chance while something else goes on: execs, and connects to refused ports.
        private func disturb(_ cgroup: Cgroup, execs: Int, connects: Int) async throws {
            let acts =
                ((0..<execs).map { ["nothing", "novel-\($0)"] }
                + (0..<connects).map { ["connect", "block", "127.0.0.1", "\(20000 + $0)"] })
                .shuffled()
            for act in acts {
                try await Task.sleep(for: .milliseconds(.random(in: 0...100)))
                // A refusal is the provoker's failure, and is none here.
                try await run(
                    [Node.provokers + "/enter-cgroup", cgroup.path, Node.provokers + "/" + act[0]] + act[1...])
            }
        }

        private func execs(_ lines: [Line], of cgroup: Cgroup) -> Set<String> {
            Set(
                lines.filter { $0.action == "exec" && $0.workload == cgroup.workload }
                    .compactMap { $0["process.args"]?.array?.last?.string }.filter { $0.hasPrefix("novel-") })
        }

        private func ports(_ lines: [Line], of cgroup: Cgroup) -> Set<Int64> {
            Set(
                lines.filter { $0.action == "connect" && $0.workload == cgroup.workload }
                    .compactMap { $0["destination.port"]?.integer })
        }

        /// Acts told to be over quota, by kind.
        private func saturated(_ lines: [Line], of cgroup: Cgroup, _ kind: String) -> Int64 {
            lines.filter { $0.rule == "monitor.saturated" && $0.workload == cgroup.workload }
                .compactMap { $0["driftwatch.over_quota.\(kind)"]?.integer }.reduce(0, +)
        }

        private func lost(_ lines: [Line], _ kinds: String...) throws -> Int64 {
            try kinds.map { try Ledger(lines.last!, $0)["lost"] }.reduce(0, +)
        }

        @Test(.judges("monitor-million-paths")) func aMillionPaths() async throws {
            let files = try temporary()
            defer { try? FileManager.default.removeItem(atPath: files) }
            let (flooder, bystander) = (try Cgroup("flood-paths"), try Cgroup("flood-bystander"))
            let monitor = try await watch()
            try await flooder.run(Node.provokers + "/nothing")
            let before = try memory(of: monitor.pid)

            let flood = try flooder.start(Node.provokers + "/open-new", files, "1000000")
            try await disturb(bystander, execs: 50, connects: 50)
            #expect(try await flood.wait(within: .seconds(120)) == 0)
            try await flooder.run(Node.provokers + "/nothing", "after")
            let after = try memory(of: monitor.pid)

            let lines =
                try await monitor.stop(with: "\"action\":\"exec\"")
                + monitor.lines(with: "\"action\":\"connect\"") + monitor.lines(with: "monitor.saturated")
            #expect(execs(lines, of: bystander).count == 50)
            #expect(ports(lines, of: bystander) == Set(20000..<20050))
            #expect(lines.contains { $0.action == "exec" && $0["process.args"]?.array?.last == "after" })
            #expect(try lost(lines, "exec", "connect", "listen") == 0)
            let told = Set(lines.filter { $0.rule == "monitor.saturated" }.map(\.workload))
            #expect(told == [flooder.workload])
            // A second's worth for each of the seconds that it took is all that may be looked at.
            #expect(saturated(lines, of: flooder, "open") > 800_000)
            #expect(after < before + 64 << 20, "\(before >> 20) MiB before, \(after >> 20) MiB after")
        }

        @Test(.judges("monitor-port-scan")) func aPortScan() async throws {
            let (scanner, bystander) = (try Cgroup("flood-scan"), try Cgroup("flood-aside"))
            let monitor = try await watch()
            let scan = try scanner.start(Node.provokers + "/scan", "1024", "60000")
            try await disturb(bystander, execs: 20, connects: 5)
            #expect(try await scan.wait() == 0)
            try await scanner.run(Node.provokers + "/nothing", "after")
            let lines = try await monitor.stop()
            #expect(execs(lines, of: bystander).count == 20)
            #expect(ports(lines, of: bystander) == Set(20000..<20005))
            #expect(lines.contains { $0.action == "exec" && $0["process.args"]?.array?.last == "after" })
            #expect(try lost(lines, "exec", "connect", "listen") == 0)
            let told = saturated(lines, of: scanner, "connect")
            #expect(told > 30_000)
            #expect(told + Int64(ports(lines, of: scanner).count) == 60_000)
        }

        /// A cgroup of its own for each part of the flood is no way around the quota.
        @Test(.judges("monitor-nested-flood")) func nestedCgroupsShareAQuota() async throws {
            let files = try temporary()
            defer { try? FileManager.default.removeItem(atPath: files) }
            let cgroup = try Cgroup("flood-nested")
            let monitor = try await watch()
            try await cgroup.run(Node.provokers + "/nothing", "known")
            try await monitor.line("the workload") { $0.workload == cgroup.workload && $0.action == "exec" }
            // Each within what a workload may do at once, all together forty times as much.
            try await must([Node.provokers + "/nest", cgroup.path, "40", files, "4000"])
            let lines = try await monitor.stop(with: "monitor.saturated")
            #expect(saturated(lines, of: cgroup, "open") > 80_000)
        }

        /// Execs that are many and alike hide none that is not.
        @Test(.judges("monitor-exec-flood")) func execsAmongExecs() async throws {
            let cgroup = try Cgroup("flood-execs")
            let monitor = try await watch()
            let flood = try (0..<2).map { _ in try cgroup.start(Node.provokers + "/exec-new", "3000") }
            for number in 0..<10 {
                try await cgroup.run(Node.provokers + "/nothing", "novel-\(number)")
                try await Task.sleep(for: .milliseconds(50))
            }
            for child in flood { #expect(try await child.wait() == 0) }
            let lines = try await monitor.stop(with: "\"action\":\"exec\"")
            #expect(try lost(lines, "exec") == 0)
            #expect(execs(lines, of: cgroup).contains("novel-0"))
        }

        private func temporary() throws -> String {
            let path = Self.memory + "/driftwatch-\(UUID().uuidString.prefix(8))"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            return path
        }

        /// Resident bytes of a process.
        private func memory(of pid: pid_t) throws -> Int {
            let line = try read("/proc/\(pid)/status").split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
            let words = line?.split(whereSeparator: \.isWhitespace) ?? []
            return (words.count > 1 ? Int(words[1]) ?? 0 : 0) << 10
        }
    }
}
