import Events
import Workloads

/// docker's engine API, without a version in the path: each daemon then speaks the newest that it knows.
struct DockerAPI: HTTPConversation {
    let http: HTTPSocket
    /// Words of containers' environments that somebody asks for.
    let environment: Set<String>
    let list = "/containers/json"
    let events =
        "/events?filters=%7B%22type%22%3A%5B%22container%22%5D%2C%22event%22%3A%5B%22start%22%2C%22die%22%5D%7D"

    init(_ http: HTTPSocket, environment: Set<String>) {
        self.http = http
        self.environment = environment
    }

    func report(on id: String, user: UInt32) async throws -> EngineReport? {
        guard let container = try await http.get("/containers/\(id)/json") else { return nil }
        var digests: [String] = []
        if let image = container["Image"].string, HTTPSocket.isPlain(image) {
            // The digest by which it was pulled comes first, as it does from docker's files.
            let pulled = try await http.get("/images/\(image)/json")?["RepoDigests"].array ?? []
            digests = pulled.compactMap(\.string).compactMap { $0.split(separator: "@").last.map(String.init) }.sorted()
            digests = digests.prefix(1) + [image]
        }
        return Self.report(container, id: id, digests: digests, environment: environment, user: user)
    }

    static func report(
        _ container: JSON, id: String, digests: [String], environment: Set<String> = [], user: UInt32
    ) -> EngineReport {
        var facts = ContainerFacts(id: container["Id"].string ?? id, runtime: "docker")
        facts.name = container["Name"].string.map { $0.hasPrefix("/") ? String($0.dropFirst()) : $0 }
        facts.image = container["Config"]["Image"].string
        facts.digests = digests
        facts.labels = container["Config"]["Labels"].strings
        facts.environment = container["Config"]["Env"].words(of: environment)
        facts.started = container["State"]["StartedAt"].string.flatMap(Timestamp.nanoseconds)
        return EngineReport(facts: facts, pid: container["State"].pid, cgroupPath: nil, user: user)
    }
}

/// podman's own API.
struct PodmanAPI: HTTPConversation {
    let http: HTTPSocket
    let environment: Set<String>
    let list = "/v4.0.0/libpod/containers/json"
    let events = "/v4.0.0/libpod/events?stream=true&filters=%7B%22type%22%3A%5B%22container%22%5D%7D"

    init(_ http: HTTPSocket, environment: Set<String>) {
        self.http = http
        self.environment = environment
    }

    func report(on id: String, user: UInt32) async throws -> EngineReport? {
        guard let container = try await http.get("/v4.0.0/libpod/containers/\(id)/json") else { return nil }
        return Self.report(container, id: id, environment: environment, user: user)
    }

    static func report(
        _ container: JSON, id: String, environment: Set<String> = [], user: UInt32
    ) -> EngineReport {
        var facts = ContainerFacts(id: container["Id"].string ?? id, runtime: "podman")
        facts.name = container["Name"].string
        facts.image = container["ImageName"].string
        facts.digests = [container["ImageDigest"].string, container["Image"].string.map { "sha256:" + $0 }]
            .compactMap { $0 }
        facts.labels = container["Config"]["Labels"].strings
        facts.annotations = container["Config"]["Annotations"].strings
        facts.environment = container["Config"]["Env"].words(of: environment)
        facts.started = container["State"]["StartedAt"].string.flatMap(Timestamp.nanoseconds)
        return EngineReport(
            facts: facts, pid: container["State"].pid, cgroupPath: container["State"]["CgroupPath"].string, user: user)
    }
}

extension JSON {
    /// 0 says that nothing runs.
    fileprivate var pid: UInt32? {
        self["Pid"].integer.flatMap { UInt32(exactly: $0) }.flatMap { $0 == 0 ? nil : $0 }
    }
}
