import GRPCCore
import GRPCNIOTransportHTTP2Posix
import GRPCProtobuf
import SwiftProtobuf

/// The calls of CRI v1 and of containerd that are made; each answer in time and bounded.
struct Calls: Sendable {
    let client: GRPCClient<HTTP2ClientTransport.Posix>
    let patience: Duration

    private static let runtime = "runtime.v1.RuntimeService"

    func containers() async throws -> [String] {
        var request = Runtime_V1_ListContainersRequest()
        request.filter.state.state = .containerRunning
        let response: Runtime_V1_ListContainersResponse = try await call("ListContainers", request)
        return response.containers.map(\.id)
    }

    func sandboxes() async throws -> [String] {
        let response: Runtime_V1_ListPodSandboxResponse = try await call(
            "ListPodSandbox", Runtime_V1_ListPodSandboxRequest())
        return response.items.map(\.id)
    }

    /// Nil where there is no such container.
    func container(_ id: String) async throws -> Runtime_V1_ContainerStatusResponse? {
        var request = Runtime_V1_ContainerStatusRequest()
        request.containerID = id
        request.verbose = true
        return try await found { try await call("ContainerStatus", request) }
    }

    func sandbox(_ id: String) async throws -> Runtime_V1_PodSandboxStatusResponse? {
        var request = Runtime_V1_PodSandboxStatusRequest()
        request.podSandboxID = id
        request.verbose = true
        return try await found { try await call("PodSandboxStatus", request) }
    }

    /// Starts and ends, until containerd hangs up.
    func containerdEvents(_ take: @escaping @Sendable (Containerd_Envelope) async throws -> Void) async throws {
        var request = Containerd_SubscribeRequest()
        request.filters = ["topic==\"/tasks/start\"", "topic==\"/tasks/exit\""]
        try await stream("containerd.services.events.v1.Events", "Subscribe", request, take)
    }

    func containerEvents(
        _ take: @escaping @Sendable (Runtime_V1_ContainerEventResponse) async throws -> Void
    ) async throws {
        try await stream(Self.runtime, "GetContainerEvents", Runtime_V1_GetEventsRequest(), take)
    }

    private func call<Request: Message, Response: Message>(
        _ method: String, _ request: Request
    ) async throws -> Response {
        try await within(patience) {
            var options = CallOptions.defaults
            options.maxResponseMessageBytes = Link.largest
            return try await client.unary(
                request: ClientRequest(message: request),
                descriptor: MethodDescriptor(fullyQualifiedService: Self.runtime, method: method),
                serializer: ProtobufSerializer<Request>(), deserializer: ProtobufDeserializer<Response>(),
                options: options
            ) { try $0.message }
        }
    }

    private func stream<Request: Message, Response: Message>(
        _ service: String, _ method: String, _ request: Request,
        _ take: @escaping @Sendable (Response) async throws -> Void
    ) async throws {
        var options = CallOptions.defaults
        options.maxResponseMessageBytes = Link.largest
        try await client.serverStreaming(
            request: ClientRequest(message: request),
            descriptor: MethodDescriptor(fullyQualifiedService: service, method: method),
            serializer: ProtobufSerializer<Request>(), deserializer: ProtobufDeserializer<Response>(), options: options
        ) { response in
            var pace = Pace()
            for try await message in response.messages {
                try await take(message)
                try await pace.step()
            }
        }
    }

    private func found<Response>(_ call: () async throws -> Response) async throws -> Response? {
        do { return try await call() } catch let error as RPCError where error.code == .notFound { return nil }
    }
}
