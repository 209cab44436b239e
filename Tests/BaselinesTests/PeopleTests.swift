import Events
import Testing

@testable import Baselines

/// What is said to people who compare, join and silence.
@Suite struct SuggestionTests {
    private func suggestions(_ alerts: [Behaviour: Int], limit: Int = 10) -> [String] {
        Suggestions.of(alerts, limit: limit).map { "\($0.alerts)/\($0.behaviours) \($0.entry)" }
    }

    @Test func aDirectoryIsOneLine() {
        var alerts: [Behaviour: Int] = [:]
        for name in ["alpha", "beta", "gamma", "delta"] { alerts[open("/srv/app/cache/\(name).html")] = 2 }
        alerts[open("/etc/hostname")] = 3
        #expect(
            suggestions(alerts) == [
                "8/4 {exe: /a, path: /srv/app/cache/*, access: [read]}",
                "3/1 {exe: /a, path: /etc/hostname, access: [read]}",
            ])
        #expect(suggestions(alerts, limit: 1).count == 1)
    }

    @Test func secretsAndProgramsStayApart() {
        var alerts: [Behaviour: Int] = [:]
        for name in ["alpha", "beta", "gamma", "delta"] {
            alerts[open("/root/.ssh/\(name)")] = 1
            alerts[open("/usr/bin/\(name)")] = 1
        }
        #expect(suggestions(alerts, limit: 20).count == 8)
    }

    @Test func nothingTooBroadIsSuggested() {
        var alerts: [Behaviour: Int] = [:]
        for parent in ["/a", "/b", "/c", "/d"] {
            for program in ["/bin/sh", "/bin/ls"] {
                alerts[.exec(ExecBehaviour(executable: program, parent: parent, arguments: ["sh", "-c", "x"]))] = 1
            }
        }
        let found = suggestions(alerts, limit: 20)
        // Any program may list, but a shell stays with whom it was seen.
        #expect(found.first == "4/4 {exe: /bin/ls}" && found.count == 5, "\(found)")
    }

    @Test func addressesOfOneNetworkAreOneLine() {
        var alerts: [Behaviour: Int] = [:]
        for host in 1...5 { alerts[connect("10.1.2.\(host)", 5432)] = 10 }
        #expect(suggestions(alerts) == ["50/5 {exe: /a, cidr: 10.1.2.0/24, port: 5432, transport: tcp}"])
    }
}

@Suite struct MergeTests {
    private func merged(_ first: String, _ second: String) throws -> [String] {
        func baseline(_ spec: String) throws -> Baseline {
            let text = "apiVersion: driftwatch/v1\nkind: Baseline\nmetadata: {workload: w}\nspec:\n  \(spec)\n"
            return try #require(try BaselineFile.parse(text, file: "f").first).baseline
        }
        return try baseline(first).merged(baseline(second)).conflicts
    }

    @Test(arguments: [
        ("exec: [{exe: /bin/sh, args: [sh, -c, x]}]", "exec: [{exe: /bin/sh}]", true),
        ("exec: [{exe: /bin/sh, parent: /a}]", "exec: [{exe: /bin/sh, parent: /b}]", false),
        ("exec: [{exe: /bin/sh, args: [sh, x]}]", "exec: [{exe: /bin/sh, args: [sh, \"**\"]}]", true),
        ("open: [{exe: /a, path: /x/y, access: [read]}]", "open: [{exe: /a, path: /x/**, access: [read]}]", true),
        ("open: [{exe: /a, path: /x/*, access: [read]}]", "open: [{exe: \"*\", path: /x/**, access: [read]}]", true),
        ("open: [{exe: /a, path: /x/**, access: [read]}]", "open: [{exe: /a, path: /x/*, access: [write]}]", false),
        ("open: [{exe: /a, path: /x/**, access: [read]}]", "open: [{exe: /a, path: /x/*/*, access: [read]}]", true),
        ("open: [{exe: /a, path: /x/y, access: [read]}]", "open: [{exe: /a, path: /x/y, access: [read]}]", false),
        ("connect: [{exe: /a, cidr: 10.0.0.1, port: 1}]", "connect: [{exe: /a, cidr: 10.0.0.0/8}]", true),
        ("connect: [{exe: /a, cidr: 10.0.0.1}]", "connect: [{exe: /a, cidr: 10.0.0.0/8, port: 1}]", false),
        ("connect: [{exe: /a, cidr: 10.0.0.0/16}]", "connect: [{exe: /a, class: private}]", true),
        ("connect: [{exe: /a, cidr: 8.8.8.0/24}]", "connect: [{exe: /a, class: public}]", true),
        ("connect: [{exe: /a, cidr: 8.0.0.0/6}]", "connect: [{exe: /a, class: public}]", false),
        ("connect: [{exe: /a, cidr: 10.0.0.0/16}]", "connect: [{exe: /a, class: public}]", false),
        ("listen: [{exe: /a, port: 80}]", "listen: [{exe: /a, port: 1-100}]", true),
        ("connect: [{exe: /a, domain: x.y, port: 1}]", "connect: [{exe: /a, domain: \"*.y\", port: 1}]", true),
    ])
    func whatMakesTheOtherMootIsAConflict(_ first: String, _ second: String, _ conflicts: Bool) throws {
        for (one, other) in [(first, second), (second, first)] {
            let found = try merged(one, other)
            #expect(found.count == (conflicts ? 1 : 0), "\(found)")
        }
    }
}

/// Of an import that names no digest.
@Suite struct ImportTests {
    @Test func withoutADigestItIsForAnyContent() throws {
        let store = try temporaryStore()
        try store.importBaseline(
            Baseline(key: BaselineKey(workload: "w"), spec: BaselineSpec.allowing(open("/known"))), who: "", why: "")
        // What was being learned ends with it, also after a restart.
        try store.write([
            .baseline(StoredBaseline(key: BaselineKey(workload: "w", digest: "sha256:a"), state: .learning))
        ])
        let baselines = Baselines(mode: .auto)
        try baselines.load(store, at: 0)
        #expect(baselines.learner.keys.isEmpty)
        #expect(baselines.verdict(for: open("/known"), workload: "w", digest: "sha256:a", at: 1) == .known)
        guard case .unknown = baselines.verdict(for: open("/new"), workload: "w", digest: "sha256:a", at: 1) else {
            Issue.record("what was imported does not judge")
            return
        }
        #expect(baselines.verdict(for: open("/new"), workload: "other", digest: "sha256:a", at: 1) == .learning)
    }
}
