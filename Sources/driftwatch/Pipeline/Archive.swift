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
    private let pending = Mutex<[StoreWrite]>([])
    private let edited = Atomic(false)
    private let revision: Mutex<Int>
    private let complained = Mutex<String?>(nil)
    // Held, not used: the lock ends with the process.
    private let lock: Box

    private final class Box: Sendable {
        private let lock: StateLock
        init(_ lock: consuming StateLock) { self.lock = lock }
    }

    /// What may wait while the disk is full: some 64 MiB of behaviours. Older batches are then given up, and said so.
    private static let mostPending = 50_000

    init(directory: String, log: Logger) throws(Failure) {
        self.log = log
        do {
            lock = Box(try StateLock(directory: directory))
            let (store, notice) = try Store.open(directory: directory)
            if let notice { log.error("\(notice)") }
            self.store = store
            revision = Mutex(try store.revision())
            // Without the mark of a clean end the next start looks the file over.
            try store.write([.meta(name: "clean", value: "0")])
            lastHeartbeat = try store.meta(StoreWrite.heartbeatName).flatMap(Heartbeat.init)
        } catch { throw Failure("\(error)") }
    }

    /// Hands over what is to be stored; what cannot be stored now is tried again with the next.
    func write(_ batch: [StoreWrite]) {
        pending.withLock { $0 += batch }
        queue.async { self.flush() }
    }

    /// True once after a command changed a baseline.
    func takeEdited() -> Bool { edited.exchange(false, ordering: .relaxed) }

    /// Writes what waits, and that this was all.
    func close() {
        pending.withLock { $0.append(.meta(name: "clean", value: "1")) }
        queue.sync { flush() }
    }

    private func flush() {
        let batch = pending.withLock { pending in
            defer { pending = [] }
            return pending
        }
        do {
            try store.write(batch)
            complain(nil)
            let now = try store.revision()
            let before = revision.withLock { known in
                defer { known = now }
                return known
            }
            if now != before { edited.store(true, ordering: .relaxed) }
        } catch {
            complain("\(error)")
            pending.withLock { pending in
                pending = batch + pending
                if pending.count > Self.mostPending {
                    log.error(
                        "the oldest \(pending.count - Self.mostPending) changes are given up: they could not be stored")
                    pending.removeFirst(pending.count - Self.mostPending)
                }
            }
        }
    }

    /// Says a trouble once, and when it is over.
    private func complain(_ trouble: String?) {
        complained.withLock { said in
            guard said != trouble else { return }
            if let trouble { log.error("\(trouble); it is tried again") } else { log.notice("storing works again") }
            said = trouble
        }
    }
}

extension StoreWrite {
    static let heartbeatName = "heartbeat"
    static var heartbeat: StoreWrite { .meta(name: heartbeatName, value: Clock.heartbeat().text) }
}
