import Baselines
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

    private func command(_ words: String...) async throws -> Finished {
        try await run([Monitor.command] + words, within: .seconds(20))
    }

    @Test func oneBadFileCostsThatFile() async throws {
        _ = try files.write(Self.baseline(80), to: "in/good.yaml")
        _ = try files.write(Self.baseline(80).replacing("port: 80", with: "prot: 80"), to: "in/bad.yaml")
        let finished = try await command("baseline", "import", files / "in", "--state", files / "state")
        #expect(finished.status == 1 && finished.errors.contains("bad.yaml:7:"), "\(finished)")
        #expect(finished.output == "container/web: imported, 1 entries\n")
        let linted = try await command("baseline", "lint", files / "in")
        #expect(linted.status == 1 && linted.errors.contains("bad.yaml:7:") && linted.output.isEmpty)
    }

    @Test func noFileOfAnExportTakesThePlaceOfAnother() async throws {
        let long = "cgroup/" + String(repeating: "kubelet.slice/", count: 40)
        for (index, id) in ["compose/my_app/web", "compose/my/app_web", long + "a", long + "b"].enumerated() {
            let file = Self.baseline(80).replacing("container/web", with: id)
            _ = try await driftwatch(
                "baseline", "import", try files.write(file, to: "\(index).yaml"), "--state", files / "state")
        }
        _ = try await driftwatch("baseline", "export", "--out", files / "out", "--state", files / "state")
        let names = try FileManager.default.contentsOfDirectory(atPath: files / "out")
        #expect(names.count == 4 && names.contains("compose_my%5Fapp_web.yaml"), "\(names)")
    }

    @Test func profilesOfKubescapeComeAndGo() async throws {
        let state = files / "state"
        let imported = try await command(
            "baseline", "import", Node.fixtures + "/kubescape/application-profile.yaml",
            Node.fixtures + "/kubescape/network-neighborhood.json", "--state", state)
        #expect(imported.status == 0, "\(imported)")
        #expect(imported.errors.contains("network-neighborhood.json:35: spec.containers[nginx].egress"))
        #expect(imported.errors.contains("setup: says nothing of connect and listen"))
        for format in ["kubescape", "applicationprofile", "networkneighborhood", "apparmor", "networkpolicy"] {
            let exported = try await command("baseline", "export", "--as", format, "--state", state)
            #expect(exported.status == 0 && !exported.output.isEmpty, "\(exported)")
            #expect(!exported.errors.contains("\n\n"))
            _ = try await driftwatch("baseline", "export", "--as", format, "--out", files / "out", "--state", state)
        }
        let names = Set(try FileManager.default.contentsOfDirectory(atPath: files / "out"))
        #expect(names.contains("k8s_shop_deployment_web.networkpolicy.yaml"), "\(names)")
        #expect(
            names.contains { $0.hasPrefix("k8s_shop_deployment_web_nginx@") && $0.hasSuffix(".apparmor") }, "\(names)")
        // Only the peers: what was known of programs and files stays.
        let peers = try await command(
            "baseline", "import", Node.fixtures + "/kubescape/network-neighborhood.json", "--state", state)
        #expect(peers.status == 0 && peers.errors.contains("import both profiles together"))
        let nameless = try files.write(
            "apiVersion: spdx.softwarecomposition.kubescape.io/v1beta1\nkind: ContainerProfile\nmetadata: {name: x}\n"
                + "spec: {execs: [{path: /bin/true}]}\n", to: "nameless.yaml")
        #expect(try await command("baseline", "import", nameless, "--state", state).errors.contains("--workload"))
        _ = try await driftwatch("baseline", "import", nameless, "--workload", "container/x", "--state", state)
        #expect(try await driftwatch("baseline", "show", "container/x", "--state", state).contains("/bin/true"))
    }

    @Test func lintLooksAtWhatIsKept() async throws {
        let state = files / "state"
        let broad = try files.write(Self.baseline(80).replacing(", port: 80", with: ""), to: "broad.yaml")
        _ = try await driftwatch("baseline", "import", broad, "--state", state)
        let finished = try await command("baseline", "lint", "container/web", "--state", state)
        #expect(
            finished.status == 1 && finished.output.hasPrefix("container/web:7: any port may be opened"), "\(finished)")
    }

    @Test func aBacktestSaysWhatWouldSilence() async throws {
        var lines = ""
        for (index, name) in ["alpha", "beta", "gamma"].enumerated() {
            lines += """
                {"@timestamp":"2026-11-2\(index)T09:00:00.000000000Z","event":{"kind":"event","action":"open"},\
                "process":{"pid":7,"executable":"/usr/sbin/nginx"},"file":{"path":"/srv/web/\(name)"},\
                "driftwatch":{"workload":{"id":"container/web","kind":"container","instance":"i"},\
                "file":{"access":["read"]}}}

                """
        }
        let events = try files.write(lines, to: "events.jsonl")
        let baselines = try files.write(Self.baseline(80), to: "web.yaml")
        let table = try await command("check", "--summary", "--baselines", baselines, events)
        #expect(table.status == 3, "\(table)")
        let line = "{exe: /usr/sbin/nginx, path: /srv/web/*, access: [read]}"
        #expect(table.output.contains("3 alerts in 3 events of 1 workloads") && table.output.contains(line), "\(table)")
        let json = try await command("check", "--summary", "--json", "--baselines", baselines, events)
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        #expect((report["days"] as? [[String: Any]])?.count == 3)
        #expect((report["silences"] as? [[String: Any]])?.first?["entry"] as? String == line)
        // And so it does.
        let wider = try files.write(
            Self.baseline(80) + "  open:\n    - \(line)\n", to: "wider.yaml")
        #expect(try await command("check", "--baselines", wider, events).status == 0)
        #expect(try await command("check", "--json", "--baselines", wider, events).status == 2)
        // A flag wins over the environment, that over the file of settings.
        let settings = try files.write("baselines: \(baselines)\nformat: text\n", to: "config.yaml")
        let drifted = try await command("check", "--config", settings, events)
        #expect(drifted.status == 3 && !drifted.output.hasPrefix("{"), "\(drifted)")
        let words = [Monitor.command, "check", "--config", settings, events]
        #expect(try await run(["env", "DRIFTWATCH_BASELINES=" + wider] + words, within: .seconds(20)).status == 0)
        let flagged = ["env", "DRIFTWATCH_BASELINES=" + wider] + words + ["--baselines", baselines]
        #expect(try await run(flagged, within: .seconds(20)).status == 3)
    }

    @Test func mergingSaysWhatConflicts() async throws {
        let one = try files.write(Self.baseline(80), to: "one.yaml")
        let other = try files.write(Self.baseline(80).replacing("80", with: "1-100"), to: "other.yaml")
        let finished = try await command("baseline", "merge", one, other)
        #expect(finished.status == 0 && finished.errors.contains("conflicts in what it allows"), "\(finished)")
    }

    @Test func anAlertIsAllowedByItsOwnPatchAndTakenBack() async throws {
        let state = files / "state"
        let patch = "open:\n  - {exe: /usr/sbin/nginx, path: /etc/hosts, access: [read]}\n"
        let key = BaselineKey(workload: "container/web", digest: "sha256:1")
        try Store.open(directory: state).store.write([
            .baseline(StoredBaseline(key: key, state: .armed)),
            .alert(StoredAlert(id: "a1", time: 1, key: key, rule: "open.unexpected", allow: patch, json: "{}")),
            .alert(StoredAlert(id: "a2", time: 2, key: key, rule: "monitor.saturated", allow: nil, json: "{}")),
        ])
        #expect(try await driftwatch("baseline", "allow", "a1", "--state", state).hasSuffix(": allowed\n" + patch))
        let shown = try await driftwatch("baseline", "show", "container/web", "--state", state)
        #expect(shown.contains("{exe: /usr/sbin/nginx, path: /etc/hosts, access: [read]}"))
        let change = try #require(try await history().first)
        #expect(change["reason"] as? String == "alert a1" && change["what"] as? String == patch)
        #expect(try await command("baseline", "allow", "a2", "--state", state).errors.contains("has no patch"))
        #expect(try await command("baseline", "allow", "a3", "--state", state).status == 1)
        _ = try await driftwatch("baseline", "undo", "1", "--state", state)
        #expect(try await !driftwatch("baseline", "show", "container/web", "--state", state).contains("/etc/hosts"))
    }
}
