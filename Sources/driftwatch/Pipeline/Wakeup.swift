import Dispatch
import Foundation
import Synchronization

/// Ends the pipeline's wait from outside: a signal arrived.
final class Wakeup: Sendable {
    /// Becomes readable at each signal.
    let descriptor: Int32
    private let stopping = Atomic(false)
    private let reopening = Atomic(false)
    private let sources = Mutex<[any DispatchSourceSignal]>([])

    init() throws(Failure) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC.rawValue) | Int32(EFD_NONBLOCK.rawValue))
        guard descriptor >= 0 else { throw Failure("cannot make an eventfd: \(reason(errno)); raise the limit of open files") }
    }

    deinit { close(descriptor) }

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
            sources.withLock { $0.append(source) }
        }
    }

    /// Makes the next wait wait again.
    func clear() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
    }

    private func wake() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }
}
