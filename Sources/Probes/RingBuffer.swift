import CLibbpf
import Glibc
import Synchronization

/// One of the kernel half's rings of records.
package final class RingBuffer: Sendable {
    /// What to do after a record.
    package enum Verdict: Sendable {
        case `continue`
        /// This record is taken, the next one stays in the ring.
        case stop
    }

    /// Readable (`poll`, `epoll`) when there are records.
    package let fileDescriptor: Int32
    private let reader: Mutex<Reader>

    init(fileDescriptor: Int32, name: String) throws(ProbeError) {
        self.fileDescriptor = fileDescriptor
        reader = Mutex(try Reader(fileDescriptor: fileDescriptor, name: name))
    }

    /// Hands over at most `max` waiting records, and returns how many; does not wait.
    /// The bytes are the ring's own memory and end with the call.
    @discardableResult
    package func consume(max: Int = .max, _ body: (RawSpan) -> Verdict) throws(ProbeError) -> Int {
        try reader.withLock { reader throws(ProbeError) in try reader.consume(max: max, body) }
    }
}

/// libbpf's reader of a ring, and the closure that is being called by it.
private struct Reader: ~Copyable {
    private final class Call {
        var body: ((RawSpan) -> RingBuffer.Verdict)?
        var remaining = 0
        var count = 0
    }

    // Safe to hand to another thread: libbpf's reader has no thread of its own, and a Mutex guards it.
    private nonisolated(unsafe) let handle: OpaquePointer
    private nonisolated(unsafe) let call: Call
    private let name: String

    init(fileDescriptor: Int32, name: String) throws(ProbeError) {
        call = Call()
        self.name = name
        let made = ring_buffer__new(
            fileDescriptor,
            { context, bytes, size in
                guard let context, let bytes else { return -EINVAL }
                let call = Unmanaged<Call>.fromOpaque(context).takeUnretainedValue()
                guard let body = call.body else { return -ECANCELED }
                call.count += 1
                let verdict = body(UnsafeRawBufferPointer(start: bytes, count: size).bytes)
                // A negative result ends the round; the record itself is consumed by then.
                return verdict == .stop || call.count >= call.remaining ? -ECANCELED : 0
            },
            Unmanaged.passUnretained(call).toOpaque(), nil)
        guard let made else { throw ProbeError("open ring \(name)", errno: Glibc.errno, log: Log.lines()) }
        handle = made
    }

    deinit { ring_buffer__free(handle) }

    mutating func consume(max: Int, _ body: (RawSpan) -> RingBuffer.Verdict) throws(ProbeError) -> Int {
        guard max > 0 else { return 0 }
        let result = withoutActuallyEscaping(body) { body in
            call.body = body
            call.remaining = max
            call.count = 0
            defer { call.body = nil }
            return ring_buffer__consume(handle)
        }
        guard result >= 0 || result == -ECANCELED else { throw .libbpf("read ring \(name)", result) }
        return call.count
    }
}
