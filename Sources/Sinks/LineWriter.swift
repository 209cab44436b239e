import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Writes whole lines to a file or stdout from a thread of its own; whoever gives a line never waits.
///
/// `@unchecked`: all that changes is guarded by `lock`, but for what the thread alone uses.
package final class LineWriter: @unchecked Sendable {
    package struct Status: Sendable, Equatable {
        package var written: UInt64 = 0
        /// Lines for which there was no room, or no reader any more.
        package var dropped: UInt64 = 0
        package var waitingBytes = 0
        /// Why writing does not go on, or not for now.
        package var failure: SinkError?
        /// The reader is gone for good: nothing will be written any more.
        package var isBroken = false
    }

    /// What a slow reader may make wait.
    package static let capacity = 8 << 20

    /// `-` is stdout.
    package let path: String
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let changed: UnsafeMutablePointer<pthread_cond_t>
    private var queue: LineQueue
    private var status = Status()
    private var isWriting = false
    private var wantsReopen = false
    private var isClosing = false
    private var hasEnded = false
    private var output: OutputFile

    /// Fails where the file cannot be opened for appending; it is made with mode 0600.
    package init(path: String, capacity: Int = LineWriter.capacity) throws(SinkError) {
        self.path = path
        output = try OutputFile(path: path)
        queue = LineQueue(capacity: capacity)
        lock = .allocate(capacity: 1)
        changed = .allocate(capacity: 1)
        pthread_mutex_init(lock, nil)
        // Deadlines are by the clock that nobody sets.
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(changed, &attributes)
        pthread_condattr_destroy(&attributes)
        start()
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(lock)
        changed.deallocate()
        lock.deallocate()
    }

    /// Takes one line with its newline; false where it had to be dropped.
    @discardableResult
    package func write(_ line: [UInt8]) -> Bool {
        locked {
            guard !isClosing, !status.isBroken else {
                queue.drop(1)
                return false
            }
            guard queue.put(line) else { return false }
            pthread_cond_broadcast(changed)
            return true
        }
    }

    /// The file is opened anew by its name before the next line, for whoever rotates logs.
    package func reopen() {
        locked {
            wantsReopen = true
            pthread_cond_broadcast(changed)
        }
    }

    package var current: Status {
        locked {
            var status = status
            status.dropped = queue.dropped
            status.waitingBytes = queue.bytes
            return status
        }
    }

    /// Waits until all that was given is written; false where that took too long or cannot be.
    @discardableResult
    package func flush(within limit: Duration) -> Bool {
        locked {
            wait(limit) { queue.isEmpty && !isWriting || status.isBroken || hasEnded }
            return queue.isEmpty && !isWriting && status.failure == nil
        }
    }

    /// Writes what waits and ends the thread; what is left after the limit is counted as dropped.
    @discardableResult
    package func close(within limit: Duration) -> Bool {
        locked {
            isClosing = true
            pthread_cond_broadcast(changed)
            wait(limit) { hasEnded }
            queue.drop(queue.take().count)
            return hasEnded && status.failure == nil
        }
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return body()
    }

    /// With the lock held.
    private func wait(_ limit: Duration, until done: () -> Bool) {
        var deadline = timespec()
        clock_gettime(CLOCK_MONOTONIC, &deadline)
        let (seconds, attoseconds) = limit.components
        let nanoseconds = deadline.tv_nsec + Int(attoseconds / 1_000_000_000)
        deadline.tv_sec += Int(seconds) + nanoseconds / 1_000_000_000
        deadline.tv_nsec = nanoseconds % 1_000_000_000
        while !done() {
            if pthread_cond_timedwait(changed, lock, &deadline) == ETIMEDOUT { return }
        }
    }

    private func start() {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self)
        let result = pthread_create(
            &thread, nil,
            { context in
                let writer = Unmanaged<LineWriter>.fromOpaque(context!).takeRetainedValue()
                writer.run()
                return nil
            }, context.toOpaque())
        if result == 0 {
            pthread_detach(thread)
        } else {
            context.release()
            hasEnded = true
            status.isBroken = true
            status.failure = SinkError(operation: "start a thread for", path: path, code: result)
        }
    }

    private func run() {
        OutputFile.blockBrokenPipeSignal()
        while let (lines, reopens) = next() {
            let result = deliver(lines, reopens: reopens)
            locked {
                isWriting = false
                status.written += UInt64(result.written)
                queue.drop(lines.count - result.written)
                status.failure = result.failure
                status.isBroken = result.failure?.code == EPIPE
                if status.isBroken { queue.drop(queue.take().count) }
                pthread_cond_broadcast(changed)
            }
        }
        locked {
            output.close()
            hasEnded = true
            pthread_cond_broadcast(changed)
        }
    }

    /// Waits for lines; nil: it is time to end.
    private func next() -> (lines: [[UInt8]], reopens: Bool)? {
        locked {
            while queue.isEmpty, !wantsReopen, !isClosing { pthread_cond_wait(changed, lock) }
            if queue.isEmpty, !wantsReopen { return nil }
            isWriting = true
            defer { wantsReopen = false }
            return (queue.take(), wantsReopen)
        }
    }

    /// Tries on while the disk is full, since room may come; gives up when closing.
    private func deliver(_ lines: [[UInt8]], reopens: Bool) -> (written: Int, failure: SinkError?) {
        var stale: SinkError?
        if reopens {
            do { try output.reopen() } catch { stale = error }
        }
        var written = 0
        while written < lines.count {
            do {
                written += try output.write(lines[written...]) { self.locked { self.isClosing } }
                if written == lines.count { return (written, stale) }
                return (written, SinkError(operation: "write in time to", path: path, code: ETIMEDOUT))
            } catch {
                written += error.written
                let (ends, reopens) = locked {
                    status.failure = error.cause
                    defer { wantsReopen = false }
                    return (isClosing, wantsReopen)
                }
                if error.cause.code == EPIPE || ends { return (written, error.cause) }
                usleep(100_000)
                if reopens { try? output.reopen() }
            }
        }
        return (written, stale)
    }
}
