import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import GRPCProtobuf
import Workloads

/// A container runtime of Kubernetes: containerd or CRI-O, asked over CRI v1.
///
/// Starts and ends come from containerd's events, since its CRI has no stream of them before 1.7; where these are
/// unknown, from the CRI's.
struct CRI: Conversation {
    let path: String

    init(_ path: String) { self.path = path }

    func run(_ link: Link, asks: AsyncStream<String>) async throws {
        let transport = try HTTP2ClientTransport.Posix(
            target: .unixDomainSocket(path: path, authority: "localhost"), transportSecurity: .plaintext)
        try await withGRPCClient(transport: transport) { client in
            let calls = Calls(client: client, patience: link.patience)
            do {
                let containers = try await calls.containers()
                let sandboxes = try await calls.sandboxes()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await follow(calls, link) }
                    group.addTask {
                        for id in sandboxes + containers { try await tell(id, calls, link) }
                        link.settle()
                        for await id in asks { try await tell(id, calls, link) }
                    }
                    defer { group.cancelAll() }
                    try await group.next()
                }
            } catch let error as RPCError {
                if error.code == .unimplemented { throw EngineTrouble.other }
                throw EngineTrouble.refused("\(error.code): \(error.message)")
            }
        }
    }

    private func follow(_ calls: Calls, _ link: Link) async throws {
        do {
            try await calls.containerdEvents { envelope in
                // docker keeps containers of its own in containerd; it is asked itself.
                guard envelope.namespace == "k8s.io" else { return }
                switch envelope.topic {
                case "/tasks/start":
                    guard let start = try? Containerd_TaskStart(serializedBytes: envelope.event.value) else { return }
                    try await tell(start.containerID, calls, link)
                case "/tasks/exit":
                    guard let exit = try? Containerd_TaskExit(serializedBytes: envelope.event.value),
                        exit.id == exit.containerID
                    else { return }
                    link.tell(.ended(id: exit.containerID, at: exit.exitedAt.nanoseconds, user: link.user))
                default: return
                }
            }
        } catch let error as RPCError where error.code == .unimplemented {
            try await calls.containerEvents { event in
                switch event.containerEventType {
                case .containerStartedEvent: try await tell(event.containerID, calls, link)
                case .containerStoppedEvent:
                    link.tell(.ended(id: event.containerID, at: event.createdAt, user: link.user))
                default: return
                }
            }
        }
    }

    private func tell(_ id: String, _ calls: Calls, _ link: Link) async throws {
        guard let report = try await report(on: id, calls, user: link.user), report.facts.id == id else { return }
        link.tell(.runs(report))
    }

    private func report(on id: String, _ calls: Calls, user: UInt32) async throws -> EngineReport? {
        if let answer = try await calls.container(id) {
            var report = Self.report(answer, user: user)
            // Labels of the pod tell who made it; the container has only kubelet's own.
            if let sandbox = Self.info(answer.info)["sandboxID"].string, let pod = try await calls.sandbox(sandbox) {
                report.facts.labels.merge(pod.status.labels) { own, _ in own }
                report.facts.podLabels(pod.status.labels)
            }
            return report
        }
        return try await calls.sandbox(id).map { Self.report($0, user: user) }
    }

    static func report(_ answer: Runtime_V1_ContainerStatusResponse, user: UInt32) -> EngineReport {
        let status = answer.status
        var facts = ContainerFacts(id: status.id, runtime: "containerd")
        facts.name = status.metadata.name.isEmpty ? nil : status.metadata.name
        facts.image = status.image.image.isEmpty ? nil : status.image.image
        // `name@sha256:...` of the manifest, or the image's id where it was never pulled.
        if let digest = status.imageRef.split(separator: "@").last, digest.hasPrefix("sha256:") {
            facts.digests = [String(digest)]
        }
        facts.labels = status.labels
        facts.annotations = status.annotations
        facts.started = status.startedAt > 0 ? status.startedAt : nil
        return EngineReport(facts, info(answer.info), user: user)
    }

    static func report(_ answer: Runtime_V1_PodSandboxStatusResponse, user: UInt32) -> EngineReport {
        let status = answer.status
        var facts = ContainerFacts(id: status.id, runtime: "containerd")
        facts.labels = status.labels
        facts.annotations = status.annotations
        facts.annotations["io.kubernetes.cri.container-type"] = "sandbox"
        facts.annotations["io.kubernetes.cri.sandbox-name"] = status.metadata.name
        facts.annotations["io.kubernetes.cri.sandbox-namespace"] = status.metadata.namespace
        facts.annotations["io.kubernetes.cri.sandbox-uid"] = status.metadata.uid
        facts.podLabels(status.labels)
        facts.started = status.createdAt > 0 ? status.createdAt : nil
        return EngineReport(facts, info(answer.info), user: user)
    }

    private static func info(_ info: [String: String]) -> JSON {
        info["info"].flatMap { JSON(bytes: Array($0.utf8)) } ?? JSON(nil)
    }
}

extension EngineReport {
    fileprivate init(_ facts: ContainerFacts, _ info: JSON, user: UInt32) {
        let pid = info["pid"].integer.flatMap { UInt32(exactly: $0) } ?? 0
        let asked = info["runtimeSpec"]["linux"]["cgroupsPath"].string
        var facts = facts
        facts.mounts(info["runtimeSpec"]["mounts"])
        self.init(
            facts: facts, pid: pid == 0 ? nil : pid, cgroupPath: asked.map(EngineReport.cgroupPath(asked:)), user: user)
    }
}

extension Containerd_Timestamp {
    fileprivate var nanoseconds: Int64 { seconds &* 1_000_000_000 &+ Int64(nanos) }
}
