import Companions
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import GRPCProtobuf
import SwiftProtobuf
import Testing

@testable import Engines
@testable import Workloads

/// An engine that speaks perfect CRI, and of containers that are not what it says.
@Suite(.enabled(if: Lies.arePossible, "needs root and cgroup2")) struct LyingEngineTests {
    @Test func aLieNamesNobody() async throws {
        let hierarchy = try Hierarchy.current()
        let truth = try Lies.Victim("truth")
        let victims = try Lies.Lie.allCases.map { lie in (lie: lie, victim: try Lies.Victim(lie.rawValue)) }
        var answers: [String: Runtime_V1_ContainerStatusResponse] = [:]
        for (lie, victim) in victims {
            let (asked, answer) = lie.answer(about: victim, truth: truth)
            answers[asked] = answer
        }
        answers[truth.id] = Lies.answer(truth.id, pid: truth.pid, path: truth.path)
        let path = NSTemporaryDirectory() + "/liar-\(getpid()).sock"
        unlink(path)
        let server = GRPCServer(
            transport: .http2NIOPosix(address: .unixDomainSocket(path: path), transportSecurity: .plaintext),
            services: [Liar(answers: answers)])
        let serving = Task { try await server.serve() }
        // Not gracefully: the stream of its events has no end.
        defer { serving.cancel() }
        let engines = RuntimeEngines(patience: .seconds(60), warn: { print($0) }, wake: {})
        let socket = EngineSocket(.cri, path)
        engines.know(socket)
        for _ in 0..<6000 where !engines.present().contains(where: \.answers) {
            try await Task.sleep(for: .milliseconds(10))
        }
        let resolver = Resolver(hierarchy: hierarchy, roots: .none, words: { _ in nil }, warn: { print($0) })
        resolver.engines = engines
        let running = resolver.all()
        func workload(in victim: Lies.Victim) -> Workload? {
            running.first { $0.cgroups.contains { $0.hasSuffix(victim.path) } }?.workload
        }
        // It is believed at all.
        let believed = workload(in: truth)
        #expect(believed?.id == "k8s/shop/pod/web/main" && believed?.confidence == .runtime)
        for (lie, victim) in victims {
            let found = workload(in: victim)
            #expect(found?.kind == .cgroup && found?.confidence == .name, "\(lie): \(found?.id ?? "nobody")")
        }
        #expect(running.count { $0.workload.kind == .k8s } == 1, "\(running.map(\.workload.id))")
    }
}

private enum Lies {
    static var arePossible: Bool { geteuid() == 0 && (try? Hierarchy.current()).map { $0.version != .v1 } == true }

    enum Lie: String, CaseIterable {
        case answersForAnother, processElsewhere, cgroupOfAnother, noCgroup, everyCgroup, goneProcess, firstProcess
        case noProcess, idOfAName

        /// What is asked for, and what comes.
        func answer(about victim: Victim, truth: Victim) -> (asked: String, Runtime_V1_ContainerStatusResponse) {
            let other = Lies.id()
            return switch self {
            case .answersForAnother: (other, Lies.answer(victim.id, pid: victim.pid, path: victim.path))
            case .processElsewhere: (victim.id, Lies.answer(victim.id, pid: truth.pid, path: victim.path))
            case .cgroupOfAnother: (other, Lies.answer(other, pid: victim.pid, path: victim.path))
            case .noCgroup: (other, Lies.answer(other, pid: victim.pid, path: nil))
            case .everyCgroup: (other, Lies.answer(other, pid: victim.pid, path: "/"))
            case .goneProcess: (victim.id, Lies.answer(victim.id, pid: 4_000_900, path: victim.path))
            case .firstProcess: (victim.id, Lies.answer(victim.id, pid: 1, path: victim.path))
            case .noProcess: (victim.id, Lies.answer(victim.id, pid: 0, path: victim.path))
            case .idOfAName: ("a", Lies.answer("a", pid: victim.pid, path: victim.path))
            }
        }
    }

    /// A process in a cgroup that is called like a container's.
    final class Victim {
        let id = Lies.id()
        var pid: pid_t { sleeper.pid }
        private let sleeper: Companion
        /// From the top of all.
        let path: String
        private let directory: String

        init(_ name: String) throws {
            let mounted = try Hierarchy.current().mountPoint
            path = "/driftwatch-lies-\(getpid())-\(name)/" + id
            directory = mounted + path
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            sleeper = try Companion(["/bin/sleep", "300"])
            try "\(pid)".write(toFile: directory + "/cgroup.procs", atomically: false, encoding: .utf8)
        }

        deinit {
            kill(pid, SIGKILL)
            for _ in 0..<500 where rmdir(directory) != 0 { usleep(10_000) }
            rmdir((directory as NSString).deletingLastPathComponent)
        }
    }

    static func id() -> String {
        (0..<2).map { _ in UUID().uuidString.replacing("-", with: "").lowercased() }.joined()
    }

    static func answer(_ id: String, pid: pid_t, path: String?) -> Runtime_V1_ContainerStatusResponse {
        var answer = Runtime_V1_ContainerStatusResponse()
        answer.status.id = id
        answer.status.metadata.name = "main"
        answer.status.labels = [
            "io.kubernetes.pod.name": "web", "io.kubernetes.pod.namespace": "shop", "io.kubernetes.pod.uid": "u-1",
            "io.kubernetes.container.name": "main",
        ]
        let asked = path.map { #","runtimeSpec":{"linux":{"cgroupsPath":"\#($0)"}}"# } ?? ""
        answer.info = ["info": #"{"pid":\#(pid)\#(asked)}"#]
        return answer
    }
}

/// Answers what it was told to.
private struct Liar: RegistrableRPCService {
    let answers: [String: Runtime_V1_ContainerStatusResponse]

    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
        register(&router, "ListContainers") { (_: Runtime_V1_ListContainersRequest) in
            var list = Runtime_V1_ListContainersResponse()
            list.containers = answers.keys.sorted().map { id in
                var container = Runtime_V1_Container()
                container.id = id
                return container
            }
            return list
        }
        register(&router, "ListPodSandbox") { (_: Runtime_V1_ListPodSandboxRequest) in
            Runtime_V1_ListPodSandboxResponse()
        }
        register(&router, "ContainerStatus") { (request: Runtime_V1_ContainerStatusRequest) in
            guard let answer = answers[request.containerID] else { throw RPCError(code: .notFound, message: "") }
            return answer
        }
        register(&router, "PodSandboxStatus") {
            (_: Runtime_V1_PodSandboxStatusRequest) -> Runtime_V1_PodSandboxStatusResponse in
            throw RPCError(code: .notFound, message: "")
        }
        router.registerHandler(
            forMethod: Self.method("GetContainerEvents"),
            deserializer: ProtobufDeserializer<Runtime_V1_GetEventsRequest>(),
            serializer: ProtobufSerializer<Runtime_V1_ContainerEventResponse>()
        ) { _, _ in
            StreamingServerResponse { _ in
                try await Task.sleep(for: .seconds(3600))
                return [:]
            }
        }
    }

    private static func method(_ name: String) -> MethodDescriptor {
        MethodDescriptor(fullyQualifiedService: "runtime.v1.RuntimeService", method: name)
    }

    private func register<Transport: ServerTransport, Request: Message, Response: Message>(
        _ router: inout RPCRouter<Transport>, _ name: String,
        _ answer: @escaping @Sendable (Request) throws -> Response
    ) {
        router.registerHandler(
            forMethod: Self.method(name), deserializer: ProtobufDeserializer<Request>(),
            serializer: ProtobufSerializer<Response>()
        ) { request, _ in
            let message = try await ServerRequest(stream: request).message
            return StreamingServerResponse(single: ServerResponse(message: try answer(message)))
        }
    }
}
