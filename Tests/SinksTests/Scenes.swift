import Baselines
import Drift
import Events
import Workloads

@testable import Sinks

/// One act of each sort, with every field that it can have.
enum Scenes {
    static let second: Int64 = 1_000_000_000
    /// 2026-11-20T09:40:00.000000001Z
    static let now: Int64 = 1_795_167_600 * second + 1
    static let host = Host(name: "node-1", bootID: "0badcafe-0000-4000-8000-000000000000", kernel: "6.1.0-31-amd64")

    static let web = Workload(
        id: "k8s/shop/deployment/web/nginx", kind: .k8s, instance: "c0ffee", digest: "sha256:9c1b",
        container: Container(
            id: "c0ffee", name: "nginx", runtime: "containerd",
            image: Image(name: "docker.io/library/nginx", tag: "1.27", digests: ["sha256:9c1b", "sha256:77aa"])),
        orchestrator: Orchestrator(
            type: "kubernetes", namespace: "shop", resourceType: "deployment", resourceName: "web"),
        serviceName: "web")
    static let cron = Workload(id: "unit/cron.service", kind: .unit, instance: "812")

    static let facts = BaselineFacts(
        state: "armed", checksum: "sha256:41d0", completeness: 0.997, learnedSince: now - 2400 * second,
        learnedUntil: now, digest: "sha256:9c1b", seen: 120331, lost: 2)

    static func actor(_ executable: String = "/usr/sbin/nginx") -> Actor {
        Actor(
            process: ProcessName(pid: 4711, start: 7_000_000_000), parent: ProcessName(pid: 4700, start: 6_000_000_000),
            cgroup: 42, uid: 101, gid: 102, executable: ResolvedPath(executable),
            parentExecutable: ResolvedPath("/usr/sbin/nginx"), workingDirectory: ResolvedPath("/var/www"))
    }

    static func observe(
        _ act: Act, domain: String? = nil, by actor: Actor = actor(), in workload: Workload = web,
        origin: Origin = .child, truncated: [String] = [], lossy: [String] = [],
        words: CommandLines = CommandLines(
            arguments: ["nginx", "-g", "daemon off;"], parentArguments: ["nginx: master"])
    ) -> Observation {
        var words = words
        if act.kind == .exec { words = CommandLines(parentArguments: words.parentArguments) }
        return Observation(
            event: Event(
                time: 9_000_000_000, key: BehaviourKey(high: 0, low: 0), actor: actor, act: act, truncated: truncated,
                lossyFields: lossy), domain: domain, workload: workload, origin: origin, time: now, words: words)
    }

    static func exec(
        _ executable: String, _ arguments: [String], filename: String? = nil, interpreter: String? = nil,
        flags: Exec.Flags = [], count: Int? = nil, peer: SocketAddress? = nil, origin: Origin = .child
    ) -> Observation {
        observe(
            .exec(
                Exec(
                    filename: filename ?? executable, interpreter: interpreter, arguments: arguments,
                    argumentCount: count, flags: flags, peer: peer)), by: actor(executable), origin: origin)
    }

    static func open(
        _ path: String, _ access: Access = .read, by executable: String = "/usr/sbin/nginx",
        flags: ResolvedPath.Flags = [], in workload: Workload = web, lossy: [String] = []
    ) -> Observation {
        observe(
            .open(
                Open(
                    path: ResolvedPath(path, flags: flags), access: access, inode: 18_446_744_073_709_551_615,
                    device: Device(8 << 20 | 1), mode: 0o100000)), by: actor(executable), in: workload, lossy: lossy)
    }

    static func connect(_ peer: Connect.Peer, _ transport: Transport, domain: String? = nil) -> Observation {
        observe(.connect(Connect(peer: peer, transport: transport)), domain: domain)
    }

    static let v4 = SocketAddress(ip: IPAddress(v4: 203, 0, 113, 7), port: 443)
    static let v6 = SocketAddress(ip: IPAddress("2001:db8::7")!, port: 53)

    /// Every kind, with odd bytes.
    static let behaviours: [(name: String, act: Observation)] = [
        ("exec", exec("/usr/bin/id", ["id", "-u"])),
        (
            "exec of a script",
            exec("/bin/dash", ["/bin/sh", "./s.sh"], filename: "./s.sh", interpreter: "/bin/sh", flags: .script)
        ),
        ("exec entrypoint", exec("/docker-entrypoint.sh", ["x"], origin: .entrypoint)),
        ("exec with odd words", exec("/bin/sh", ["sh", "-c", "a\"b\\c\n\t\r\u{8}\u{c}\u{1b}[31m\u{7f}\u{85}é€😀\0"])),
        ("exec without words", exec("/bin/x", [])),
        ("exec with many words", exec("/bin/x", ["x", "y"], count: 70000)),
        ("exec of a memfd", exec("memfd:a b", ["x"], filename: "/dev/fd/3", flags: .fileless)),
        ("exec deleted", exec("/tmp/x", ["x"], flags: [.deleted, .upperLayer])),
        (
            "exec on a socket",
            exec("/bin/bash", ["-i"], flags: [.stdinSocket, .stdoutSocket], peer: v4, origin: .injected)
        ),
        (
            "exec from outside",
            {
                var act = exec("/bin/sh", ["sh"], origin: .injected)
                var family = Family()
                let crun = Relative(
                    process: ProcessName(pid: 90, start: 8_000_000_000), executable: "/usr/bin/crun",
                    arguments: ["crun", "exec", "web", "sh"])
                family.entrant = crun
                family.ancestors = [
                    Relative(process: ProcessName(pid: 80, start: 7_000_000_000), executable: "/bin/bash"),
                    Relative(process: ProcessName(pid: 1, start: 0), executable: "/usr/lib/systemd/systemd"),
                ]
                family.login = Lineage.Login(uid: 1000, session: 3, terminal: "pts/0")
                family.loginName = "anna"
                act.family = family
                return act
            }()
        ),
        (
            "exec in a container",
            {
                var act = exec("/bin/ls", ["ls"])
                var family = Family()
                family.leader = Relative(
                    process: ProcessName(pid: 4700, start: 6_000_000_000), executable: "/usr/sbin/nginx",
                    arguments: ["nginx", String(repeating: "x", count: 600)])
                act.family = family
                return act
            }()
        ),
        (
            "listen before the start",
            {
                var act = observe(.listen(Listen(address: v6, transport: .tcp)))
                act.isSnapshot = true
                return act
            }()
        ),
        ("connect", connect(.ip(v4), .tcp)), ("connect by name", connect(.ip(v4), .tcp, domain: "api.example")),
        ("connect over IPv6", connect(.ip(v6), .udp)),
        ("connect to a path", connect(.unix(path: "/run/docker.sock"), .unix)),
        ("connect to a name", connect(.abstract(name: "bus/1"), .unix)), ("connect raw", connect(.ip(v4), .other(89))),
        ("socket of packets", connect(.unseen, .packet)), ("socket of a family", connect(.unseen, .family(27))),
        (
            "listen",
            observe(.listen(Listen(address: SocketAddress(ip: IPAddress(v4: 0, 0, 0, 0), port: 80), transport: .tcp)))
        ),
        ("open", open("/etc/nginx/nginx.conf")),
        ("open for all", open("/var/log/x", [.append, .create, .path, .read, .truncate, .write])),
        ("open of a unit", open("/etc/crontab", in: cron)),
        ("open outside", open("/etc/shadow", flags: .outsideRoot)),
        ("open outside the mount", open("/etc/shadow", flags: .outsideMount)),
        ("open of bytes", open("/tmp/\u{ff}\u{c3}\u{28}\u{80}\"", lossy: ["file.path"])),
        ("open of a long path", open("/" + String(repeating: "ä/", count: 1365))),
        (
            "open by a lossy name",
            {
                var act = open("/x", by: "/bin/\u{fe}", lossy: ["process.args", "process.executable"])
                act.words.arguments = ["\u{fe}", "é"]
                act.event.truncated = ["process.args"]
                return act
            }()
        ),
    ]

    /// One anomaly of each rule.
    static let anomalies: [(Observation, Standing)] = [
        (exec("/usr/bin/id", ["id"]), .unknown(facts)), (exec("/bin/dash", ["sh", "-c", "id"]), .unknown(facts)),
        (exec("/tmp/x", ["x"], flags: .upperLayer), .learning(facts)),
        (exec("memfd:x", ["x"], flags: .fileless), .unjudged),
        (exec("/bin/bash", ["-i"], flags: [.stdinSocket, .stdoutSocket], peer: v4), .known(facts)),
        (behaviours.first { $0.name == "exec from outside" }!.act, .unknown(facts)),
        (connect(.ip(v4), .tcp, domain: "api.example"), .unknown(facts)),
        (observe(.listen(Listen(address: v6, transport: .tcp))), .unknown(facts)),
        (connect(.unseen, .raw), .unknown(facts)),
        (open("/srv/data", .write), .unknown(facts)), (open("/run/secrets/token", by: "/bin/cat"), .unknown(facts)),
        (open("/etc/hostname", flags: .outsideRoot), .unknown(facts)),
    ]
}
