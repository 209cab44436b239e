import Foundation
import Testing

extension NodeTests {
    /// From an alert to what is done about it, by the real monitor in a real container.
    @Suite(.needs("crun", "busybox"), .serialized) struct ResponseTests {
        private let files = Scratch("response")

        /// A monitor by a reviewed baseline that lets the agent reach one place.
        private func monitor(
            _ workload: String, _ policy: String, learn: String = "off", baselineOf known: String? = nil,
            connects: String = "connect: [{exe: /bin/agent, cidr: 127.1.0.1/32, port: 8443, transport: tcp}]"
        ) async throws -> Monitor {
            _ = try files.write(
                """
                apiVersion: driftwatch/v1
                kind: Baseline
                metadata: {workload: \(known ?? workload)}
                spec:
                  exec: [{exe: /bin/agent}]
                  \(connects)
                """, to: "baselines/agent.yaml")
            let config = try files.write(policy, to: "config.yaml")
            return try await Monitor([
                "run", "--config", config, "--state", files / "state", "--learn", learn, "--baselines",
                files / "baselines", "--workload", workload,
            ])
        }

        private func policy(
            _ steps: String, mode: String = "enforce", more: String = "", approval: String = "false"
        ) -> String {
            """
            response:
              mode: \(mode)
              \(more)
              policies:
                - name: stolen-token
                  match: {rules: [open.credential], severity: 70, workloads: [oci/**], baseline: [armed]}
                  approval: \(approval)
                  steps: [\(steps)]
            """
        }

        private func steal(_ agent: Agent) async throws { try await agent.order("open /run/secrets/token r") }

        /// Nil where it went through: refused connections did.
        private func reach(_ address: String, from agent: Agent) async throws -> String? {
            do {
                try await agent.order("connect \(address) 8443")
                return nil
            } catch let trouble as Trouble { return trouble.description }
        }

        private func response(_ words: String...) async throws -> Finished {
            try await run([Monitor.command, "response"] + words + ["--state", files / "state"])
        }

        @Test func aRestrictionFollowsTheAlertAndEnds() async throws {
            let agent = try await Agent(try await Box.shared(), "resp-end")
            // Whoever is told takes the call, and says nothing.
            let deaf = try Deaf()
            let steps = """
                notify: {webhook: "http://127.0.0.1:\(deaf.port)/x"}}, \
                {notify: {command: [/usr/bin/tee, \(files / "told")]}}, {restrict: {for: 4s}}, \
                {revoke: {command: [/bin/echo, "revoked {path} of {workload}"]}
                """
            let monitor = try await monitor(agent.workload, policy("{\(steps)}"))
            #expect(try await reach("127.1.0.9", from: agent) == nil)
            try await steal(agent)
            let alert = try await monitor.line("the alert") { $0.rule == "open.credential" && $0.kind == "alert" }
            let done = try await monitor.line("restricted") { $0.action == "response-restricted" }
            #expect(done["event.outcome"] == "success" && done["event.category"] == ["configuration"], "\(done)")
            #expect(done["driftwatch.response.alert"] == alert["event.id"], "\(done)")
            #expect(done["driftwatch.response.mode"] == "enforce" && done.workload == agent.workload, "\(done)")

            #expect(
                try monitor.lines().contains { $0.action == "response-notified" && $0["event.outcome"] == "failure" }
                    == false)
            let refused = try await reach("127.1.0.9", from: agent)
            #expect(refused?.contains("not permitted") == true, "\(refused ?? "it went through")")
            #expect(try await reach("127.1.0.1", from: agent) == nil, "its baseline lets it go there")
            // Nothing is prolonged, and nothing is stacked.
            try await agent.order("open /etc/shadow r")

            try await eventually("it is listed") {
                try await response("list", "--json").output.contains(#""state":"in force""#) ? true : nil
            }
            let lifted = try await monitor.line("lifted", within: .seconds(15)) { $0.action == "response-lifted" }
            #expect(lifted["driftwatch.response.why"] == "its time is over", "\(lifted)")
            #expect((lifted["driftwatch.response.refused"]?.integer ?? 0) >= 1, "\(lifted)")
            #expect(try await reach("127.1.0.10", from: agent) == nil, "it is over")

            let revoked = try await monitor.line("revoked") { $0.action == "response-revoked" }
            #expect(revoked["event.category"] == ["iam"], "\(revoked)")
            #expect(
                revoked["driftwatch.response.answer"]?.string == "revoked /run/secrets/token of \(agent.workload)",
                "\(revoked)")
            try await monitor.line("notified") { $0.action == "response-notified" && $0["event.outcome"] == "success" }
            let first = try #require(try read(files / "told").split(separator: "\n").first)
            #expect(try Line(String(first))["event.kind"] == "alert", "\(first)")

            try await agent.stop()
            let end = try await monitor.line("its end") { $0.action == "workload-ended" }
            let decision = end["driftwatch.custody.alerts"]?.array?.compactMap { Line(json: $0)["decision"]?.string }
            #expect(decision?.contains { $0.contains("restricted") && $0.hasSuffix("lifted") } == true, "\(end)")
            let lines = try await monitor.stop()
            #expect(lines.filter { $0.action == "response-restricted" }.count == 1)
            #expect(lines.contains { $0.action == "response-notified" && $0["event.outcome"] == "failure" })
            try await must([Monitor.command, "evidence", "verify", "--state", files / "state"])
            let kept = try await must([Monitor.command, "evidence", "show", "--state", files / "state"])
            #expect(kept.contains("response-restricted") && kept.contains("response-lifted"))
        }

        /// What is guarded against, by what the policy and the node say.
        @Test(arguments: [
            ("dry run", nil), ("protected", "oci/* is protected"), ("stop file", "is there"),
            ("no baseline", "there is no baseline"),
        ]) func itIsNotDone(_ name: String, _ why: String?) async throws {
            let agent = try await Agent(try await Box.shared(), "resp-not")
            var text = policy("{restrict: {for: 1m}}, {freeze: {for: 1m}}")
            switch name {
            case "dry run": text = text.replacing("mode: enforce", with: "mode: dry-run")
            case "protected": text = text.replacing("  policies", with: "  protect: [oci/*]\n  policies")
            case "stop file":
                let file = try files.write("", to: "stop")
                text = text.replacing("  policies", with: "  stop-file: \(file)\n  policies")
            default: text = text.replacing("[armed]", with: "[learning]").replacing(", {freeze: {for: 1m}}", with: "")
            }
            let isKnown = name != "no baseline"
            let monitor = try await monitor(
                agent.workload, text, learn: isKnown ? "off" : "10m", baselineOf: isKnown ? agent.workload : "oci/other"
            )
            // Of a workload that is learned, its secrets may be its own; this one is nobody's.
            try await agent.order("open /etc/shadow r")
            let action = why == nil ? "response-restricted" : "response-refused"
            let line = try await monitor.line(action) { $0.action == action }
            if let why {
                #expect(line["driftwatch.response.why"]?.string?.contains(why) == true, "\(line)")
            } else {
                #expect(line["driftwatch.response.mode"] == "dry-run" && line["event.outcome"] == "unknown", "\(line)")
            }
            #expect(try await reach("127.1.0.9", from: agent) == nil, "\(name)")
            try await monitor.stop()
            try await agent.stop()
        }

        /// A name of the baseline goes on leading where its resolver says; no other name does.
        @Test(.needs("python3", "nsenter")) func aNameLeadsToNewAddresses() async throws {
            let box = try await Box.shared()
            try NameServer.teachLookingUp()
            let agent = try await Agent(box, "resp-name")
            let more = """
                connect:
                    - {exe: /bin/agent, domain: api.internal, port: 8443, transport: tcp}
                    - {exe: "*", cidr: 127.0.0.53/32, port: 53, transport: udp}
                """
            let monitor = try await monitor(agent.workload, policy("{restrict: {for: 1h}}"), connects: more)
            func point(_ name: String, to address: String) throws {
                _ = try files.write("\(name) 5 \(address)\n", to: "zone")
            }
            try point("api.internal", to: "127.1.0.1")
            let server = try await NameServer(
                of: agent.container.pid, at: "127.0.0.53", zone: files / "zone", files)
            try await agent.order("run /bin/look-up api.internal 127.0.0.53")
            #expect(try await reach("127.1.0.1", from: agent) == nil)
            try await steal(agent)
            try await monitor.line("restricted") { $0.action == "response-restricted" }
            #expect(try await reach("127.1.0.1", from: agent) == nil, "it was known by then")
            #expect(try await reach("127.1.0.2", from: agent) != nil)

            try point("api.internal", to: "127.1.0.2")
            try await agent.order("run /bin/look-up api.internal 127.0.0.53")
            try await eventually("it may go where the name leads now") {
                try await reach("127.1.0.2", from: agent) == nil ? true : nil
            }
            try point("other.internal", to: "127.1.0.3")
            try await agent.order("run /bin/look-up other.internal 127.0.0.53")
            try await Task.sleep(for: .milliseconds(500))
            #expect(try await reach("127.1.0.3", from: agent) != nil, "the baseline does not know this one")
            try await server.stop()
            try await monitor.stop()
            try await agent.stop()
        }

        @Test func whoMayChangeTheSettingsMayNotRunPrograms() async throws {
            let config = try files.write(policy("{freeze: }"), to: "config.yaml")
            chmod(config, 0o666)
            let finished = try await run([Monitor.command, "run", "--config", config, "--state", files / "state"])
            #expect(finished.status == 1 && finished.errors.contains("others may change"), "\(finished)")
        }

        /// It waits for somebody, who says yes, and later that it is enough.
        @Test func somebodyApprovesAndLifts() async throws {
            let agent = try await Agent(try await Box.shared(), "resp-ask")
            let monitor = try await monitor(agent.workload, policy("{restrict: {for: 1h}}", approval: "{for: 10m}"))
            try await steal(agent)
            let queued = try await monitor.line("queued") { $0.action == "response-queued" }
            #expect(try await reach("127.1.0.9", from: agent) == nil, "nobody has approved it")
            let id = try #require(queued["driftwatch.response.id"]?.string)
            let approved = try await response("approve", id, "--reason", "seen")
            #expect(approved.status == 0 && approved.output.contains("may reach only"), "\(approved)")
            #expect(try await reach("127.1.0.9", from: agent) != nil)
            let again = try await response("approve", id)
            #expect(again.status == 1 && again.errors.contains("waits for approval"), "\(again)")
            let lifted = try await response("lift", agent.workload, "--why", "enough")
            #expect(lifted.status == 0 && lifted.output.contains("enough"), "\(lifted)")
            #expect(try await reach("127.1.0.9", from: agent) == nil)
            let line = try await monitor.line("approved") { $0.action == "response-approved" }
            #expect(line["driftwatch.response.who"] != nil && line["driftwatch.response.why"] == "seen", "\(line)")
            try await monitor.stop()
            let late = try await response("lift", agent.workload)
            #expect(late.status == 1 && late.errors.contains("no monitor"), "\(late)")
            try await agent.stop()
        }

        /// Restrictions end with a monitor that is killed; what it froze, the next one thaws, whatever its settings.
        @Test func theNextMonitorThawsWhatADeadOneFroze() async throws {
            let agent = try await Agent(try await Box.shared(), "resp-dead")
            let first = try await monitor(
                agent.workload, policy("{restrict: {for: 1h}}, {freeze: {for: 1h}}"))
            Task { try? await steal(agent) }
            try await first.line("frozen") { $0.action == "response-frozen" && $0["event.outcome"] == "success" }
            try await first.kill9()
            let cgroup = try await Box.shared().cgroup(of: agent.container)
            #expect(try read(cgroup + "/cgroup.freeze") == "1\n")
            let listed = try await response("list", "--json")
            #expect(listed.output.contains(#""action":"response-frozen""#), "\(listed)")
            let second = try await monitor(agent.workload, "")
            let thawed = try await second.line("thawed") { $0.action == "response-thawed" }
            #expect(thawed["driftwatch.response.why"]?.string?.contains("died") == true, "\(thawed)")
            #expect(try read(cgroup + "/cgroup.freeze") == "0\n")
            try await second.line("lifted") { $0.action == "response-lifted" }
            #expect(try await reach("127.1.0.9", from: agent) == nil)
            try await second.stop()
            try await agent.stop()
        }

        /// What a policy's commands do is seen, and calls for nothing; nor is the monitor itself touched.
        @Test func whatItDoesItselfCallsForNothing() async throws {
            let cgroup = try Cgroup("resp-own")
            _ = try files.write(
                "apiVersion: driftwatch/v1\nkind: Baseline\nmetadata: {workload: \(cgroup.workload)}\nspec: {}",
                to: "baselines/own.yaml")
            let config = try files.write(
                """
                response:
                  mode: enforce
                  policies:
                    - {name: loop, match: {rules: [exec.*]}, steps: [{notify: {command: [/usr/bin/id]}}, {freeze: }]}
                """, to: "config.yaml")
            let monitor = try await Monitor(
                [
                    "run", "--config", config, "--state", files / "state", "--learn", "off", "--baselines",
                    files / "baselines", "--workload", cgroup.workload,
                ], within: [Node.provokers + "/enter-cgroup", cgroup.path])
            try await cgroup.run(Node.provokers + "/nothing")
            try await monitor.line("its own command is seen") { $0.kind == "alert" && $0.executable == "/usr/bin/id" }
            try await Task.sleep(for: .seconds(1))
            let lines = try await monitor.stop()
            #expect(lines.filter { $0.action == "response-notified" }.count == 1)
            let refused = lines.filter { $0.action == "response-refused" }
            #expect(
                refused.count == 1 && refused[0]["driftwatch.response.why"] == "the monitor runs in it", "\(refused)")
        }

        /// What is in force is undone at the end of the monitor; what acted is killed, and nobody else.
        @Test func theEndThawsAndAKillTakesOne() async throws {
            let agent = try await Agent(try await Box.shared(), "resp-stop")
            let first = try await monitor(agent.workload, policy("{freeze: {for: 1h}}"))
            Task { try? await steal(agent) }
            try await first.line("frozen") { $0.action == "response-frozen" }
            let lines = try await first.stop()
            #expect(lines.contains { $0.action == "response-thawed" })
            #expect(try await reach("127.1.0.1", from: agent) == nil)

            let second = try await monitor(agent.workload, policy("{kill: {scope: process}}"))
            Task { try? await steal(agent) }
            let killed = try await second.line("killed") { $0.action == "response-killed" }
            #expect(killed["event.outcome"] == "success", "\(killed)")
            try await eventually("its end") { kill(agent.container.pid, 0) == 0 ? nil : true }
            try await second.stop()
            _ = try? await agent.stop()
        }
    }
}

/// A server that takes connections and never answers.
private final class Deaf: Sendable {
    private let listener: Int32
    let port: UInt16

    init() throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 16) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        if !result { throw Trouble("nothing to listen at") }
    }

    deinit { close(listener) }
}
