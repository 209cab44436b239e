import Baselines
import Drift
import Events
import Workloads

/// Acts to judge, each with one peculiarity.
enum Acts {
    static let second: Int64 = 1_000_000_000
    /// 2026-11-20T09:40:00Z
    static let now: Int64 = 1_795_167_600 * second
    static let web = Workload(id: "container/web", kind: .container, instance: "c1", started: now - 3600 * second)
    static let cron = Workload(id: "unit/cron.service", kind: .unit, instance: "7")
    static let facts = BaselineFacts(state: "armed", learnedSince: now - 2400 * second, learnedUntil: now)
    static let difference = Difference(dimension: "executable", nearest: "exec /usr/sbin/nginx", allow: "exec: []\n")

    static func actor(
        _ executable: String, parent: String = "/usr/sbin/nginx", pid: UInt32 = 100, parentPid: UInt32 = 10,
        exec: ExecID = 0, incident: UInt64 = 0, mounts: UInt32 = 0
    ) -> Actor {
        Actor(
            process: ProcessName(pid: pid, start: UInt64(pid) * 1000),
            parent: ProcessName(pid: parentPid, start: UInt64(parentPid) * 1000), cgroup: 42, exec: exec,
            incident: incident, mountNamespace: mounts, executable: ResolvedPath(executable),
            parentExecutable: ResolvedPath(parent))
    }

    static func observe(
        _ act: Act, by actor: Actor, in workload: Workload = web, origin: Origin = .child, after: Int64 = 0,
        key: UInt64 = 1, words: [String] = []
    ) -> Observation {
        Observation(
            event: Event(
                time: UInt64(after + 1_000_000 * second), key: BehaviourKey(high: 0, low: key), actor: actor, act: act),
            workload: workload, origin: origin, time: now + after, words: CommandLines(arguments: words))
    }

    static func exec(
        _ executable: String, _ arguments: [String] = [], flags: Exec.Flags = [], changed: Int64 = 0,
        in workload: Workload = web, origin: Origin = .child, after: Int64 = 0, actor: Actor? = nil, key: UInt64 = 1
    ) -> Observation {
        let words = [executable.split(separator: "/").last.map(String.init) ?? executable] + arguments
        let peer = SocketAddress(ip: IPAddress(v4: 198, 51, 100, 9), port: 4444)
        let exec = Exec(
            filename: executable, arguments: words, flags: flags, changed: changed,
            peer: flags.contains(.stdinSocket) ? peer : nil)
        return observe(
            .exec(exec), by: actor ?? self.actor(executable), in: workload, origin: origin, after: after, key: key)
    }

    static func open(
        _ path: String, by executable: String = "/usr/sbin/nginx", access: Access = .read,
        flags: ResolvedPath.Flags = [], mode: UInt32 = 0o100644, mounts: (UInt32, UInt32) = (0, 0),
        in workload: Workload = web, words: [String] = [], after: Int64 = 0, actor: Actor? = nil, key: UInt64 = 2
    ) -> Observation {
        let open = Open(
            path: ResolvedPath(path, flags: flags), access: access, mode: mode, mountNamespace: mounts.1)
        return observe(
            .open(open), by: actor ?? self.actor(executable, mounts: mounts.0), in: workload, after: after, key: key,
            words: words)
    }

    static func connect(_ peer: Connect.Peer, _ transport: Transport = .tcp, after: Int64 = 0) -> Observation {
        observe(.connect(Connect(peer: peer, transport: transport)), by: actor("/usr/sbin/nginx"), after: after)
    }

    static let elsewhere = connect(.ip(SocketAddress(ip: IPAddress(v4: 203, 0, 113, 7), port: 443)))

    static let session = exec("/bin/sh", origin: .injected, actor: actor("/bin/sh", exec: 77))
    static let dropped = exec("/tmp/x", flags: .upperLayer, actor: actor("/tmp/x", exec: 77))

    static let listener = observe(
        .listen(Listen(address: SocketAddress(ip: IPAddress(v4: 0, 0, 0, 0), port: 4444), transport: .tcp)),
        by: actor("/usr/bin/nc"))
}
