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

        /// Neither what it does itself, nor what it starts.
        @Test(arguments: [
            ("exec.dropped", ["drop /bin/busybox /tmp/busybox", "run /tmp/busybox"]),
            ("exec.fileless", ["memfd /bin/busybox"]),
        ])
        func aForeignProgramTeachesNothing(_ rule: String, _ orders: [String]) async throws {
            let box = try await Box.shared()
            let monitor = try await watch("oci/poisoned", learn: "6s")
            let agent = try await Agent(box, "poisoned")
            for order in Attack.routine { try await agent.order(order) }
            for order in orders.dropLast() { try await agent.order(order) }
            let attack = orders.last! + " sh -c :</etc/other;/bin/other"
            try await agent.order(attack)
            try await monitor.armed(agent.workload)
            let told = try monitor.lines().filter { $0.kind == "alert" }
            #expect(told.map(\.rule) == [rule], "\(told)")
            let held = try await quarantine(agent.workload)
            let reasons = Set(held.compactMap { $0["reason"]?.string })
            #expect(reasons == ["never-normal " + rule, "follows " + rule], "\(held)")
            for part in ["/etc/other", "/bin/other"] {
                #expect(held.contains { $0["entry"]?.string?.contains(part) == true }, "\(held)")
            }

            try await agent.order(attack)
            for rule in ["open.unexpected", "exec.unexpected"] {
                try await monitor.line(rule) { $0.rule == rule }
            }
            try await monitor.stop()
            try await agent.stop()
        }

        /// Replicas judge each other before anything is armed.
        @Test func oneThatDepartsFromItsPeersIsTold() async throws {
            let box = try await Box.shared()
            let monitor = try await watch("test-fleet", learn: "60s")
            var agents: [Agent] = []
            for number in 0..<3 { agents.append(try await Agent(box, "fleet-\(number)", workload: "test-fleet")) }
            // A unit of observation is 3 s, of which the first two are the start; they are compared every ten seconds.
            for _ in 0..<12 {
                for agent in agents { for order in Attack.routine { try await agent.order(order) } }
                try await Task.sleep(for: .milliseconds(1500))
            }
            #expect(try !monitor.lines().contains { $0.kind == "alert" })
            try await agents[1].order("run /bin/other")
            let alert = try await monitor.line("the one that departs") { $0.kind == "alert" }
            #expect(alert.rule == "exec.unexpected" && alert["container.id"] == "fleet-1", "\(alert)")
            #expect(alert["event.reason"]?.string?.contains("which none of its 2 peers did") == true, "\(alert)")
            #expect(alert["driftwatch.baseline.state"] == "learning", "\(alert)")
            try await monitor.stop()
            for agent in agents { try await agent.stop() }
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
