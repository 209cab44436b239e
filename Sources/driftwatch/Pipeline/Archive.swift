import Baselines
import Dispatch
import Evidence
import Foundation
import Logging
import Synchronization

/// The state directory of a running monitor: written in the background, so that a slow disk never holds up the rings.
final class Archive: Sendable {
    let store: Store
    let log: Logger
    /// When an earlier run last said that it lives.
    let lastHeartbeat: Heartbeat?
    private let queue = DispatchQueue(label: "driftwatch.archive")
    private let backlog = Mutex(Backlog())
    /// Changes that were given up since the last that could be stored.
    private let givenUp = Atomic(0)
    /// Edits by commands that are in the file, and those of them that the pipeline has taken over.
    private let revision: Mutex<(latest: Int, known: Int)>
    private let complained = Mutex<String?>(nil)
    // Held, not used: the lock ends with the process.
    private let lock: Box

    private final class Box: Sendable {
        private let lock: StateLock
        init(_ lock: consuming StateLock) { self.lock = lock }
    }

    init(directory: String, log: Logger) throws(Failure) {
        self.log = log
        do {
            let lock = try StateLock(directory: directory)
            for notice in lock.notices { log.warning("\(notice)") }
            self.lock = Box(lock)
            let (store, notice) = try Store.open(directory: directory)
            if let notice { log.error("\(notice)") }
            self.store = store
            let latest = try store.revision()
            revision = Mutex((latest, latest))
            lastHeartbeat = try store.meta(StoreWrite.heartbeatName).flatMap(Heartbeat.init)
        } catch { throw Failure("\(error)") }
        // Without the mark of a clean end the next start looks the file over. A disk that is full by now is no reason
        // not to watch: what is known can be read, and what is learned waits.
        wait(for: [.meta(name: "clean", value: "0")])
        flush()
    }

    /// Hands over what is to be stored; what cannot be stored now is tried again with the next.
    func write(_ batch: [StoreWrite]) {
        wait(for: batch)
        queue.async { self.flush() }
    }

    private func wait(for batch: [StoreWrite]) {
        let lost = backlog.withLock { $0.append(batch) }
        giveUp(lost)
    }

    /// Said at the first, and again once it is over.
    private func giveUp(_ count: Int) {
        guard count > 0, givenUp.add(count, ordering: .relaxed).oldValue == 0 else { return }
        log.error("more waits to be stored than may: from now on the oldest changes are given up")
    }

    /// True once after a command changed a baseline; the caller takes the change over before he writes again.
    func takeEdited() -> Bool {
        revision.withLock { revision in
            defer { revision.known = revision.latest }
            return revision.latest != revision.known
        }
    }

    /// Writes what waits, and that this was all; a disk that hangs is not waited for beyond a part of the five seconds
    /// that an end may take.
    func close() {
        wait(for: [.meta(name: "clean", value: "1")])
        let done = DispatchSemaphore(value: 0)
        queue.async {
            self.flush()
            done.signal()
        }
        let isDone = done.wait(timeout: .now() + .milliseconds(1500)) == .success
        if !isDone || !backlog.withLock({ $0.isEmpty }) {
            log.error("the last changes could not be stored before the end")
        }
    }

    private func flush() {
        let batch = backlog.withLock { $0.take() }
        do {
            try store.write(batch, knowing: revision.withLock { $0.known })
            let lost = givenUp.exchange(0, ordering: .relaxed)
            if lost > 0 { log.error("\(lost) changes could not be stored and were given up") }
            complain(
                store.isInPlace ? nil : "\(store.path) was removed or replaced; what is learned is lost at the end")
            let latest = try store.revision()
            revision.withLock { $0.latest = latest }
        } catch {
            complain("\(error); it is tried again")
            giveUp(backlog.withLock { $0.putBack(batch) })
        }
    }

    /// Says a trouble once, and when it is over.
    private func complain(_ trouble: String?) {
        complained.withLock { said in
            guard said != trouble else { return }
            if let trouble { log.error("\(trouble)") } else { log.notice("storing works again") }
            said = trouble
        }
    }
}

extension StoreWrite {
    static let heartbeatName = "heartbeat"
    static var heartbeat: StoreWrite { heartbeat(Clock.heartbeat()) }
    static func heartbeat(_ heartbeat: Heartbeat) -> StoreWrite { .meta(name: heartbeatName, value: heartbeat.text) }
}
