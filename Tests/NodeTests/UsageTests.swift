import Foundation
import Testing

/// A call that cannot work, and how it must end.
struct Misuse: Sendable, CustomTestStringConvertible {
    let name: String
    let words: [String]
    let status: Int32
    /// Must be named on stderr.
    let names: String
    /// What the file of settings holds.
    var settings: String?

    var testDescription: String { name }

    init(_ name: String, settings: String, _ status: Int32 = 1, names: String) {
        self.init(name, ["run"], status, names: names)
        self.settings = settings
    }

    init(_ name: String, _ words: [String], _ status: Int32, names: String) {
        self.name = name
        self.words = words
        self.status = status
        self.names = names
    }

    static let all = [
        Misuse("unknown flag", ["run", "--frobnicate"], 2, names: "--frobnicate"),
        Misuse("unknown command", ["frobnicate"], 2, names: "frobnicate"),
        Misuse("learning time", ["run", "--learn", "soon"], 2, names: "soon"),
        Misuse("negative learning time", ["run", "--learn=-5s"], 2, names: "-5s"),
        Misuse("time beyond all clocks", ["events", "--for", "300000000d"], 2, names: "300000000d"),
        Misuse("tier", ["run", "--tier", "kprobe"], 2, names: "kprobe"),
        Misuse("format", ["run", "--format", "xml"], 2, names: "xml"),
        Misuse("kind", ["events", "--kind", "read"], 2, names: "read"),
        Misuse("time of a recording", ["record", "--for", "never", "--out", "/tmp"], 2, names: "never"),
        Misuse("state that cannot be made", ["run", "--state", "/proc/driftwatch"], 1, names: "/proc/driftwatch"),
        Misuse(
            "output that cannot be made", ["run", "--state", "STATE", "--output", "/proc/x/y"], 1, names: "/proc/x/y"),
        Misuse("no such configuration", ["run", "--config", "/nowhere.yaml"], 1, names: "/nowhere.yaml"),
        Misuse("unknown setting", settings: "format: ecs\nlearnt: 5s\n", names: "config.yaml:2:1: unknown key"),
        Misuse("settings in a list", settings: "- learn: 5s\n", names: "config.yaml:1:1: the settings must be"),
        Misuse("setting of a mapping", settings: "learn: {for: 5s}\n", names: "config.yaml:1:8: learn must be"),
        Misuse("setting given twice", settings: "learn: 5s\nlearn: 6s\n", names: "config.yaml:2:1: key learn given"),
        Misuse("setting of a wrong word", settings: "tier: kprobe\n", 2, names: "kprobe"),
        Misuse("settings that are no YAML", settings: "learn: [\n", names: "config.yaml:2:1: is not YAML"),
        Misuse("settings with an alias", settings: "workload: [*a]\n", names: "config.yaml:1:12: a value"),
        Misuse("two documents of settings", settings: "learn: 5s\n---\nlearn: 6s\n", names: "config.yaml:3:1"),
        Misuse("broken baseline", ["baseline", "lint", "BROKEN"], 1, names: "broken.yaml:6"),
        Misuse("no such baseline", ["baseline", "lint", "missing.yaml"], 1, names: "missing.yaml is not there"),
        Misuse("nothing to check by", ["check", "-"], 2, names: "--baselines"),
        Misuse("register of no state", ["register", "--state", "/nowhere"], 1, names: "/nowhere"),
        Misuse("register as what it cannot be", ["register", "-o", "pdf"], 2, names: "pdf"),
        Misuse("no such classes", ["run", "--credential-classes", "/nowhere.yaml"], 1, names: "/nowhere.yaml"),
        Misuse("no such event file", ["check", "--baselines", "STATE", "/nowhere.jsonl"], 1, names: "/nowhere.jsonl"),
    ]
}

extension NodeTests {
    /// One line that says what, why and what to do; never a stack trace.
    @Suite struct UsageTests {
        private let files = Scratch("usage")
        private static let broken = """
            apiVersion: driftwatch/v1
            kind: Baseline
            metadata:
              workload: cgroup/x
            spec:
              exce: []
            """

        /// Its part of the tree of cgroups is not all that it watches.
        @Test(.needs("unshare")) func cgroupsOfItsOwn() async throws {
            let inside = try Cgroup("namespace")
            let outside = try Cgroup("namespace-beside")
            // One hierarchy is not mounted twice at one place.
            let place = Node.cgroup2!
            let mounted = "mount -t tmpfs none \(place) && mount -t cgroup2 none \(place) && exec \"$@\""
            let monitor = try await Monitor(
                ["events", "--kind", "connect"],
                within: [
                    Node.provokers + "/enter-cgroup", inside.path, "unshare", "--cgroup", "--mount", "sh", "-c",
                    mounted,
                    "sh",
                ])
            try await outside.run(Node.provokers + "/connect", "block", "127.0.0.1", "47109")
            let lines = try await monitor.stop()
            #expect(lines.contains { $0["destination.port"] == 47109 }, "\(lines.count) lines")
        }

        /// As in a container that was not given the host's.
        @Test(.needs("unshare")) func processesOfItsOwn() async throws {
            let inside = try Cgroup("namespace")
            let finished = try await run([
                Node.provokers + "/enter-cgroup", inside.path, "unshare", "--pid", "--fork", "--mount-proc",
                Monitor.command, "events", "--for", "1s",
            ])
            #expect(finished.status == 1)
            let lines = finished.errors.split(separator: "\n")
            #expect(lines.count == 1 && lines[0].contains("pid namespace"), "\(finished.errors)")
        }

        @Test(arguments: Misuse.all)
        func refused(_ misuse: Misuse) async throws {
            let broken = try files.write(Self.broken, to: "broken.yaml")
            let empty = Scratch("usage-empty")
            var words = misuse.words.map { $0 == "STATE" ? empty.path : $0 == "BROKEN" ? broken : $0 }
            if let settings = misuse.settings {
                words += ["--config", try files.write(settings, to: "\(UUID().uuidString)/config.yaml")]
            }
            let finished = try await run([Monitor.command] + words, within: .seconds(10))
            #expect(finished.status == misuse.status, "\(finished)")
            #expect(finished.output.isEmpty)
            #expect(finished.errors.contains(misuse.names), "\(finished.errors)")
            if misuse.status == 1 { #expect(finished.errors.split(separator: "\n").count == 1, "\(finished.errors)") }
        }

        @Test(.needs("setpriv")) func notRoot() async throws {
            // The build may lie where nobody else may look.
            let command = files / "driftwatch"
            try FileManager.default.copyItem(atPath: Monitor.command, toPath: command)
            for path in [files.path, command] { chmod(path, 0o755) }
            let finished = try await run([
                "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", command, "events", "--for", "1s",
            ])
            #expect(finished.status == 1)
            #expect(finished.errors.split(separator: "\n").count == 1, "\(finished.errors)")
            #expect(finished.errors.contains("root"), "\(finished.errors)")
        }

        /// One bad file costs that file, not the others.
        @Test(.judges("monitor-broken-baseline")) func brokenBaselineBesideAGoodOne() async throws {
            _ = try files.write(Self.broken, to: "baselines/broken.yaml")
            _ = try files.write(
                """
                apiVersion: driftwatch/v1
                kind: Baseline
                metadata: {workload: cgroup/driftwatch-test/good}
                spec:
                  exec:
                    - {exe: "*", parent: "*"}
                  open:
                    - {exe: "*", path: /**, access: [read]}
                """, to: "baselines/good.yaml")
            let cgroup = try Cgroup("good")
            let target = try files.write("x", to: "target")
            let monitor = try await Monitor([
                "run", "--state", files / "state", "--baselines", files / "baselines", "--learn", "off", "--workload",
                cgroup.workload,
            ])
            try await cgroup.run(Node.provokers + "/open", "openat", target, "read")
            try await cgroup.run(Node.provokers + "/open", "openat", target, "write")
            let alert = try await monitor.line("alert") { $0.kind == "alert" && $0.file == target }
            #expect(alert["driftwatch.file.access"] == ["write"])
            let lines = try await monitor.stop()
            #expect(lines.filter { $0.kind == "alert" && $0.action == "open" }.count == 1)
            #expect(try monitor.log().contains("broken.yaml:6"))
        }

        @Test(.judges("monitor-reader-gone")) func readerOfThePipeGone() async throws {
            let finished = try await run([
                "bash", "-c", "\(Monitor.command) events --for 3s | head -n 1 >/dev/null; echo ${PIPESTATUS[0]}",
            ])
            #expect(
                Int(finished.output.trimmingCharacters(in: .whitespacesAndNewlines)).map { $0 < 2 } == true,
                "\(finished)")
            #expect(finished.errors.split(separator: "\n").count <= 1, "\(finished.errors)")
        }
    }
}
