import Crypto
import Foundation
import Testing

extension NodeTests {
    /// Units, slices, scopes and sessions of a systemd that runs this machine.
    @Suite(.enabled(if: FileManager.default.fileExists(atPath: "/run/systemd/system"), "systemd does not run here"))
    struct SystemdTests {
        private static let program = Node.provokers + "/nothing"

        /// A name of this run's own, removed from systemd with the value.
        private final class Units {
            private let path = "/run/systemd/system/"
            private var names: [String] = []

            func add(_ name: String, _ text: String) async throws {
                names.append(name)
                try text.write(toFile: path + name, atomically: true, encoding: .utf8)
                try await must(["systemctl", "daemon-reload"])
            }

            func remove() async {
                for name in names { try? FileManager.default.removeItem(atPath: path + name) }
                _ = try? await must(["systemctl", "daemon-reload"])
            }
        }

        /// A service says of itself what it is for; what it runs is known by its content, and each run by its invocation.
        @Test func services() async throws {
            let units = Units()
            try await units.add(
                "driftwatch-plain.service",
                """
                [Unit]
                Description=A test
                Documentation=https://example.com/runbook
                [Service]
                ExecStart=\(Self.program) plain
                RemainAfterExit=yes
                """)
            try await units.add(
                "driftwatch-many@.service",
                """
                [Service]
                ExecStart=/bin/sh -c 'exec \(Self.program) %i'
                RemainAfterExit=yes
                """)
            let monitor = try await Monitor(["events", "--kind", "exec", "--workload", "unit/driftwatch-*"])
            var runs: [String: String] = [:]
            // systemd forgets the invocation of a unit that is not active any more, so they remain.
            for name in ["plain", "many@one", "many@two"] {
                try await must(["systemctl", "start", "driftwatch-\(name).service"])
                runs[name] = try await must([
                    "systemctl", "show", "-P", "InvocationID", "driftwatch-\(name).service",
                ]).trimmingCharacters(in: .whitespacesAndNewlines)
            }
            let wanted = ["plain", "one", "two"]
            let lines = try await eventually("all programs", within: .seconds(30)) {
                let lines = try monitor.lines().filter { $0.executable == Self.program }
                return lines.count >= wanted.count ? lines : nil
            }
            try await monitor.stop()
            for name in runs.keys { try await must(["systemctl", "stop", "driftwatch-\(name).service"]) }
            await units.remove()
            #expect(lines.compactMap { $0["process.args"]?.array?.last?.string } == wanted)
            for (line, name) in zip(lines, ["plain", "many@one", "many@two"]) {
                let folded = name.split(separator: "@").count > 1 ? "many@" : name
                #expect(line.workload == "unit/driftwatch-\(folded).service")
                #expect(line["driftwatch.workload.kind"] == "unit")
                #expect(line["driftwatch.identity.confidence"] == "systemd", "\(line)")
                #expect(line["driftwatch.workload.instance"]?.string == runs[name], "\(line)")
                #expect(line["service.name"]?.string == "driftwatch-\(folded)")
            }
            // Of the main executable, which of the template is a shell.
            let (plain, shell) = (try Self.digest(Self.program), try Self.digest("/bin/sh"))
            #expect(lines.map { $0["driftwatch.workload.digest"]?.string } == [plain, shell, shell])
        }

        @Test func scopesSlicesAndSessions() async throws {
            let monitor = try await Monitor(["events", "--kind", "exec"])
            try await must(["systemd-run", "--quiet", "--scope", "--unit=driftwatch-test", Self.program, "scope"])
            try await must([
                "systemd-run", "--quiet", "--scope", "--unit=driftwatch-sliced", "--slice=driftwatch-a-b.slice",
                Self.program, "slice",
            ])
            try await must([
                "systemd-run", "--quiet", "--scope", "--unit=session-driftwatch", "--slice=user-0.slice", Self.program,
                "session",
            ])
            let lines = try await monitor.stop().filter { $0.executable == Self.program }
            let who = lines.map { [$0["process.args"]?.array?.last?.string, $0.workload] }
            #expect(
                who == [
                    ["scope", "unit/driftwatch-test.scope"], ["slice", "unit/driftwatch-sliced.scope"],
                    ["session", "user/root"],
                ])
        }

        /// From the first line to the last, and as who did not see it begin finds it.
        @Test func aUnitsWholeLife() async throws {
            let name = "driftwatch-life.service"
            let monitor = try await Monitor(["events", "--kind", "exec", "--workload", "unit/" + name])
            let before = Self.now()
            try await must([
                "systemd-run", "--quiet", "--unit=driftwatch-life", "--property=Documentation=https://example.com/life",
                "sleep", "100",
            ])
            try await monitor.line("its program") { $0.action == "exec" }
            let started = Self.now()
            let rows =
                (try Line(try await must([Monitor.command, "workloads", "--json", "unit/" + name])).json.array ?? [])
                .map(Line.init(json:))
            let run = try await must(["systemctl", "show", "-P", "InvocationID", name])
                .trimmingCharacters(in: .whitespacesAndNewlines)
            try await must(["systemctl", "stop", name])
            let end = try await monitor.line("its end", within: .seconds(30)) { $0.action == "workload-ended" }
            let stopped = Self.now()
            try await monitor.stop()
            #expect(rows.count == 1 && rows[0]["instance"]?.string == run)
            #expect(rows[0]["owner.documentation"] == "https://example.com/life", "\(rows)")
            #expect(rows[0]["digest"]?.string == (try Self.digest("/usr/bin/sleep")))
            #expect(end["driftwatch.workload.instance"]?.string == run)
            let (began, ended) = (end.time("driftwatch.life.began"), end.time("driftwatch.life.ended"))
            #expect((before...started).contains(try #require(began)))
            #expect((started...stopped).contains(try #require(ended)))
        }

        private static func now() -> Int64 { Int64(Date().timeIntervalSince1970 * 1e9) }

        private static func digest(_ path: String) throws -> String {
            let hash = SHA256.hash(data: try Data(contentsOf: URL(fileURLWithPath: path)))
            return "sha256:" + hash.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        }
    }
}
