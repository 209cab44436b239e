import AsyncHTTPClient
import Foundation
import NIOSSL
import Synchronization
import Workloads

/// Where a cluster is asked for the pods of this node: a kubelet or an API server.
package struct ClusterSettings: Sendable {
    package struct Refusal: Error, CustomStringConvertible {
        package var description: String
    }

    let url: String
    let tokenFile: String?
    let caFile: String?
    /// Between two questions, where nothing new has come.
    let beat: Duration
    /// How long one answer may take.
    let patience: Duration

    /// `url` alone names the server; with a path it is taken as it stands. `node` is asked of an API server.
    package init(
        url: String, tokenFile: String? = nil, caFile: String? = nil, node: String, beat: Duration = .seconds(30),
        patience: Duration = .seconds(10)
    ) throws(Refusal) {
        guard var parts = URLComponents(string: url), let host = parts.host, !host.isEmpty else {
            throw Refusal(description: "\(url) is no URL of a kubelet or an API server; write https://HOST:PORT")
        }
        let isHere = host == "localhost" || host == "127.0.0.1" || host == "[::1]" || host == "::1"
        guard parts.scheme == "https" || parts.scheme == "http" && isHere && tokenFile == nil else {
            throw Refusal(
                description: "\(url): pods are asked for over https only, or without a token on this host itself")
        }
        if parts.path.isEmpty || parts.path == "/" {
            // A kubelet listens on 10250, or on 10255 for who has no token.
            if parts.port == 10250 || parts.port == 10255 {
                parts.path = "/pods"
            } else {
                parts.path = "/api/v1/pods"
                parts.queryItems = [URLQueryItem(name: "fieldSelector", value: "spec.nodeName=" + node)]
            }
        }
        self.url = parts.string ?? url
        self.tokenFile = tokenFile
        self.caFile = caFile
        self.beat = beat
        self.patience = patience
    }
}

/// Follows the pods of this node as the cluster knows them, in the background.
///
/// What was said last stands when no answer comes, and is said to be stale.
final class ClusterAPI: Sendable {
    private let settings: ClusterSettings
    private let warn: @Sendable (String) -> Void
    private let tell: @Sendable (PodList) -> Void

    private struct State {
        var isWanted = false
        var isSettled = false
        var task: Task<Void, Never>?
    }
    private let state = Mutex(State())

    /// Of one node: some hundreds of pods, each with 10 to 20 KiB.
    static let largest = 32 << 20
    /// Between two questions, however many pods come.
    private static let shortest = Duration.seconds(2)

    init(
        _ settings: ClusterSettings, warn: @escaping @Sendable (String) -> Void,
        tell: @escaping @Sendable (PodList) -> Void
    ) {
        self.settings = settings
        self.warn = warn
        self.tell = tell
        let task = Task { [weak self] in
            var last = Last()
            while !Task.isCancelled {
                guard let api = self else { return }
                let asked = ContinuousClock.now
                await api.ask(&last)
                while !Task.isCancelled, !api.isDue(since: asked) { try? await Task.sleep(for: .milliseconds(200)) }
            }
        }
        state.withLock { $0.task = task }
    }

    func stop() { state.withLock { $0.task }?.cancel() }

    /// A pod has come that was not listed.
    func want() { state.withLock { $0.isWanted = true } }

    /// It was asked once, and has answered or not.
    var isSettled: Bool { state.withLock { $0.isSettled } }

    private func isDue(since asked: ContinuousClock.Instant) -> Bool {
        let passed = ContinuousClock.now - asked
        return passed >= settings.beat || passed >= Self.shortest && state.withLock { $0.isWanted }
    }

    /// What the last questions came to.
    private struct Last {
        var list: PodList?
        /// Nanoseconds since the epoch.
        var time: Int64 = 0
        var isStale = false
        var complained = false
        var trust = Trust()
    }

    private func ask(_ last: inout Last) async {
        state.withLock { $0.isWanted = false }
        defer { state.withLock { $0.isSettled = true } }
        do {
            let list = try await list(&last.trust)
            last.time = Int64(Date().timeIntervalSince1970 * 1e9)
            if list != last.list || last.isStale { tell(list) }
            (last.list, last.isStale, last.complained) = (list, false, false)
        } catch {
            guard !Task.isCancelled else { return }
            if let list = last.list, !last.isStale {
                tell(list.stale(since: last.time))
                last.isStale = true
            }
            if !last.complained { complain(error) }
            last.complained = true
        }
    }

    private func list(_ trust: inout Trust) async throws -> PodList {
        var request = HTTPClientRequest(url: settings.url)
        request.headers.add(name: "Accept", value: "application/json")
        // Read again each time: the cluster replaces both before they expire.
        if let file = settings.tokenFile {
            let token = String(decoding: try contents(file, limit: 64 << 10), as: UTF8.self)
                .trimmingCharacters(in: .whitespacesAndNewlines)
            guard !token.isEmpty, token.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
                throw EngineTrouble.refused("\(file) holds no token")
            }
            request.headers.add(name: "Authorization", value: "Bearer " + token)
        }
        if let file = settings.caFile { request.tlsConfiguration = try trust.configuration(file) }
        let question = request
        let bytes = try await within(settings.patience) {
            let response = try await HTTPSocket.client.execute(question, deadline: .distantFuture)
            guard response.status == .ok else {
                throw EngineTrouble.refused("it answers \(response.status.code)")
            }
            return try await response.body.collect(upTo: Self.largest)
        }
        guard let list = JSON(bytes: Array(bytes.readableBytesView)).flatMap({ PodList($0) }) else {
            throw EngineTrouble.refused("the answer is no list of pods")
        }
        return list
    }

    private func complain(_ error: any Error) {
        let what =
            switch error {
            case EngineTrouble.silent: "no answer in \(settings.patience)"
            case let trouble as EngineTrouble: "\(trouble)"
            case let error as HTTPClientError: error.shortDescription
            default: "\(error)"
            }
        let line = what.prefix(200).split(whereSeparator: \.isNewline).joined(separator: " ")
        warn("\(settings.url): \(line); pods are known by what the node tells, or as they were listed last")
    }
}

/// Whom the server's certificate must come from; read again when the file has changed.
private struct Trust {
    private var content: [UInt8] = []
    private var known: TLSConfiguration?

    mutating func configuration(_ file: String) throws -> TLSConfiguration {
        let content = try contents(file, limit: 1 << 20)
        if content == self.content, let known { return known }
        var configuration = TLSConfiguration.makeClientConfiguration()
        do {
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(content))
        } catch { throw EngineTrouble.refused("\(file) holds no certificates in PEM") }
        (self.content, known) = (content, configuration)
        return configuration
    }
}

private func contents(_ file: String, limit: Int) throws -> [UInt8] {
    do { return try Files.read(file, limit: limit) } catch Files.Failure.unusable(let reason) {
        throw EngineTrouble.refused("\(file): \(reason)")
    } catch { throw EngineTrouble.refused("\(file) is not there") }
}
