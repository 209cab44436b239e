import Foundation
import Testing

extension NodeTests {
    /// Health checks: what a runtime runs in a container at a regular beat, of its own accord.
    @Suite(.enabled(if: nobodyIsLoggedIn, "what a person's own runtime runs is the person's"), .serialized)
    struct ProbeTests {
        /// Longer than somebody who waits for something asks again.
        private static let beat = Duration.seconds(3)
        /// On a machine that is busy some beats come late.
        private static let most = 40

        struct Watch: Sendable, CustomTestStringConvertible {
            let words: [String]
            var testDescription: String { words[0] }
        }

        /// In `run`, all but the first are told apart by the kernel's counts.
        @Test(
            .needs("crun", "busybox"),
            arguments: [
                Watch(words: ["events", "--kind", "exec"]),
                Watch(words: ["run", "--learn", "5s", "--events", "novel"]),
            ])
        func whoComesInAtABeatIsAProbe(_ watch: Watch) async throws {
            let box = try await Box.shared()
            let files = Scratch("probe")
            let judges = watch.words[0] == "run"
            let state = judges ? ["--state", files / "state"] : []
            let monitor = try await Monitor(watch.words + state + ["--workload", "oci/probed"])
            let container = try await box.start("probed", command: ["/bin/sleep", "600"])
            if judges { try await monitor.armed("oci/probed") }
            func execs(_ program: String) throws -> [Line] {
                try monitor.lines(with: program).filter {
                    $0.action == "exec" && $0["process.args"] == [.string(program)]
                }
            }
            func isProbe(_ line: Line) -> Bool { line["driftwatch.exec.origin"] == "probe" }
            func comeIn(_ program: String) async throws {
                // Without a terminal, as a runtime does it.
                try await box.verb("oci", "crun", "exec", container.id, program)
            }
            var due = ContinuousClock.now
            for _ in 0..<Self.most where try !execs("/bin/true").contains(where: isProbe) {
                try await comeIn("/bin/true")
                due = max(due + Self.beat, .now)
                try await Task.sleep(until: due)
            }
            let beats = try execs("/bin/true").filter { $0.kind == "event" }
            #expect(beats.first?["driftwatch.exec.origin"] == "injected", "the first can be anybody")
            #expect(beats.last.map(isProbe) == true, "\(beats.map { $0["driftwatch.exec.origin"] })")
            // Who comes in beside it is not taken for it, and it is not told again.
            try await comeIn("/bin/id")
            try await monitor.line("who came in") { $0["process.args"] == ["/bin/id"] }
            let lines = try await monitor.stop()
            try await box.stop(container)
            let others = lines.filter { $0.action == "exec" && $0["process.args"] == ["/bin/id"] }
            #expect(!others.isEmpty && others.allSatisfy { $0["driftwatch.exec.origin"] == "injected" })
            guard judges else { return }
            let alerts = lines.indices.filter { lines[$0].kind == "alert" && lines[$0].rule == "exec.injected" }
            let probe = try #require(lines.firstIndex(where: isProbe))
            let (before, after) = (alerts.filter { $0 < probe }, alerts.filter { $0 > probe })
            #expect(before.contains { lines[$0]["process.args"] == ["/bin/true"] }, "it can still be anybody")
            #expect(after.map { lines[$0]["process.args"] } == [["/bin/id"]])
        }

        @Test(.needs("dockerd", "docker", "containerd", "runc", "busybox")) func dockersOwn() async throws {
            let box = try await Box.shared()
            let image = try await box.image("localhost/tiny:1")
            try await box.verb("dockerd_up")
            let monitor = try await Monitor(["events", "--kind", "exec", "--workload", "container/driftwatch-checked"])
            do {
                try await box.verb("docker_", "load", "-q", "-i", image)
                try await box.verb(
                    "docker_", "run", "-d", "--network=none", "--name", "driftwatch-checked", "--health-cmd",
                    "/bin/true",
                    "--health-interval", "3s", "localhost/tiny:1")
                try await monitor.line("its health check", within: .seconds(30)) {
                    $0["driftwatch.exec.origin"] == "probe"
                }
            } catch {
                _ = try? await box.verb("docker_", "rm", "-f", "driftwatch-checked")
                _ = try? await box.verb("dockerd_down")
                throw error
            }
            try await box.verb("docker_", "rm", "-f", "driftwatch-checked")
            try await box.verb("dockerd_down")
            let lines = try await monitor.stop().filter { $0.action == "exec" }
            #expect(lines.first?["driftwatch.exec.origin"] == "entrypoint")
            let checks = lines.filter { $0["process.args"] == ["/bin/sh", "-c", "/bin/true"] }
            #expect(checks.count >= 3 && checks.last?["driftwatch.exec.origin"] == "probe", "\(lines)")
        }
    }
}

private let nobodyIsLoggedIn = (try? read("/proc/self/loginuid")) == "4294967295"
