import Foundation
import Synchronization
import Workloads

/// Talks with the engines of this node, each over its socket, on threads of its own.
///
/// Nothing is made for a socket that is not there. One that hangs, lies or floods costs one warning, a conversation at
/// a time, and at most `most` pieces of news in memory.
package final class RuntimeEngines: Engines {
    private struct State {
        var news: [EngineNews] = []
        var links: [EngineSocket: Link] = [:]
        var dropped = false
    }
    private let state = Mutex(State())
    private let warn: @Sendable (String) -> Void
    private let wake: @Sendable () -> Void
    private let patience: Duration
    private let environment: Set<String>
    // Set before anyone else sees this.
    private nonisolated(unsafe) var cluster: ClusterAPI?

    /// News that may wait to be taken; a busy node has some ten a second.
    static let most = 4096
    /// Where users' own podmans listen.
    private static let users = "/run/user"

    /// `warn` takes one line per trouble; `wake` is called when there is something to take. Both on any thread. Nobody
    /// waits for an answer, so each may take as long as one does on a machine that is very busy. Of containers' environments
    /// only the words of `environment` are kept.
    package init(
        cluster: ClusterSettings? = nil, environment: Set<String> = [], patience: Duration = .seconds(10),
        warn: @escaping @Sendable (String) -> Void, wake: @escaping @Sendable () -> Void
    ) {
        self.patience = patience
        self.environment = environment
        self.warn = warn
        self.wake = wake
        self.cluster = cluster.map { settings in
            ClusterAPI(settings, warn: warn) { [weak self] in self?.tell(.pods($0)) }
        }
        Task { [weak self] in
            while let engines = self {
                engines.lookForUsers()
                try? await Task.sleep(for: .seconds(10))
            }
        }
    }

    package func askForPods() { cluster?.want() }

    deinit {
        cluster?.stop()
        for link in state.withLock({ $0.links.values }) { link.stop() }
    }

    package func know(_ socket: EngineSocket) {
        state.withLock { state in
            guard state.links[socket] == nil, state.links.count < 64 else { return }
            state.links[socket] = Link(socket, patience: patience, environment: environment, warn: warn) {
                [weak self] in
                self?.tell($0)
            }
        }
    }

    package func ask(_ id: String, runtime: String) {
        let links = state.withLock { Array($0.links) }
        for (socket, link) in links where socket.language.runtimes.contains(runtime) { link.ask(id) }
    }

    package func take() -> [EngineNews] {
        state.withLock { state in
            defer { state.news = [] }
            return state.news
        }
    }

    /// For a command that prints once: waits until every engine that is there has told what runs, or is in trouble.
    package func waitForFirst(milliseconds: Int) {
        for _ in 0..<milliseconds / 5 {
            if state.withLock({ $0.links.values.allSatisfy(\.isSettled) }), cluster?.isSettled != false { return }
            usleep(5000)
        }
    }

    /// The sockets that are there, in the order of their paths, and whether the engine behind each has answered.
    package func present() -> [(socket: EngineSocket, answers: Bool, user: UInt32)] {
        state.withLock { Array($0.links.values) }.filter(\.isHere).map { ($0.socket, $0.hasTold, $0.user) }
            .sorted { $0.0.path < $1.0.path }
    }

    private func tell(_ news: EngineNews) {
        let isFull = state.withLock { state in
            guard state.news.count >= Self.most else {
                state.news.append(news)
                return false
            }
            defer { state.dropped = true }
            return !state.dropped
        }
        if isFull { warn("engines tell more than can be taken in: what they add to their containers is incomplete") }
        wake()
    }

    private func lookForUsers() {
        for user in (try? FileManager.default.contentsOfDirectory(atPath: Self.users)) ?? [] where UInt32(user) != nil {
            know(EngineSocket(.podman, "\(Self.users)/\(user)/podman/podman.sock"))
        }
    }
}

extension EngineSocket.Language {
    /// Of whose containers it may be asked.
    fileprivate var runtimes: Set<String> {
        switch self {
        case .docker: ["docker"]
        case .podman: ["podman"]
        case .cri: ["containerd", "cri-o"]
        }
    }
}
