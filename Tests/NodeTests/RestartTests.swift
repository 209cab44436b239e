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
            try await second.armed(cgroup.workload)
            // What is left of eight seconds, not eight more.
            let times = try ["monitor-started", "baseline-armed"].map { action in
                try #require(second.lines().first { $0.action == action }?.time("@timestamp"))
            }
            #expect(times[1] - times[0] < 7_500_000_000)
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

        /// Each instance ends with one line, also if nobody watched, or it did nothing.
        @Test func nothingEndsUnsaid() async throws {
            let cgroups = try ["idle", "meanwhile", "afterwards"].map { try Cgroup("ends-" + $0) }
            func monitor() async throws -> Monitor {
                try await Monitor([
                    "run", "--state", state.path, "--learn", "1h", "--workload", "cgroup/driftwatch-test/ends-*",
                ])
            }
            func end(_ number: Int, _ child: Child) async throws {
                child.signal(SIGKILL)
                _ = try await child.wait()
                try await eventually("the cgroup is empty") { rmdir(cgroups[number].path) == 0 ? true : nil }
            }
            let children = try cgroups.map { try $0.start("sleep", "300") }
            let first = try await monitor()
            try await cgroups[1].run(Node.provokers + "/nothing")
            try await Task.sleep(for: .seconds(3))
            // It did nothing while it was watched.
            try await end(0, children[0])
            let idle = try await first.line("the end of the idle one") { $0.action == "workload-ended" }
            #expect(idle.workload == cgroups[0].workload)
            #expect(idle["driftwatch.life.pre_existing"] == true && idle["driftwatch.life.ended_between"] == nil)
            #expect(idle["driftwatch.life.exit.signal"] == 9, "\(idle)")
            try await first.kill9()

            try await end(1, children[1])
            let second = try await monitor()
            let unwatched = try await second.line("the end that nobody watched") {
                $0.action == "workload-ended" && $0.workload == cgroups[1].workload
            }
            #expect(unwatched["driftwatch.life.acts.exec"]?.integer ?? 0 >= 1, "\(unwatched)")
            let from = try #require(unwatched.time("driftwatch.life.ended_between.from"))
            let to = try #require(unwatched.time("driftwatch.life.ended_between.to"))
            #expect(from < to && to == unwatched.time("driftwatch.life.ended"), "\(unwatched)")
            // What was told in the second before a kill may be told again.
            let told = try await second.stop().filter {
                $0.action == "workload-ended" && $0.workload != cgroups[0].workload
            }
            #expect(told.count == 1, "those that live are kept")

            try await end(2, children[2])
            let third = try await monitor()
            try await third.line("the end after the stop") {
                $0.action == "workload-ended" && $0.workload == cgroups[2].workload
            }
            let fourth = try await third.stop().filter { $0.action == "workload-ended" }
            #expect(fourth.count == 1, "\(fourth)")
            let again = try await monitor()
            #expect(try await again.stop().allSatisfy { $0.action != "workload-ended" }, "each end is told once")
        }

        /// What runs at the start is told as such; what came while nobody watched is judged.
        @Test func snapshot() async throws {
            let cgroup = try Cgroup("snapshot")
            func monitor(_ more: String...) async throws -> Monitor {
                try await Monitor(
                    ["run", "--state", state.path, "--learn", "2s", "--workload", cgroup.workload] + more)
            }
            let held = try files.write("x", to: "held")
            let script = "exec 9>>\(held); echo >\(files / "ready"); sleep 300; :"
            let before = try cgroup.start("/bin/sh", "-c", script)
            try await eventually("the file is open") { access(files / "ready", F_OK) == 0 ? true : nil }
            let first = try await monitor("--events", "novel")
            let exec = try await first.line("the shell") {
                $0["driftwatch.snapshot"] == true && $0["process.args"] == ["/bin/sh", "-c", .string(script)]
            }
            #expect(exec.action == "exec" && exec.kind == "event")
            let open = try await first.line("the open file") { $0.file == held && $0["driftwatch.snapshot"] == true }
            #expect(open["driftwatch.file.access"] == ["append", "write"])
            try await self.open("before", in: cgroup)
            try await first.armed(cgroup.workload)
            try await first.stop()

            // Nobody watches.
            try FileManager.default.copyItem(atPath: "/bin/sleep", toPath: files / "strange")
            let meanwhile = try cgroup.start(files / "strange", "300")
            let second = try await monitor()
            let alert = try await second.line("an alert") { $0.kind == "alert" }
            #expect(alert.executable == files / "strange" && alert["driftwatch.snapshot"] == true, "\(alert)")
            let alerts = try await second.stop().filter { $0.kind == "alert" }
            #expect(alerts.count == 1, "what ran before was there to be watched: \(alerts)")
            for child in [before, meanwhile] {
                child.signal(SIGKILL)
                _ = try await child.wait()
            }
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
                    "--state", state.path, "--ready-file", files / "ready",
                ], output: files / "lines", errors: files / "log")
            try await eventually("the recorder watches") { access(files / "ready", F_OK) == 0 ? true : nil }
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
