import Foundation
import Testing

extension NodeTests {
    /// What was not seen is said: since when, why, how much, of whom.
    @Suite struct CoverageTests {
        private let files = Scratch("coverage")

        private func open(_ name: String, in cgroup: Cgroup) async throws {
            try await cgroup.run(Node.provokers + "/open", "openat", try files.write("x", to: name), "read")
        }

        /// Many opens, each of another file.
        private func flood(_ cgroup: Cgroup, _ count: Int) async throws {
            let directory = files / "flood"
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try await cgroup.run(Node.provokers + "/open-new", directory, "\(count)")
        }

        private func stopped(_ lines: [Line]) throws -> Line {
            try #require(lines.last { $0.action == "monitor-stopped" })
        }

        @Test(.judges("monitor-stopped")) func aStoppedMonitorSaysSoAndLearnsNothingFromSilence() async throws {
            let cgroup = try Cgroup("paused")
            let monitor = try await Monitor([
                "run", "--state", files / "state", "--learn", "5s", "--events", "novel", "--workload", cgroup.workload,
            ])
            try await open("before", in: cgroup)
            let first = try await monitor.line("first act") { $0.kind == "event" }
            kill(monitor.pid, SIGSTOP)
            try await Task.sleep(for: .seconds(3))
            try await open("meanwhile", in: cgroup)
            try await Task.sleep(for: .seconds(3))
            kill(monitor.pid, SIGCONT)

            // A busy machine may have paused it before, for less.
            let gap = try await monitor.line("gap of 6 s") {
                guard let from = $0.time("driftwatch.gap.from"), let to = $0.time("driftwatch.gap.to") else {
                    return false
                }
                return to - from >= 6_000_000_000
            }
            #expect(gap["driftwatch.gap.why"]?.string?.contains("did not run") == true, "\(gap)")
            let from = try #require(gap.time("driftwatch.gap.from"))
            let to = try #require(gap.time("driftwatch.gap.to"))
            // The ring held what was done meanwhile.
            #expect(gap["driftwatch.gap.workloads"]?.array?.contains(.string(cgroup.workload)) == false, "\(gap)")
            try await monitor.line("act of the pause") { $0.kind == "event" && $0.file.hasSuffix("/meanwhile") }
            let armed = try await monitor.line("armed", within: .seconds(30)) { $0.action == "baseline-armed" }
            let began = try #require(first.time("@timestamp"))
            let ended = try #require(armed.time("@timestamp"))
            #expect(from - began + ended - to >= 4_900_000_000, "\(armed)")
            #expect((armed["driftwatch.baseline.gaps"]?.integer ?? 0) > 0)
            #expect(armed["driftwatch.baseline.coverage.lost"] == 0)
            try await monitor.stop()
        }

        @Test(.judges("monitor-ring-full")) func aFullRingNamesWhoLost() async throws {
            let calm = try Cgroup("calm")
            let flooding = try Cgroup("flooding")
            let monitor = try await Monitor(["events", "--kind", "open"])
            try await open("calm", in: calm)
            try await monitor.line("calm act") { $0.workload == calm.workload && $0.file.hasSuffix("/calm") }
            kill(monitor.pid, SIGSTOP)
            try await Task.sleep(for: .seconds(3))
            try await flood(flooding, 100_000)
            kill(monitor.pid, SIGCONT)
            // Of the many lines, only those are read.
            try await eventually("gap", within: .seconds(30)) {
                try monitor.lines(with: "coverage-gap").first { line in
                    line["driftwatch.gap.workloads"]?.array?.contains(.string(flooding.workload)) == true
                }
            }
            let lines = try await monitor.stop(with: "coverage-gap")
            let stopped = try stopped(lines)
            let lost = try Ledger(stopped, "open", workload: flooding.workload)["lost"]
            #expect(lost > 0)
            for kind in Ledger.kinds {
                #expect(try Ledger(stopped, kind, workload: calm.workload)["lost"] == 0, "\(kind)")
            }
            // All that the account says was lost has been told, and no more.
            let gaps = lines.filter { line in
                let why = line["driftwatch.gap.why"]?.string ?? ""
                return why.contains("the monitor did not run") || why.contains("the monitor was busy")
                    || why.contains("acts were lost")
            }
            let told = gaps.reduce(0) { $0 + ($1["driftwatch.gap.lost"]?.integer ?? 0) }
            let accounted = try Ledger.kinds.reduce(0) { $0 + (try Ledger(stopped, $1)["lost"]) }
            #expect(told == accounted, "\(gaps)")
            let named = gaps.compactMap { $0["driftwatch.gap.workloads"]?.array }.joined()
            #expect(!named.contains(.string(calm.workload)))
        }

        @Test func aBaselineSaysWhatItsOwnWorkloadLost() async throws {
            let calm = try Cgroup("whole")
            let flooding = try Cgroup("partial")
            let monitor = try await Monitor([
                "run", "--state", files / "state", "--learn", "4s", "--workload", "cgroup/driftwatch-test/*",
            ])
            try await open("calm", in: calm)
            // Ten times what one workload may do anew at once.
            try await flood(flooding, 100_000)
            let partial = try await monitor.line("armed", within: .seconds(60)) {
                $0.action == "baseline-armed" && $0.workload == flooding.workload
            }
            let whole = try await monitor.line("armed", within: .seconds(60)) {
                $0.action == "baseline-armed" && $0.workload == calm.workload
            }
            #expect(whole["driftwatch.baseline.coverage.lost"] == 0)
            let lost = try #require(partial["driftwatch.baseline.coverage.lost"]?.integer)
            let seen = try #require(partial["driftwatch.baseline.coverage.seen"]?.integer)
            #expect(lost > 0 && seen > lost)
            let lines = try await monitor.stop(with: "coverage-gap")
            let account = try Ledger(stopped(lines), "open", workload: flooding.workload)
            #expect(account["over_quota"] + account["lost"] >= lost, "\(account)")
        }

        @Test(.judges("monitor-foreign-record")) func recordsThatAreNoneAreCounted() async throws {
            let state = files / "state"
            let monitor = try await Monitor([
                "run", "--state", state, "--learn", "1h", "--workload", "none",
            ])
            let rings = try #require(
                Int64(try await must([Node.provokers + "/forge", "\(monitor.pid)"]).filter(\.isNumber)))
            #expect(rings == 3)
            let gap = try await monitor.line("gap") {
                $0["driftwatch.gap.why"]?.string?.contains("could not be decoded") == true
            }
            #expect(gap["driftwatch.gap.lost"]?.integer == 3 * rings, "\(gap)")
            let found = try await eventually("the count", within: .seconds(30)) {
                let found = try Line(try await must([Monitor.command, "doctor", "--json", "--state", state]))
                return found["undecodable"]?.integer == 3 * rings ? found : nil
            }
            #expect(found["ledger.open.undecodable"]?.integer == 3 * rings)
            let words = try await must([Monitor.command, "doctor", "--state", state])
            #expect(words.contains("\(3 * rings) records of any kind could not be decoded"), "\(words)")
            // The kernel's books know nothing of them: a good end would not balance.
            try await monitor.kill9()
        }

        @Test func doctorShowsTheAccountOfTheMonitor() async throws {
            let state = files / "state"
            func doctor() async throws -> Line {
                try Line(try await must([Monitor.command, "doctor", "--json", "--state", state]))
            }
            #expect(try await doctor()["monitor"] == nil)
            let cgroup = try Cgroup("doctored")
            let monitor = try await Monitor([
                "run", "--state", state, "--learn", "1h", "--events", "novel", "--workload", cgroup.workload,
            ])
            try await open("seen", in: cgroup)
            try await monitor.line("act") { $0.file.hasSuffix("/seen") }
            let running = try await eventually("account of the act", within: .seconds(30)) {
                let found = try await doctor()
                return found["workloads"]?.array?.contains { Line(json: $0)["id"]?.string == cgroup.workload } == true
                    ? found : nil
            }
            #expect(running["monitor.running"] == .bool(true))
            #expect(running["monitor.pid"]?.integer == Int64(monitor.pid))
            #expect(running["undecodable"] == 0)
            #expect((running["ledger.open.seen"]?.integer ?? 0) > 0)
            let words = try await must([Monitor.command, "doctor", "--state", state])
            #expect(words.contains("pid \(monitor.pid)") && words.contains("UNDECODABLE"), "\(words)")
            let lines = try await monitor.stop()
            let ended = try await doctor()
            #expect(ended["monitor.running"] == .bool(false))
            #expect(ended["ledger"] == (try stopped(lines))["driftwatch.ledger"])
        }
    }
}
