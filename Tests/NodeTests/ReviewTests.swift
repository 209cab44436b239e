import Foundation
import Testing

/// What people do with baselines through the command; no kernel is watched.
@Suite struct ReviewTests {
    private let files = Scratch("review")

    private func driftwatch(_ words: String..., status: Int32 = 0) async throws -> String {
        let finished = try await run([Monitor.command] + words, within: .seconds(20))
        #expect(finished.status == status, "\(words): \(finished)")
        return finished.output
    }

    private func history() async throws -> [[String: Any]] {
        let text = try await driftwatch("baseline", "history", "--json", "--state", files / "state")
        return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
    }

    private static func baseline(_ port: Int) -> String {
        """
        apiVersion: driftwatch/v1
        kind: Baseline
        metadata:
          workload: container/web
        spec:
          listen:
            - {exe: /usr/sbin/nginx, port: \(port), transport: tcp}

        """
    }

    @Test func changesAreToldAndUndone() async throws {
        let state = files / "state"
        for port in [80, 81] {
            _ = try await driftwatch(
                "baseline", "import", try files.write(Self.baseline(port), to: "\(port).yaml"), "--state", state,
                "--reason", "port \(port)")
        }
        #expect(try await driftwatch("baseline", "show", "container/web", "--state", state).contains("port: 81"))
        let log = try await history()
        #expect(log.map { $0["reason"] as? String } == ["port 81", "port 80"])
        #expect(log.allSatisfy { ($0["who"] as? String)?.isEmpty == false && $0["action"] as? String == "import" })

        _ = try await driftwatch("baseline", "undo", "1", "--state", state, status: 1)
        _ = try await driftwatch("baseline", "undo", "container/web", "--state", state, "--reason", "not that port")
        let shown = try await driftwatch("baseline", "show", "container/web", "--state", state)
        #expect(shown.hasPrefix(Self.baseline(80)))
        let table = try await driftwatch("baseline", "history", "container/web", "--state", state)
        #expect(table.contains("(undone by 3)") && table.contains("not that port"), "\(table)")

        _ = try await driftwatch("baseline", "undo", "container/web", "--state", state)
        #expect(try await driftwatch("baseline", "list", "--json", "--state", state) == "[]\n")
        _ = try await driftwatch("baseline", "undo", "container/web", "--state", state, status: 1)
        _ = try await driftwatch("baseline", "undo", "4", "--state", state)
        #expect(try await driftwatch("baseline", "show", "container/web", "--state", state) == shown)
    }

    @Test func whoIsBehindSudoIsTold() async throws {
        let login = (try? read("/proc/self/loginuid")) ?? "4294967295"
        guard geteuid() == 0, login == "4294967295" else { return }
        let finished = try await run([
            "env", "SUDO_USER=alice", Monitor.command, "baseline", "import",
            try files.write(Self.baseline(80), to: "web.yaml"), "--state", files / "state",
        ])
        #expect(finished.status == 0)
        #expect(try await history().first?["who"] as? String == "alice as root")
    }
}
