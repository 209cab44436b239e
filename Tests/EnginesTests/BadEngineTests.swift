import Foundation
import Synchronization
import Testing
import Workloads

@testable import Engines

/// Sockets that are there and do not behave.
@Suite struct BadEngineTests {
    enum Behaviour: String, CaseIterable, Sendable {
        case silent, noise, hangsUp, endless, refuses
        /// Of another protocol: what a server of HTTP/2 says first, and what one of SSH does.
        case http2, ssh
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var language: EngineSocket.Language
        var behaviour: Behaviour
        var testDescription: String { "\(language.rawValue) \(behaviour.rawValue)" }
    }

    static let cases = [EngineSocket.Language.docker, .podman, .cri].flatMap { language in
        Behaviour.allCases.map { Case(language: language, behaviour: $0) }
    }

    @Test(arguments: cases)
    func isOneWarningAndNothingElse(_ test: Case) async throws {
        let server = try BadServer(test.behaviour)
        defer { server.stop() }
        let warnings = Mutex<[String]>([])
        let engines = RuntimeEngines(
            patience: .milliseconds(300), warn: { line in warnings.withLock { $0.append(line) } }, wake: {})
        engines.know(EngineSocket(test.language, server.path))
        // The second try of a broken one comes after two seconds.
        for _ in 0..<6000 where server.tries < 2 || warnings.withLock({ $0.isEmpty }) {
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(server.tries >= 2)
        #expect(warnings.withLock { $0.count } == 1)
        #expect(warnings.withLock { $0.first }?.contains(server.path) == true)
        #expect(engines.take().isEmpty)
        withExtendedLifetime(engines) {}
    }

    @Test func whatAppearsLaterIsAsked() async throws {
        let path = NSTemporaryDirectory() + "/engine-late-\(getpid()).sock"
        let engines = RuntimeEngines(warn: { _ in }, wake: {})
        engines.know(EngineSocket(.docker, path))
        engines.waitForFirst(milliseconds: 500)
        let server = try BadServer(.noise, path: path)
        defer { server.stop() }
        for _ in 0..<6000 where server.tries == 0 { try await Task.sleep(for: .milliseconds(10)) }
        #expect(server.tries > 0)
        withExtendedLifetime(engines) {}
    }
}

/// Accepts connections and answers as badly as it is told to.
private final class BadServer: Sendable {
    let path: String
    private let listener: Int32
    private let accepted = Mutex<[Int32]>([])
    private static let count = Atomic(0)

    var tries: Int { accepted.withLock { $0.count } }

    init(_ behaviour: BadEngineTests.Behaviour, path given: String? = nil) throws {
        let number = Self.count.wrappingAdd(1, ordering: .relaxed).newValue
        path = given ?? NSTemporaryDirectory() + "/engine-\(getpid())-\(number).sock"
        unlink(path)
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, listen(listener, 16) == 0 else { throw POSIXError(.EADDRINUSE) }
        let thread = Thread { [self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                accepted.withLock { $0.append(connection) }
                let answer = Thread { Self.answer(connection, behaviour) }
                answer.start()
            }
        }
        thread.start()
    }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        for connection in accepted.withLock({ $0 }) { shutdown(connection, Int32(SHUT_RDWR)) }
        unlink(path)
    }

    private static func answer(_ connection: Int32, _ behaviour: BadEngineTests.Behaviour) {
        func say(_ text: String) -> Bool { send(connection, text, text.utf8.count, Int32(MSG_NOSIGNAL)) > 0 }
        switch behaviour {
        case .silent: return
        case .noise: _ = say(String(repeating: "\u{1}\u{7}garbage\r\n\r\n", count: 100))
        case .hangsUp: break
        case .http2: _ = say("\0\0\0\u{4}\0\0\0\0\0")
        case .ssh: _ = say("SSH-2.0-OpenSSH_9.2p1\r\n")
        case .refuses: _ = say("HTTP/1.1 500 no\r\nContent-Length: 0\r\n\r\n")
        case .endless:
            guard say("HTTP/1.1 200 OK\r\n\r\n") else { return }
            let junk = String(repeating: "x", count: 65536)
            // Far more than an answer may hold.
            for _ in 0..<1024 where !say(junk) { break }
        }
        shutdown(connection, Int32(SHUT_RDWR))
    }
}
