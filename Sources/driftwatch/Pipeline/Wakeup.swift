import Dispatch
import Foundation
import Synchronization

/// Ends the pipeline's wait from outside: a signal arrived.
final class Wakeup: Sendable {
    /// Becomes readable at each signal.
    let descriptor: Int32
    private let writeEnd: Int32
    private let stopping = Atomic(false)
    private let reopening = Atomic(false)
    // Written by the thread that calls `watchSignals`, once; afterwards only kept.
    private nonisolated(unsafe) var sources: [any DispatchSourceSignal] = []

    init() throws(Failure) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw Failure("cannot make a pipe: \(reason(errno)); raise the limit of open files")
        }
        (descriptor, writeEnd) = (ends[0], ends[1])
        for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    }

    deinit {
        close(descriptor)
        close(writeEnd)
    }

    /// True from the first SIGINT or SIGTERM on.
    var isStopping: Bool { stopping.load(ordering: .relaxed) }

    /// True once after each SIGHUP.
    func takeReopen() -> Bool { reopening.exchange(false, ordering: .relaxed) }

    func stop() {
        stopping.store(true, ordering: .relaxed)
        wake()
    }

    /// From now on SIGINT and SIGTERM end the wait instead of the process, and SIGHUP asks for fresh files.
    func watchSignals() {
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [unowned self] in
                if number == SIGHUP {
                    reopening.store(true, ordering: .relaxed)
                    wake()
                } else {
                    stop()
                }
            }
            source.resume()
            sources.append(source)
        }
    }

    /// Makes the next wait wait again.
    func clear() {
        var bytes = (UInt64(0), UInt64(0))
        while read(descriptor, &bytes, MemoryLayout.size(ofValue: bytes)) > 0 {}
    }

    /// Ends the wait once; from any thread.
    func wake() {
        var byte: UInt8 = 1
        _ = write(writeEnd, &byte, 1)
    }
}
