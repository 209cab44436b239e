import Foundation
import Testing

extension NodeTests {
    /// What was done before costs no line, and no act goes missing from the books.
    @Suite struct FirstSeenTests {
        @Test func repeatsStayInTheKernel() async throws {
            let files = Scratch("repeats")
            let paths = try (0..<10).map { try files.write("x", to: "file-\(UnicodeScalar(97 + $0)!)") }
            let cgroup = try Cgroup("repeats")
            let monitor = try await Monitor(["events", "--first-seen", "--kind", "open", "--workload", cgroup.workload])
            try await must(
                [Node.provokers + "/enter-cgroup", cgroup.path, Node.provokers + "/open-again", "100000"] + paths)
            let lines = try await monitor.stop()
            let opened = lines.filter { $0.action == "open" && $0.file.hasPrefix(files.path) }
            #expect(opened.count == 10)
            let ledger = try Ledger(lines.last!, "open")
            #expect(ledger["seen"] >= 100_000)
            #expect(ledger["known"] >= 99_990)
            #expect(ledger["emitted"] < 5_000)
            #expect(ledger["lost"] == 0)
        }

        @Test func everyActWithoutTheFilter() async throws {
            let files = Scratch("every")
            let path = try files.write("x", to: "f")
            let cgroup = try Cgroup("every")
            let monitor = try await Monitor(["events", "--kind", "open", "--workload", cgroup.workload])
            try await cgroup.run(Node.provokers + "/open-again", "1000", path)
            // Opens come in their order: behind the last one there are no more.
            let last = try files.write("x", to: "last")
            try await cgroup.run(Node.provokers + "/open-again", "1", last)
            try await monitor.line("the last open") { $0.action == "open" && $0.file == last }
            let lines = try await monitor.stop()
            #expect(lines.filter { $0.action == "open" && $0.file == path }.count == 1000)
        }

        @Test func renamedFileIsAnotherObject() async throws {
            let files = Scratch("renamed")
            let (old, new) = (try files.write("x", to: "old"), files / "new")
            let cgroup = try Cgroup("renamed")
            let monitor = try await Monitor(["events", "--first-seen", "--kind", "open", "--workload", cgroup.workload])
            try await cgroup.run(Node.provokers + "/rename-open", old, new)
            let paths = try await monitor.stop().filter { $0.file.hasPrefix(files.path) }.map(\.file)
            #expect(paths == [old, new])
        }

        @Test func replacedProgramIsAnotherOne() async throws {
            let files = Scratch("replaced")
            let (program, other) = (files / "program", files / "other")
            for copy in [program, other] {
                try FileManager.default.copyItem(atPath: Node.provokers + "/nothing", toPath: copy)
            }
            let cgroup = try Cgroup("replaced")
            let monitor = try await Monitor(["events", "--first-seen", "--kind", "exec", "--workload", cgroup.workload])
            for _ in 0..<3 { try await cgroup.run(program, "same") }
            #expect(rename(other, program) == 0)
            for _ in 0..<3 { try await cgroup.run(program, "same") }
            let lines = try await monitor.stop().filter { $0.executable == program }
            #expect(lines.count == 2, "\(lines)")
        }

        @Test(.judges("monitor-flood")) func anExecSurvivesAFloodOfOpens() async throws {
            let files = Scratch("flood")
            let cgroup = try Cgroup("flood")
            let monitor = try await Monitor(["events", "--first-seen", "--workload", cgroup.workload])
            try await cgroup.run(Node.provokers + "/open-new", files.path, "60000")
            try await cgroup.run(Node.provokers + "/nothing", "after")
            let lines = try await monitor.stop(with: "\"after\"")
            #expect(lines.contains { $0.action == "exec" && $0["process.args"]?.array?.last == "after" })
            #expect(try Ledger(lines.last!, "exec")["lost"] == 0)
        }
    }
}
