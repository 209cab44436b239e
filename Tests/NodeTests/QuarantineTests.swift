import Foundation
import Testing

extension NodeTests {
    /// A workload that is compromised while it is learned does not teach its compromise.
    @Suite(.needs("crun", "busybox"), .serialized) struct QuarantineTests {
        private let state = Scratch("quarantine")

        private func watch(_ workload: String, learn: String) async throws -> Monitor {
            try await Monitor(["run", "--state", state.path, "--learn", learn, "--workload", workload])
        }

        /// What `baseline show --quarantined` says: entries by their reasons.
        private func quarantine(_ workload: String) async throws -> [Line] {
            let text = try await must([
                Monitor.command, "baseline", "show", workload, "--quarantined", "--json", "--state", state.path,
            ])
            return try (Line("{\"rows\":\(text)}")["rows"]?.array ?? []).map(Line.init(json:))
        }

        @Test(.judges("learn-session")) func aSessionTeachesNothing() async throws {
            let box = try await Box.shared()
            let monitor = try await watch("oci/visited", learn: "6s")
            let agent = try await Agent(box, "visited")
            for order in Attack.routine { try await agent.order(order) }
            try await box.verb("oci", "crun", "exec", "visited", "/bin/busybox", "grep", "-q", "x", "/etc/other")
            try await monitor.armed(agent.workload)
            let held = try await quarantine(agent.workload)
            #expect(held.contains { $0["kind"] == "exec" && $0["reason"] == "session" }, "\(held)")
            #expect(
                held.contains { $0["reason"] == "session" && $0["entry"]?.string?.contains("/etc/other") == true },
                "\(held)")
            #expect(held.allSatisfy { $0["reason"] == "session" }, "\(held)")
            let shown = try await must([
                Monitor.command, "baseline", "show", agent.workload, "--state", state.path,
            ])
            #expect(shown.contains("# In quarantine"))

            // Now the workload does it, and the kernel has not kept it for known.
            try await agent.order("run /bin/busybox grep -q x /etc/other")
            try await monitor.line("open") { $0.rule == "open.unexpected" && $0.file == "/etc/other" }
            for order in Attack.routine { try await agent.order(order) }
            let alerts = try await monitor.stop().filter { $0.kind == "alert" }
            #expect(Set(alerts.map(\.rule)) == ["exec.unexpected", "open.unexpected"], "\(alerts)")
            try await agent.stop()
        }

        @Test(.judges("learn-replica")) func oneReplicaTeachesNothing() async throws {
            let box = try await Box.shared()
            let monitor = try await watch("test-shop", learn: "12s")
            var agents: [Agent] = []
            for number in 0..<3 { agents.append(try await Agent(box, "replica-\(number)", workload: "test-shop")) }
            let theft = ["open /etc/other r", "run /bin/other", "connect 127.0.0.1 47209"]
            // A unit of observation is 0.6 s: each replica lives through several.
            for round in 0..<4 {
                for agent in agents { for order in Attack.routine { try await agent.order(order) } }
                if round > 1 { for order in theft { try await agents[1].order(order) } }
                try await Task.sleep(for: .milliseconds(700))
            }
            try await monitor.armed("test-shop")
            let held = try await quarantine("test-shop")
            #expect(held.allSatisfy { $0["reason"] == "one-replica" }, "\(held)")
            let kinds = Set(held.compactMap { $0["kind"]?.string })
            #expect(kinds == ["open", "exec", "connect"], "\(held)")

            for agent in agents { for order in Attack.routine { try await agent.order(order) } }
            for order in theft { try await agents[1].order(order) }
            for rule in ["open.unexpected", "exec.unexpected", "connect.unexpected"] {
                try await monitor.line(rule) { $0.rule == rule }
            }
            // A person may let it in.
            let connect = try #require(held.first { $0["kind"] == "connect" }?["id"]?.string)
            try await must([
                Monitor.command, "baseline", "approve", "test-shop", "--entry", connect, "--state", state.path,
            ])
            #expect(try await quarantine("test-shop").count == held.count - 1)
            let alerts = try await monitor.stop().filter { $0.kind == "alert" }
            #expect(Set(alerts.map { $0["container.id"]?.string }) == ["replica-1"], "\(alerts)")
            for agent in agents { try await agent.stop() }
        }
    }
}
