import Events
import Foundation
import GRDB
import Synchronization
import Testing

@testable import Workloads

/// Engines whose answers a test gives.
private final class Answers: Engines {
    private struct State {
        var news: [EngineNews] = []
        var sockets: Set<EngineSocket> = []
        var asked: [String] = []
    }
    private let state = Mutex(State())

    var sockets: Set<EngineSocket> { state.withLock { $0.sockets } }
    var asked: [String] { state.withLock { $0.asked } }
    func say(_ news: EngineNews) { state.withLock { $0.news.append(news) } }
    func know(_ socket: EngineSocket) { state.withLock { _ = $0.sockets.insert(socket) } }
    func askForPods() {}
    func ask(_ id: String, runtime: String) { state.withLock { $0.asked.append(id) } }
    func take() -> [EngineNews] {
        state.withLock { state in
            defer { state.news = [] }
            return state.news
        }
    }
}

@Suite struct HearingTests {
    private static let id = String(repeating: "ab", count: 32)

    private func report(pid: UInt32? = nil, cgroup: String? = nil, user: UInt32 = 0, by engine: String = "docker")
        -> EngineReport
    {
        var facts = ContainerFacts(id: Self.id, runtime: engine)
        facts.name = "shop"
        facts.image = "localhost/web:1.2"
        facts.digests = ["sha256:01"]
        facts.labels = ["team": "a", "io.kubernetes.pod.name": "other"]
        return EngineReport(facts: facts, pid: pid, cgroupPath: cgroup, user: user)
    }

    /// The first program of a container of docker, which wrote no more of it than its name.
    private func container(on node: Node) throws -> Actor {
        try node.write("/docker/containers/\(Self.id)/config.v2.json", #"{"Name":"/first"}"#)
        node.resolver.state.context.roots.docker = [node.root + "/docker"]
        let bundle = "/io.containerd.runtime.v2.task/moby/" + Self.id
        return try node.container(Self.id, cgroup: "/docker/" + Self.id, bundle: bundle).first
    }

    struct Case: CustomTestStringConvertible {
        var testDescription: String
        var pid: UInt32?
        var user: UInt32 = 0
        var engine = "docker"
        var isBelieved: Bool
    }

    @Test(arguments: [
        Case(testDescription: "root about a container that the kernel tied to its cgroup", isBelieved: true),
        Case(testDescription: "a process that runs elsewhere", pid: 1, isBelieved: false),
        Case(testDescription: "an engine that did not make it", engine: "containerd", isBelieved: false),
        Case(
            testDescription: "the same, and a process that is gone", pid: 4_000_900, engine: "podman", isBelieved: false
        ),
        Case(testDescription: "a user about what is not the user's", user: 1000, isBelieved: false),
        Case(testDescription: "a process that is gone", pid: 4_000_900, isBelieved: true),
    ])
    func anAnswerAddsToWhatIsVouchedFor(_ test: Case) throws {
        let node = try Node()
        let engines = Answers()
        node.resolver.engines = engines
        let first = try container(on: node)
        #expect(node.who(node.exec(first, ["httpd"])) == "container/first")
        engines.say(.runs(report(pid: test.pid, user: test.user, by: test.engine)))
        engines.say(.ended(id: Self.id, at: 77, user: test.user))
        node.resolver.hear()
        guard case .known(let workload) = node.resolver.attribute(node.open(first)) else {
            Issue.record("nobody's")
            return
        }
        #expect((workload.labels["team"] == "a") == test.isBelieved)
        #expect((workload.digest == "sha256:01") == test.isBelieved)
        #expect((workload.ended == 77) == (test.user == 0))
        #expect(workload.id == "container/first" && workload.container?.name == "first")
        #expect(workload.confidence == .runtime)
    }

    /// Whatever names something: it comes too late.
    @Test(arguments: [
        ["driftwatch.workload": "unit/sshd.service"],
        ["com.docker.compose.project": "shop", "com.docker.compose.service": "db"],
        ["io.kubernetes.pod.name": "etcd", "io.kubernetes.pod.namespace": "kube-system", "io.kubernetes.pod.uid": "u"],
    ])
    func anAnswerRenamesNothing(_ labels: [String: String]) throws {
        let node = try Node()
        let engines = Answers()
        node.resolver.engines = engines
        let first = try container(on: node)
        _ = node.who(node.exec(first, ["httpd"]))
        var renamed = report()
        renamed.facts.labels.merge(labels) { $1 }
        engines.say(.runs(renamed))
        node.resolver.hear()
        engines.say(.pods(PodList()))
        engines.say(.runs(report()))
        node.resolver.hear()
        guard case .known(let workload) = node.resolver.attribute(node.open(first)) else {
            Issue.record("nobody's")
            return
        }
        #expect(workload.id == "container/first" && workload.kind == .container && workload.labels["team"] == "a")
        #expect(workload.orchestrator == nil && workload.pod == nil && workload.container?.name == "first")
    }

    /// A megabyte of labels is left out, and said once; what else is known of the container stays.
    @Test func labelsWithoutEnd() throws {
        let node = try Node()
        let engines = Answers()
        node.resolver.engines = engines
        let first = try container(on: node)
        _ = node.who(node.exec(first, ["httpd"]))
        var endless = report()
        endless.facts.labels["long"] = String(repeating: "x", count: 1 << 20)
        let cut = EngineReport(facts: endless.facts, pid: nil, cgroupPath: nil, user: 0)
        for _ in 0..<3 {
            engines.say(.runs(cut))
            node.resolver.hear()
        }
        guard case .known(let workload) = node.resolver.attribute(node.open(first)) else {
            Issue.record("nobody's")
            return
        }
        #expect(workload.labels["team"] == "a" && workload.labels["long"] == nil)
        #expect(node.warnings.count == 1 && node.warnings[0].contains(Self.id))
        var many = report().facts
        for index in 0..<2000 { many.labels["l\(index)"] = "x" }
        #expect(EngineReport(facts: many, pid: nil, cgroupPath: nil, user: 0).facts.labels.isEmpty)
    }

    /// Nothing ties them to a container: a cgroup that is called so, a process in the root cgroup.
    @Test(arguments: [nil, 1 as UInt32, UInt32(getpid())])
    func anAnswerAloneVouchesForNothing(pid: UInt32?) throws {
        let node = try Node(["/docker/" + Self.id])
        let engines = Answers()
        node.resolver.engines = engines
        for cgroup in [nil, "/docker/" + Self.id, "/"] {
            engines.say(.runs(report(pid: pid, cgroup: cgroup)))
            node.resolver.hear()
        }
        let act = node.open(
            Actor(process: .none, cgroup: node.id("/docker/" + Self.id), executable: ResolvedPath("/x")))
        #expect(node.who(act) == "cgroup/docker/" + Self.id)
        guard case .known(let workload) = node.resolver.attribute(act) else { return }
        #expect(workload.confidence == .name)
    }

    struct Words: CustomTestStringConvertible {
        var testDescription: String
        var executable: String
        var arguments: [String]
        var uid: UInt32 = 0
        var socket: EngineSocket?
    }

    @Test(arguments: [
        Words(
            testDescription: "dockerd", executable: "/usr/sbin/dockerd",
            arguments: ["dockerd", "-H", "fd://", "--host=unix:///run/other.sock"],
            socket: EngineSocket(.docker, "/run/other.sock")),
        Words(
            testDescription: "podman", executable: "/usr/bin/podman",
            arguments: ["podman", "system", "service", "-t", "0", "unix:///run/p.sock"],
            socket: EngineSocket(.podman, "/run/p.sock")),
        Words(
            testDescription: "containerd", executable: "/usr/bin/containerd",
            arguments: ["containerd", "--address", "/run/c.sock"], socket: EngineSocket(.cri, "/run/c.sock")),
        Words(
            testDescription: "a user's", executable: "/usr/bin/dockerd",
            arguments: ["dockerd", "-H", "unix:///run/other.sock"],
            uid: 1000, socket: nil),
        Words(
            testDescription: "no path", executable: "/usr/bin/dockerd",
            arguments: ["dockerd", "-H", "unix://other.sock"], socket: nil),
    ])
    func anEngineThatStartsSaysWhereItListens(_ words: Words) throws {
        let node = try Node()
        let engines = Answers()
        node.resolver.engines = engines
        // Engines of this machine are none of the case's.
        let others = engines.sockets
        let actor = Actor(
            process: ProcessName(pid: 4_000_500, start: 5), cgroup: node.id("/"), exec: 40, uid: words.uid,
            executable: ResolvedPath(words.executable))
        _ = node.who(node.exec(actor, words.arguments))
        #expect(engines.sockets.subtracting(others) == Set([words.socket].compactMap { $0 }))
    }

    @Test func podmansLabelsOfVersion5() throws {
        let node = try Node()
        try node.make("")
        let database = try DatabaseQueue(path: node.root + "/db.sql")
        try database.write { database in
            try database.execute(
                sql:
                    "CREATE TABLE ContainerConfig(ID TEXT PRIMARY KEY NOT NULL, Name TEXT, PodID TEXT, JSON TEXT NOT NULL)"
            )
            try database.execute(
                sql: "INSERT INTO ContainerConfig VALUES (?, ?, NULL, ?)",
                arguments: [Self.id, "shop", #"{"labels":{"team":"a"}}"#])
        }
        let path = node.root + "/db.sql"
        #expect(PodmanDatabase.config(of: Self.id, path: path) == .found(Array(#"{"labels":{"team":"a"}}"#.utf8)))
        #expect(PodmanDatabase.config(of: "other", path: path) == .none)
        #expect(PodmanDatabase.config(of: Self.id, path: node.root + "/none.sql") == .none)
        try database.inTransaction(.exclusive) { _ in
            #expect(PodmanDatabase.config(of: Self.id, path: path) == .busy)
            return .rollback
        }
        try node.write("/broken.sql", String(repeating: "x", count: 8192))
        #expect(PodmanDatabase.config(of: Self.id, path: node.root + "/broken.sql") == .broken)
    }
}
