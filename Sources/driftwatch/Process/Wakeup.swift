import Foundation
import Synchronization

/// Ends the pipeline's wait from outside: a signal arrived. There is one, since signals are the process's.
enum Wakeup {
    /// Becomes readable at each signal.
    static var descriptor: Int32 { readEnd }

    // Written once, before the first handler is installed; a handler may take no lock.
    private nonisolated(unsafe) static var readEnd: Int32 = -1
    private nonisolated(unsafe) static var writeEnd: Int32 = -1
    private nonisolated(unsafe) static var left: UnsafeMutablePointer<CChar>?
    private static let stopping = Atomic(false)
    private static let reopening = Atomic(false)
    private static let started = Atomic(false)

    /// Seconds that a start may still take once it is to end: nothing is stored before it is done.
    private static let startPatience: UInt32 = 3

    /// From now on SIGINT and SIGTERM end the wait instead of the process, and SIGHUP asks for fresh files.
    ///
    /// A process that is still starting then is done with starting and ends in order, or ends after three seconds.
    static func watchSignals() throws(Failure) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw Failure("cannot make a pipe: \(reason(errno)); raise the limit of open files")
        }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        (readEnd, writeEnd) = (ends[0], ends[1])
        // A first use of a global may take a lock: done here, not in a handler.
        _ = (isStopping, takeReopen(), started.load(ordering: .relaxed))
        install(SIGINT) { _ in Wakeup.stop() }
        install(SIGTERM) { _ in Wakeup.stop() }
        install(SIGHUP) { _ in Wakeup.reopen() }
        install(SIGALRM) { _ in
            if let path = Wakeup.left { unlink(path) }
            _exit(0)
        }
    }

    /// A file to be removed by an end during the start.
    static func leaves(_ path: String) { left = strdup(path) }

    /// True from the first SIGINT or SIGTERM on.
    static var isStopping: Bool { stopping.load(ordering: .relaxed) }

    /// True once after each SIGHUP.
    static func takeReopen() -> Bool { reopening.exchange(false, ordering: .relaxed) }

    /// The start is done: from now on whoever waits for `descriptor` sees to the end.
    static func startIsDone() {
        started.store(true, ordering: .sequentiallyConsistent)
        alarm(0)
    }

    /// Makes the next wait wait again.
    static func clear() {
        var bytes = (UInt64(0), UInt64(0))
        while read(readEnd, &bytes, MemoryLayout.size(ofValue: bytes)) > 0 {}
    }

    /// Ends the wait once; from any thread, and from a signal's handler.
    static func wake() {
        let before = errno
        var byte: UInt8 = 1
        _ = write(writeEnd, &byte, 1)
        errno = before
    }

    // MARK: In a signal's handler

    private static func stop() {
        stopping.store(true, ordering: .sequentiallyConsistent)
        if !started.load(ordering: .sequentiallyConsistent) { alarm(startPatience) }
        wake()
    }

    private static func reopen() {
        reopening.store(true, ordering: .relaxed)
        wake()
    }

    private static func install(_ number: Int32, _ handler: @escaping @convention(c) (Int32) -> Void) {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = handler
        action.sa_flags = Int32(SA_RESTART)
        sigaction(number, &action, nil)
        // Whoever started this process may have had it blocked.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, number)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }
}
