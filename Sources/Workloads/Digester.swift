import Crypto
import Dispatch
import Foundation
import Synchronization

/// Content digests of files, computed away from the pipeline.
package final class Digester: Sendable {
    package init() {}

    /// Largest executable that is hashed.
    static let limit = 256 << 20
    /// Files that wait open to be hashed; who comes later asks again.
    static let queueLimit = 64

    private struct State {
        var done: [Files.Stamp: String] = [:]
        var running: Set<Files.Stamp> = []
    }
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "driftwatch.digest", qos: .utility)

    package enum Answer: Equatable {
        case known(String)
        case pending
        /// No such file, not a file, or too large.
        case none
    }

    /// Opens the file at once, so that it is the one meant even if the path changes; the reading happens elsewhere.
    package func digest(of path: String, wait: Bool = false) -> Answer {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard file >= 0 else { return .none }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= Self.limit else {
            close(file)
            return .none
        }
        let stamp = Files.Stamp(status)
        let (answer, mine) = state.withLock { state -> (Answer, Bool) in
            if let digest = state.done[stamp] { return (.known(digest), false) }
            if !wait, state.running.count >= Self.queueLimit { return (.pending, false) }
            return (.pending, state.running.insert(stamp).inserted)
        }
        guard mine || wait && answer == .pending else {
            close(file)
            return answer
        }
        if wait {
            finish(file, stamp)
            return digest(of: path)
        }
        queue.async { self.finish(file, stamp) }
        return .pending
    }

    private func finish(_ file: Int32, _ stamp: Files.Stamp) {
        let digest = Self.hash(file)
        close(file)
        state.withLock { state in
            state.running.remove(stamp)
            if state.done.count >= 4096 { state.done.removeAll() }
            state.done[stamp] = digest ?? ""
        }
    }

    private static func hash(_ file: Int32) -> String? {
        var hash = SHA256()
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        var left = limit
        while left > 0 {
            let count = Glibc.read(file, &buffer, min(buffer.count, left))
            if count < 0 && errno == EINTR { continue }
            if count < 0 { return nil }
            if count == 0 { break }
            buffer.withUnsafeBytes { hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            left -= count
        }
        let digits = Array("0123456789abcdef".utf8)
        return "sha256:"
            + String(decoding: hash.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
