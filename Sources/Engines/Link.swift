import Foundation
import Synchronization
import Workloads

/// What ends a conversation with an engine.
enum EngineTrouble: Error, CustomStringConvertible {
    case silent
    case refused(String)
    /// It speaks, but not this language: nobody is at fault.
    case other

    var description: String {
        switch self {
        case .silent: "no answer in time"
        case .refused(let reason): reason
        case .other: "it speaks another language"
        }
    }
}

/// One kind of engine, once connected.
protocol Conversation: Sendable {
    /// Tells what runs, then what starts and ends, and answers what is asked, until the engine hangs up or fails.
    func run(_ link: Link, asks: AsyncStream<String>) async throws
}

/// Holds on to one engine: connects when its socket is there, and again after it failed, ever more slowly.
final class Link: Sendable {
    let socket: EngineSocket
    /// Whose word it is.
    let user: UInt32
    let tell: @Sendable (EngineNews) -> Void
    /// How long one answer may take.
    let patience: Duration
    /// Words of containers' environments that somebody asks for.
    private let environment: Set<String>
    private let warn: @Sendable (String) -> Void

    private struct State {
        var asks: AsyncStream<String>.Continuation?
        var isSettled = false
        /// In this conversation.
        var hasTold = false
        var complained = false
        var task: Task<Void, Never>?
    }
    private let state = Mutex(State())

    /// Largest answer, and longest line of news.
    static let largest = 4 << 20
    private static let longestPause = 60

    init(
        _ socket: EngineSocket, patience: Duration, environment: Set<String>,
        warn: @escaping @Sendable (String) -> Void, tell: @escaping @Sendable (EngineNews) -> Void
    ) {
        self.socket = socket
        self.patience = patience
        self.environment = environment
        self.warn = warn
        self.tell = tell
        user = Self.user(of: socket.path)
        let task = Task { [weak self] in
            var pause = 1
            while !Task.isCancelled {
                guard let link = self else { return }
                pause = await link.converse() ? 1 : min(2 * pause, Self.longestPause)
                let isHere = link.isHere
                try? await Task.sleep(for: .seconds(isHere ? pause : 2))
            }
        }
        state.withLock { $0.task = task }
    }

    func stop() { state.withLock { $0.task }?.cancel() }

    /// Bounded: when more is asked than is answered, the oldest questions are let go.
    func ask(_ id: String) { _ = state.withLock { $0.asks }?.yield(id) }

    /// It told what runs, or there is nobody who could.
    var isSettled: Bool { state.withLock { $0.isSettled } }

    /// Whether it told what runs, in its latest conversation.
    var hasTold: Bool { state.withLock { $0.hasTold } }

    /// To be called when all that runs was told.
    func settle() {
        state.withLock { state in
            state.isSettled = true
            state.hasTold = true
        }
    }

    var isHere: Bool {
        var status = stat()
        return lstat(socket.path, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
    }

    /// Somebody holds the socket, answering or not.
    private var isListening: Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard socket.path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: socket.path.utf8) }
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return result == 0 || errno == EAGAIN
    }

    /// Who owns a user's runtime directory can put any socket there.
    private static func user(of path: String) -> UInt32 {
        let parts = path.split(separator: "/")
        if parts.count > 2, parts[0] == "run", parts[1] == "user", let user = UInt32(parts[2]) { return user }
        return 0
    }

    /// Until the engine hangs up: true if there is no trouble with it.
    private func converse() async -> Bool {
        defer { state.withLock { $0.isSettled = true } }
        guard isHere else { return true }
        let (asks, continuation) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingNewest(256))
        state.withLock { state in
            state.asks = continuation
            state.hasTold = false
        }
        defer { state.withLock { $0.asks = nil } }
        do {
            try await conversation().run(self, asks: asks)
            state.withLock { $0.complained = false }
            return true
        } catch EngineTrouble.other {
            return false
        } catch {
            // An engine that was stopped may come back; what it leaves behind is no trouble with it.
            let hasTold = state.withLock { $0.hasTold }
            if !hasTold, isListening, !Task.isCancelled { complain(error) }
            return hasTold
        }
    }

    private func conversation() -> any Conversation {
        switch socket.language {
        case .docker: DockerAPI(HTTPSocket(path: socket.path, patience: patience), environment: environment)
        case .podman: PodmanAPI(HTTPSocket(path: socket.path, patience: patience), environment: environment)
        case .cri: CRI(socket.path)
        }
    }

    /// Says a trouble once, until a conversation ended well.
    private func complain(_ error: any Error) {
        let isNew = state.withLock { state in
            defer { state.complained = true }
            return !state.complained
        }
        guard isNew else { return }
        let what = (error as? EngineTrouble).map { "\($0)" } ?? "\(error)"
        let line = what.prefix(200).split(whereSeparator: \.isNewline).joined(separator: " ")
        warn(
            "\(socket.language.rawValue) at \(socket.path): \(line); until it answers, its containers are known by its files"
        )
    }
}

/// The result of work that must not take longer; what takes longer is cancelled.
func within<Result: Sendable>(
    _ limit: Duration, _ work: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result.self) { group in
        group.addTask { try await work() }
        group.addTask {
            try await Task.sleep(for: limit)
            throw EngineTrouble.silent
        }
        defer { group.cancelAll() }
        return try await group.next()!
    }
}

/// Lets a flood through in portions, so that no engine takes a whole processor.
struct Pace {
    private var count = 0

    mutating func step() async throws {
        count += 1
        if count.isMultiple(of: 512) { try await Task.sleep(for: .milliseconds(100)) }
    }
}
