import AsyncHTTPClient
import Foundation
import NIOCore
import NIOPosix
import Workloads

/// HTTP over a Unix socket: one question, one answer in JSON; or a stream of JSON lines.
struct HTTPSocket: Sendable {
    let path: String
    /// How long one answer may take.
    let patience: Duration

    /// Never shut down: it lives as long as the process. It follows no redirection, so that a socket leads nowhere else.
    static let client = {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(2)
        configuration.decompression = .disabled
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 2
        configuration.httpVersion = .http1Only
        return HTTPClient(eventLoopGroup: MultiThreadedEventLoopGroup.singleton, configuration: configuration)
    }()

    /// The document at a path with its query; nil where there is no such thing.
    func get(_ target: String) async throws -> JSON? {
        let bytes = try await within(patience) {
            let response = try await send(target)
            if response.status == .notFound || response.status == .conflict { return ByteBuffer?.none }
            try check(response)
            return try await response.body.collect(upTo: Link.largest)
        }
        guard let bytes else { return nil }
        guard let document = JSON(bytes: Array(bytes.readableBytesView)) else {
            throw EngineTrouble.refused("the answer is no JSON")
        }
        return document
    }

    /// Hands over each line until the engine ends the stream.
    func lines(_ target: String, _ take: (JSON) async throws -> Void) async throws {
        let response = try await within(patience) { try await send(target) }
        try check(response)
        var rest: [UInt8] = []
        var pace = Pace()
        for try await chunk in response.body {
            rest += chunk.readableBytesView
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(rest[..<end])
                rest.removeSubrange(...end)
                if let document = JSON(bytes: line) { try await take(document) }
                try await pace.step()
            }
            guard rest.count <= Link.largest else { throw EngineTrouble.refused("a line of news has no end") }
        }
    }

    private func send(_ target: String) async throws -> HTTPClientResponse {
        guard let url = URL(httpURLWithSocketPath: path, uri: target) else {
            throw EngineTrouble.refused("not a path of a socket")
        }
        var request = HTTPClientRequest(url: url.absoluteString)
        request.headers.add(name: "Host", value: "driftwatch")
        do {
            return try await Self.client.execute(request, deadline: .distantFuture)
        } catch let error as HTTPClientError {
            throw EngineTrouble.refused(error.shortDescription)
        }
    }

    private func check(_ response: HTTPClientResponse) throws {
        guard response.status == .ok else { throw EngineTrouble.refused("it answers \(response.status.code)") }
    }

    /// Ids of containers and images are plain words; anything else is no question.
    static func isPlain(_ id: String) -> Bool {
        !id.isEmpty && id.utf8.count <= 128
            && id.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"),
                    UInt8(ascii: ":"):
                    true
                default: false
                }
            }
    }
}

/// What docker and podman have in common: a list, a description of each, and a stream of events.
protocol HTTPConversation: Conversation {
    var http: HTTPSocket { get }
    var list: String { get }
    var events: String { get }
    func report(on id: String, user: UInt32) async throws -> EngineReport?
}

extension HTTPConversation {
    func run(_ link: Link, asks: AsyncStream<String>) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await http.lines(events) { event in
                    guard let news = ContainerEvent(event) else { return }
                    switch news {
                    case .start(let id): try await tell(id, link)
                    case .end(let id, let time): link.tell(.ended(id: id, at: time, user: link.user))
                    }
                }
            }
            group.addTask {
                let running = try await http.get(list)?.array ?? []
                for id in running.compactMap(\.["Id"].string) { try await tell(id, link) }
                link.settle()
                for await id in asks { try await tell(id, link) }
            }
            // Whichever ends first ends both.
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func tell(_ id: String, _ link: Link) async throws {
        guard HTTPSocket.isPlain(id), let report = try await report(on: id, user: link.user),
            report.facts.id == id
        else { return }
        link.tell(.runs(report))
    }
}

/// A line of the events stream, as docker and podman both write it.
private enum ContainerEvent {
    case start(String)
    case end(String, Int64)

    init?(_ line: JSON) {
        guard line["Type"].string == "container", let id = line["Actor"]["ID"].string ?? line["id"].string else {
            return nil
        }
        switch line["Action"].string ?? line["status"].string {
        case "start": self = .start(id)
        case "die", "died":
            let time = line["timeNano"].integer ?? line["time"].integer.map { $0 &* 1_000_000_000 } ?? 0
            self = .end(id, Int64(time))
        default: return nil
        }
    }
}
