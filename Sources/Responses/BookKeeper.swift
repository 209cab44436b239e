import Dispatch
import Foundation
import Synchronization

/// Writes the book in the background: a disk that hangs holds up no response.
final class BookKeeper: Sendable {
    private let directory: String
    private let warn: @Sendable (String) -> Void
    private let queue = DispatchQueue(label: "driftwatch.responses")
    /// The latest that is to be written; nil: nothing is.
    private let next = Mutex<Book?>(nil)
    private let complains = Mutex(true)

    /// How long it is waited for what must be on the disk, in milliseconds.
    private static let patience = 1000

    init(_ directory: String, warn: @escaping @Sendable (String) -> Void) {
        self.directory = directory
        self.warn = warn
    }

    /// Takes what is to be shown; of several that wait only the latest is written.
    func keep(_ book: Book) {
        let isFirst = next.withLock { next in
            defer { next = book }
            return next == nil
        }
        if isFirst { queue.async { self.write() } }
    }

    /// Returns when it is on the disk; throws where it is not, or nobody knows.
    func keepForSure(_ book: Book) throws(ActionError) {
        let outcome = Outcome()
        next.withLock { $0 = nil }
        queue.async {
            do throws(ActionError) {
                try book.write(in: self.directory, isSure: true)
                outcome.error.withLock { $0 = nil }
            } catch { outcome.error.withLock { $0 = error } }
            outcome.done.signal()
        }
        let isLate = outcome.done.wait(timeout: .now() + .milliseconds(Self.patience)) == .timedOut
        if isLate { throw ActionError("the disk of \(directory) does not answer") }
        if let error = outcome.error.withLock({ $0 }) { throw error }
    }

    private final class Outcome: Sendable {
        let done = DispatchSemaphore(value: 0)
        let error = Mutex<ActionError?>(nil)
    }

    /// Returns when all that was handed over is written, or the disk does not answer.
    func finish(_ book: Book) {
        do throws(ActionError) { try keepForSure(book) } catch { warn("\(error)") }
    }

    private func write() {
        guard let book = next.withLock({ $0.take() }) else { return }
        do throws(ActionError) {
            try book.write(in: directory, isSure: false)
            complains.withLock { $0 = true }
        } catch {
            // Said once: a disk that is full stays so for a while.
            let isNew = complains.withLock { complains in
                defer { complains = false }
                return complains
            }
            if isNew { warn("\(error); driftwatch response list does not show what is so") }
        }
    }
}
