import Foundation
import Testing

extension NodeTests {
    /// The register, from what containers really do.
    @Suite(.needs("crun", "podman", "busybox"), .serialized) struct RegisterTests {
        private let files = Scratch("register")

        private func register(_ words: String...) async throws -> [Line] {
            let output = try await must([Monitor.command, "register", "--json", "--state", files / "state"] + words)
            return (try Line(output).json.array ?? []).map(Line.init(json:))
        }

        /// From a token that is read in a container to a row that says so, also while the monitor runs and after its end.
        @Test func aTokenThatIsRead() async throws {
            let box = try await Box.shared()
            let owners = try files.write(
                "owners: [{workload: oci/reg-*, owner: payments, review: 90d, reviewed: 2020-01-01}]", to: "owners.yaml"
            )
            let monitor = try await Monitor([
                "run", "--state", files / "state", "--learn", "10m", "--workload", "oci/reg-*", "--owners", owners,
            ])
            let agent = try await Agent(box, "reg-web")
            try await agent.order("open /run/secrets/token r")
            let told = try await monitor.line("a credential") { $0.action == "credential-registered" }
            #expect(told.kind == "event" && told["event.category"] == ["iam"])
            #expect(told["driftwatch.register.credential.path"] == "/run/secrets/token", "\(told)")
            let rows = try await eventually("a row", within: .seconds(20)) {
                let rows = try await register()
                let isWhole = rows.contains { $0["running"] == 1 && $0["privilege.capabilities"] != nil }
                return isWhole && rows.contains { $0["row"] == "credential" } ? rows : nil
            }
            let identity = try #require(rows.first { $0["id"] == "oci/reg-web" }, "\(rows)")
            #expect(identity["state"] == "active" && identity["running"] == 1, "\(identity)")
            #expect(identity["owner.name"] == "payments" && identity["review.state"] == "overdue", "\(identity)")
            #expect(identity["findings"] == ["unreviewed"], "\(identity)")
            #expect(identity["privilege.users"] == [0], "\(identity)")
            let capabilities = identity["privilege.capabilities"]?.array
            #expect(capabilities != nil && identity["privilege.privileged"] == false, "\(identity)")
            let credential = try #require(rows.first { $0["row"] == "credential" })
            #expect(credential["class"] == "mounted-secret" && credential["findings"] == [], "\(credential)")
            let reader = Line(json: try #require(credential["readers"]?.array?.first))
            #expect(reader["workload"] == "oci/reg-web" && reader["by"] == "workload", "\(reader)")
            #expect(reader["program"] == "/bin/agent", "\(reader)")

            try await agent.stop()
            try await monitor.stop()
            let after = try await register("oci/reg-web")
            let gone = try #require(after.first)
            #expect(gone["running"] == 0 && gone["instances"] == 1 && gone["owner.name"] == "payments", "\(gone)")
            let card = try await must([Monitor.command, "register", "oci/reg-web", "--state", files / "state"])
            #expect(card.contains("payments (by file)") && card.contains("/run/secrets/token"), "\(card)")
            let table = try await must([Monitor.command, "register", "--state", files / "state"])
            #expect(table.contains("oci/reg-web") && table.contains("/run/secrets/token"), "\(table)")
            for format in ["csv", "html", "wide"] {
                let text = try await must([
                    Monitor.command, "register", "-o", format, "--state", files / "state",
                ])
                #expect(text.contains("oci/reg-web") && text.contains("mounted-secret"), "\(format): \(text)")
            }
        }

        /// Held are more than are used; which were used, one tier tells.
        @Test func capabilitiesThatAreUsed() async throws {
            let box = try await Box.shared()
            let monitor = try await Monitor([
                "run", "--state", files / "state", "--learn", "10m", "--workload", "oci/reg-owner",
            ])
            let tier = try await monitor.line("start") { $0.action == "monitor-started" }["driftwatch.tier"]
            let container = try await box.start("reg-owner", command: ["/bin/httpd", "-f", "-p", "80"])
            let row = try await eventually("its privilege", within: .seconds(30)) {
                let row = try await register().first { $0["id"] == "oci/reg-owner" }
                let used = row?["privilege.capabilitiesUsed"]?.array ?? []
                guard let row, row["privilege.capabilities"] != nil else { return nil as Line? }
                return tier == "fentry" && used.isEmpty ? nil : row
            }
            try await monitor.stop()
            try await box.stop(container)
            let used = row["privilege.capabilitiesUsed"]?.array?.compactMap(\.string) ?? []
            let held = row["privilege.capabilities"]?.array?.compactMap(\.string) ?? []
            #expect(held.contains("CAP_NET_BIND_SERVICE") && held.contains("CAP_KILL"), "\(held)")
            #expect(used.contains("CAP_NET_BIND_SERVICE") == (tier == "fentry"), "\(used)")
            #expect(!used.contains("CAP_KILL") && !used.contains("CAP_SYS_ADMIN"), "\(used)")
        }

        /// One file in two containers, read by one through an exec session only.
        @Test func sharedAndReadByPeople() async throws {
            let box = try await Box.shared()
            let image = try await box.image("localhost/tiny:1")
            try await box.verb("podman_up")
            try await box.verb("podman_", "load", "-q", "-i", image)
            let secret = try files.write("s3cret", to: "token")
            let key = try files.write("k", to: "server.key")
            let monitor = try await Monitor([
                "run", "--state", files / "state", "--learn", "10m", "--workload", "container/driftwatch-reg-*",
            ])
            for name in ["a", "b"] {
                try await box.verb(
                    "podman_", "run", "-d", "--pull=never", "--network=none", "--name", "driftwatch-reg-\(name)", "-v",
                    "\(secret):/run/secrets/token:ro", "-v", "\(key):/certs/server.key:ro", "--entrypoint", "/bin/sh",
                    "localhost/tiny:1", "-c", "cat /run/secrets/token; sleep 300")
            }
            let shared = try await monitor.line("shared") { $0.action == "credential-shared" }
            #expect(
                shared["driftwatch.register.credential.readers"] == [
                    "container/driftwatch-reg-a", "container/driftwatch-reg-b",
                ])
            // A shell that reads itself, and one that has another do it.
            try await box.verb("podman_", "exec", "driftwatch-reg-a", "/bin/sh", "-c", "cat /certs/server.key; true")
            try await monitor.line("a person") { $0.action == "credential-human-use" }
            try await monitor.stop()
            try await box.verb("podman_down")
            let rows = try await register()
            let credentials = rows.filter { $0["row"] == "credential" }
            func findings(_ path: String) -> [String]? {
                credentials.first { $0["path"]?.string == path }?["findings"]?.array?.compactMap(\.string)
            }
            #expect(findings("/run/secrets/token") == ["shared"], "\(credentials)")
            #expect(findings("/certs/server.key") == ["human use"], "\(credentials)")
            let identity = try #require(rows.first { $0["id"] == "container/driftwatch-reg-a" })
            #expect(identity["state"] == "orphaned" && identity["image"] == "localhost/tiny:1", "\(identity)")
            let mounts = identity["privilege.hostMounts"]?.array?.compactMap(\.string) ?? []
            #expect(mounts.contains { $0.hasSuffix(" on /certs/server.key") }, "\(identity)")
        }

        /// A job that is over before anyone could look has a record all the same, and it is signed.
        @Test func aShortJobHasACustodyRecord() async throws {
            let box = try await Box.shared()
            let bundle = try await box.bundle("reg-job", command: ["/bin/cat", "/etc/shadow"])
            let monitor = try await Monitor([
                "run", "--state", files / "state", "--learn", "10m", "--workload", "oci/reg-job",
            ])
            _ = try? await box.verb("oci_run", "crun", bundle, "reg-job")
            let end = try await monitor.line("its end") { $0.action == "workload-ended" }
            try await monitor.stop()
            #expect(end["driftwatch.custody.policy.state"] == "learning", "\(end)")
            let custody = [Monitor.command, "evidence", "custody", "--state", files / "state"]
            let kept = try await must(custody + ["--json"]).split(separator: "\n").map { try Line(String($0)) }
            #expect(kept.count == 1 && kept.first?["signature"]?.string?.count == 88, "\(kept)")
            #expect(kept.first?["driftwatch.life.exit.code"] != nil, "\(kept)")
            let card = try await must(custody + ["reg-job"])
            #expect(card.contains("oci/reg-job") && card.contains("yes, by the key"), "\(card)")
            try await must([Monitor.command, "evidence", "verify", "--state", files / "state"])

            // Changed by whoever can write the file, and signed by nobody.
            let segment = files / "state/evidence/00000001.jsonl"
            let forged = try read(segment).replacing("/bin/busybox", with: "/bin/harmless")
            try forged.write(toFile: segment, atomically: false, encoding: .utf8)
            let finished = try await run(custody)
            #expect(finished.status == 3 && finished.output.contains("NO"), "\(finished)")
        }
    }
}
