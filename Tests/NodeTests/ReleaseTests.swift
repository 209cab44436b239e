import Foundation
import Testing

extension NodeTests {
    /// A new image of a container that has a baseline already.
    @Suite(.needs("podman", "runc", "busybox"), .serialized) struct ReleaseTests {
        private static let name = "driftwatch-shop"
        private static let workload = "container/" + name
        private let state = Scratch("release")

        private func start(_ box: Box, _ version: Int, _ script: String) async throws {
            try await box.verb(
                "podman_", "run", "-d", "--pull=never", "--network=none", "--name", Self.name, "--entrypoint",
                "/bin/sh",
                "localhost/shop:\(version)", "-c", script)
        }

        /// No blind time, no storm: one line says what is new, and what is never normal is told in earnest.
        @Test func isJudgedFromItsFirstMoment() async throws {
            let box = try await Box.shared()
            try await box.verb("podman_up")
            for version in [1, 2] {
                let archive = Box.path + "/shop.tar"
                try await box.verb(
                    "image", archive, "localhost/shop:\(version)", Box.path + "/image", "version=\(version)", "--",
                    "/bin/sh")
                try await box.verb("podman_", "load", "-q", "-i", archive)
            }
            let monitor = try await Monitor([
                "run", "--state", state.path, "--learn", "8s", "--workload", Self.workload,
            ])
            let work = "while true; do cat /proc/uptime; sleep 0.3; done"
            try await start(box, 1, work)
            try await monitor.armed(Self.workload)
            try await box.verb("podman_", "rm", "-f", "-t", "0", Self.name)
            let news = "id; ls /; date; echo x >/tmp/fresh; cat /proc/version; cp /bin/busybox /tmp/x; /tmp/x true; "
            try await start(box, 2, news + work)
            let first = try await monitor.line("an alert") { $0.kind == "alert" }
            try await eventually("the release's own baseline", within: .seconds(40)) {
                try monitor.lines().count { $0.action == "baseline-armed" } == 2 ? true : nil
            }
            let lines = try await monitor.stop()
            try await box.verb("podman_down")

            let alerts = lines.filter { $0.kind == "alert" }
            let digests = lines.filter { $0.action == "baseline-armed" }.map { $0["driftwatch.baseline.digest"] }
            try #require(digests.count == 2 && digests[0] != nil && digests[0] != digests[1])
            // The first thing that is new, and that is all that is told of what is new.
            #expect(first["driftwatch.baseline.predecessor"] == digests[0], "\(first)")
            #expect(first["driftwatch.baseline.digest"] == digests[1])
            #expect(first["driftwatch.baseline.state"] == "candidate")
            let dropped = alerts.filter { $0.rule == "exec.dropped" }
            #expect(alerts.count == 2 && dropped.count == 1, "\(alerts)")
            #expect(dropped.first?.executable == "/tmp/x")
            let low = try #require(first["event.severity"]?.integer)
            #expect(low < (dropped.first?["event.severity"]?.integer ?? 0))
            // It was the release's own script, as it began.
            let began = try #require(lines.first { $0.action == "baseline-armed" }?.time("@timestamp"))
            #expect(try #require(first.time("@timestamp")) > began)

            let diff = try await must([
                Monitor.command, "baseline", "diff", "--json", "--state", state.path,
                "\(Self.workload)@\(digests[0]!.string!)", "\(Self.workload)@\(digests[1]!.string!)",
            ])
            #expect(diff.contains("path: /tmp/fresh") && !diff.contains("exe: /tmp/x,"), "\(diff)")
        }
    }
}
