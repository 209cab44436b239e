import Foundation
import Testing

extension NodeTests {
    /// What was learned outlives the monitor, however that ends.
    @Suite struct RestartTests {
        private let state = Scratch("restart")
        private let files = Scratch("restart-files")

        private func open(_ name: String, in cgroup: Cgroup) async throws {
            try await cgroup.run(Node.provokers + "/open", "openat", try files.write("x", to: name), "read")
        }

        private func monitor(learn: String, _ cgroup: Cgroup) async throws -> Monitor {
            try await Monitor(["run", "--state", state.path, "--learn", learn, "--workload", cgroup.workload])
        }

        @Test func learningGoesOn() async throws {
            let cgroup = try Cgroup("goes-on")
            let first = try await monitor(learn: "8s", cgroup)
            try await open("before", in: cgroup)
            try await Task.sleep(for: .seconds(4))
            let early = try await first.stop()
            #expect(!early.contains { $0.action == "baseline-armed" })

            let second = try await monitor(learn: "8s", cgroup)
            try await open("after", in: cgroup)
            // What is left of eight seconds, not eight more.
            try await second.armed(cgroup.workload, within: .milliseconds(7500))
            for name in ["before", "after", "never"] { try await open(name, in: cgroup) }
            try await second.line("alert") { $0.kind == "alert" && $0.file.hasSuffix("/never") }
            let alerts = try await second.stop().filter { $0.kind == "alert" && $0.action == "open" }
            #expect(alerts.map { ($0.file as NSString).lastPathComponent } == ["never"])
        }

        @Test(.judges("monitor-killed")) func killed() async throws {
            let cgroup = try Cgroup("killed")
            let first = try await monitor(learn: "3s", cgroup)
            try await open("before", in: cgroup)
            try await first.armed(cgroup.workload)
            try await first.kill9()
            try await Task.sleep(for: .seconds(1))

            let second = try await monitor(learn: "3s", cgroup)
            let gap = try await second.line("coverage-gap") { $0.action == "coverage-gap" }
            #expect(gap["driftwatch.gap.why"] == "the monitor did not run")
            #expect(gap["driftwatch.gap.workloads"]?.array?.contains(.string(cgroup.workload)) == true, "\(gap)")
            let from = try #require(gap.time("driftwatch.gap.from"))
            let to = try #require(gap.time("driftwatch.gap.to"))
            #expect(to - from >= 1_000_000_000, "\(gap)")
            for name in ["before", "never"] { try await open(name, in: cgroup) }
            try await second.line("alert") { $0.kind == "alert" && $0.file.hasSuffix("/never") }
            let alerts = try await second.stop().filter { $0.kind == "alert" && $0.action == "open" }
            #expect(alerts.map { ($0.file as NSString).lastPathComponent } == ["never"])
        }

        @Test(.judges("monitor-second")) func oneMonitorToAState() async throws {
            let cgroup = try Cgroup("alone")
            let first = try await monitor(learn: "1h", cgroup)
            let second = try await run([Monitor.command, "run", "--state", state.path], within: .seconds(10))
            #expect(second.status == 1)
            #expect(second.errors.split(separator: "\n").count == 1, "\(second.errors)")
            #expect(second.errors.contains(state.path), "\(second.errors)")
            try await first.stop()
        }

        @Test func recordedIsAccepted() async throws {
            let cgroup = try Cgroup("recorded")
            let recorder = try Child(
                [
                    Monitor.command, "record", "--for", "4s", "--workload", cgroup.workload, "--out",
                    files / "baselines",
                    "--state", state.path,
                ], output: files / "lines", errors: files / "log")
            try await Task.sleep(for: .seconds(2))
            try await open("usual", in: cgroup)
            let status = try await recorder.wait(within: .seconds(20))
            let log = try read(files / "log")
            #expect(status == 0, "\(log)")
            let stopped = try read(files / "lines").split(separator: "\n").map { try Line(String($0)) }.last
            try Ledger.expectBalance(#require(stopped))

            let monitor = try await Monitor(["events", "--workload", cgroup.workload])
            try await open("usual", in: cgroup)
            let usual = try await monitor.stop()
            let again = try await Monitor(["events", "--workload", cgroup.workload])
            try await open("unusual", in: cgroup)
            let unusual = try await again.stop()

            func check(_ lines: [Line]) async throws -> Finished {
                let events = try files.write(lines.map(\.text).joined(separator: "\n") + "\n", to: "events.jsonl")
                return try await run([Monitor.command, "check", "--baselines", files / "baselines", events])
            }
            let silent = try await check(usual)
            #expect(silent.status == 0 && silent.output.isEmpty, "\(silent)")
            let drifted = try await check(unusual)
            #expect(drifted.status == 3, "\(drifted)")
            let alerts = try drifted.output.split(separator: "\n").map { try Line(String($0)) }.filter {
                $0.kind == "alert"
            }
            #expect(alerts.contains { $0.file.hasSuffix("/unusual") }, "\(drifted)")
        }
    }
}
