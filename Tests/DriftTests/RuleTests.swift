import Drift
import Events
import Testing

@Suite struct RuleTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var name: String
        var act: Observation
        /// By how the act stands: learning, known, unknown, no baseline; nil: nothing is told.
        var learning: Rule?
        var known: Rule?
        var unknown: Rule?
        var unjudged: Rule?
        /// What learning does when nothing is told.
        var isLearned = true

        var testDescription: String { name }

        static func never(_ name: String, _ act: Observation, _ rule: Rule, known: Rule? = nil) -> Case {
            Case(name: name, act: act, learning: rule, known: known, unknown: rule, unjudged: rule)
        }

        static func drift(_ name: String, _ act: Observation, _ rule: Rule) -> Case {
            Case(name: name, act: act, unknown: rule)
        }
    }

    static let sockets: Exec.Flags = [.stdinSocket, .stdoutSocket]
    static let cases: [Case] = [
        .drift("program", Acts.exec("/usr/bin/id"), .execUnexpected),
        .drift("shell", Acts.exec("/bin/dash", ["-c", "id"]), .execShell),
        .drift("interpreter with version", Acts.exec("/usr/bin/python3.11", ["x.py"]), .execShell),
        .drift("shell through the loader", Acts.exec("/lib64/ld-linux-x86-64.so.2", ["/bin/bash"]), .execShell),
        .drift(
            "shell through the loader with a library path",
            Acts.exec("/lib64/ld-linux-x86-64.so.2", ["--library-path", "/tmp", "/bin/bash"]), .execShell),
        .never(
            "reverse shell", Acts.exec("/bin/bash", ["-i"], flags: sockets), .execReverseShell, known: .execReverseShell
        ),
        .never(
            "reverse shell before dropped", Acts.exec("/bin/sh", flags: sockets.union(.upperLayer)), .execReverseShell,
            known: .execReverseShell),
        .drift("shell with one socket", Acts.exec("/bin/sh", flags: [.stdinSocket]), .execShell),
        .drift("server started on a socket", Acts.exec("/usr/sbin/in.ftpd", flags: sockets), .execUnexpected),
        .never("memfd", Acts.exec("memfd:x", flags: .fileless), .execFileless),
        .never("deleted", Acts.exec("/tmp/x", flags: .deleted), .execFileless),
        .never("fileless before dropped", Acts.exec("/tmp/x", flags: [.deleted, .upperLayer]), .execFileless),
        .never("upper layer", Acts.exec("/tmp/x", flags: .upperLayer), .execDropped),
        .never("newer than the container", Acts.exec("/tmp/x", changed: Acts.now), .execDropped),
        .drift(
            "older than the container", Acts.exec("/opt/x", changed: Acts.now - 7200 * Acts.second), .execUnexpected),
        .drift(
            "new program of a unit", Acts.exec("/usr/bin/new", changed: Acts.now, in: Acts.cron, origin: .host),
            .execUnexpected),
        .never("dropped before injected", Acts.exec("/tmp/x", flags: .upperLayer, origin: .injected), .execDropped),
        Case(
            name: "injected", act: Acts.exec("/bin/sh", origin: .injected), unknown: .execInjected, isLearned: false),
        Case(
            name: "runc's copy of itself",
            act: Acts.exec("memfd:runc_cloned:/proc/self/exe", flags: .fileless, in: Acts.cron, origin: .host),
            unknown: .execUnexpected),
        .never(
            "runc's copy in a container", Acts.exec("memfd:runc_cloned:/proc/self/exe", flags: .fileless), .execFileless
        ),
        .drift("destination", Acts.elsewhere, .connectUnexpected),
        .drift("runtime socket", Acts.connect(.unix(path: "/run/docker.sock"), .unix), .connectUnexpected),
        .drift("port", Acts.listener, .listenUnexpected),
        .drift("file", Acts.open("/etc/passwd"), .openUnexpected),
        Case(
            name: "outside the root", act: Acts.open("/etc/hostname", flags: .outsideRoot), known: .openEscape,
            unknown: .openEscape, isLearned: false),
        Case(
            name: "outside the mount", act: Acts.open("/etc/hostname", flags: .outsideMount), known: .openEscape,
            unknown: .openEscape, isLearned: false),
        Case(
            name: "foreign namespace", act: Acts.open("/etc/hostname", mounts: (1, 2)), known: .openEscape,
            unknown: .openEscape, isLearned: false),
        .drift("detached is no escape", Acts.open("memfd:x", flags: [.detached, .outsideRoot]), .openUnexpected),
        .drift("a unit cannot escape", Acts.open("/x", flags: .outsideRoot, in: Acts.cron), .openUnexpected),
        .never("shadow", Acts.open("/etc/shadow"), .openCredential),
        .never("shadow written", Acts.open("/etc/shadow", access: .write), .openCredential),
        .drift("shadow by login", Acts.open("/etc/shadow", by: "/bin/login"), .openCredential),
        .drift("shadow looked up", Acts.open("/etc/shadow", access: .path), .openUnexpected),
        .drift("token by its application", Acts.open("/run/secrets/token"), .openCredential),
        .never("token by cat", Acts.open("/run/secrets/token", by: "/bin/cat"), .openCredential),
        .never("token by a shell", Acts.open("/run/secrets/token", by: "/bin/dash"), .openCredential),
        .never(
            "token by a busybox applet",
            Acts.open("/run/secrets/token", by: "/bin/busybox", words: ["cat", "/run/secrets/token"]), .openCredential),
        .never(
            "token by python -c",
            Acts.open("/run/secrets/token", by: "/usr/bin/python3", words: ["python3", "-Ic", "x"]), .openCredential),
        .drift(
            "token by a python application",
            Acts.open("/run/secrets/token", by: "/usr/bin/python3", words: ["python3", "-E", "app.py", "-c"]),
            .openCredential),
        .drift("a directory of secrets", Acts.open("/run/secrets/x", by: "/bin/cat", mode: 0o040755), .openUnexpected),
        .drift("a public key", Acts.open("/root/.ssh/id_ed25519.pub", by: "/bin/cat"), .openUnexpected),
    ]

    @Test(arguments: cases) func judges(_ test: Case) {
        let standings: [(String, Standing, Rule?)] = [
            ("learning", .learning(Acts.facts), test.learning), ("known", .known(Acts.facts), test.known),
            ("unknown", .unknown(Acts.facts), test.unknown), ("unjudged", .unjudged, test.unjudged),
        ]
        for (name, standing, rule) in standings {
            var detector = Detector(seed: 1)
            let verdict = detector.judge(test.act, standing)
            #expect(verdict.alert?.rule == rule, "\(name)")
            guard rule == nil else { continue }
            let learns = name == "learning" && test.isLearned
            #expect((verdict.outcome == .learn) == learns, "\(name)")
        }
    }

    /// Under a known name another program may run by now; what a person allowed to be dropped stays allowed.
    @Test func knownProgramThatWasReplaced() {
        let known = Standing.known(Acts.facts)
        var detector = Detector(seed: 1)
        #expect(detector.judge(Acts.exec("/usr/bin/tool"), known).alert == nil)
        #expect(detector.judge(Acts.exec("/usr/bin/tool", flags: .upperLayer), known).alert?.rule == .execDropped)
        #expect(detector.judge(Acts.exec("/usr/bin/other", flags: .upperLayer), known).alert == nil)
    }

    @Test func everyRuleIsComplete() {
        #expect(Set(Rule.allCases.map(\.name)).count == Rule.allCases.count)
        for rule in Rule.allCases {
            #expect((1...100).contains(rule.severity))
            #expect(rule.description.hasSuffix("."))
            #expect(rule.threat.techniqueID.hasPrefix("T1") && !rule.threat.tactic.name.isEmpty)
        }
    }

    @Test func everyRuleCanFire() {
        let fired = Set(Self.cases.flatMap { [$0.learning, $0.known, $0.unknown, $0.unjudged] }.compactMap(\.self))
        #expect(fired == Set(Rule.allCases).subtracting([.monitorSaturated]))
    }
}
