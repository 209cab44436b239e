#if canImport(Glibc)
    import Glibc
#endif

/// The descriptor behind a `LineWriter`: knows how far a line has got, so that none is ever torn by two tries.
struct OutputFile {
    struct Interrupted: Error {
        /// Lines that were finished before.
        var written: Int
        var cause: SinkError
    }

    private let path: String
    private var descriptor: Int32
    /// A pipe, socket or terminal: may make a writer wait.
    private var mayBlock = false
    /// Bytes of the first line to come that are written already.
    private var offset = 0

    init(path: String) throws(SinkError) {
        self.path = path
        descriptor = -1
        try open()
    }

    mutating func close() {
        if path != "-", descriptor >= 0 { _ = Glibc.close(descriptor) }
        descriptor = -1
    }

    /// The old file stays in use where the new one cannot be opened.
    mutating func reopen() throws(SinkError) {
        guard path != "-" else { return }
        let old = descriptor
        try open()
        if old >= 0 { _ = Glibc.close(old) }
        // A line that is torn in the old file is whole in the new one.
        offset = 0
    }

    /// Writes lines as far as it gets: fewer than given only when `ends` says so while nobody reads.
    mutating func write(_ lines: ArraySlice<[UInt8]>, ends: () -> Bool) throws(Interrupted) -> Int {
        var done = 0
        var batch: [UInt8] = []
        var index = lines.startIndex
        while index < lines.endIndex {
            batch.removeAll(keepingCapacity: true)
            var last = index
            while last < lines.endIndex, batch.count < Self.batchBytes {
                batch.append(contentsOf: lines[last])
                last += 1
            }
            while offset < batch.count {
                switch push(batch) {
                case .success(let count):
                    offset += count
                case .failure(let error) where error.code == EAGAIN:
                    if ends() { return done + finish(lines[index..<last]) }
                case .failure(let error):
                    let finished = finish(lines[index..<last])
                    takeBackPart()
                    throw Interrupted(written: done + finished, cause: error)
                }
            }
            offset = 0
            done += last - index
            index = last
        }
        return done
    }

    /// What a terminated reader would send ends the process; blocked in this thread, write() just says EPIPE.
    static func blockBrokenPipeSignal() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    /// One write() for many short lines.
    private static let batchBytes = 64 << 10
    /// POSIX: a pipe that polls writable takes this much without waiting.
    private static let pipeBytes = 4096
    /// How long one wait for a reader lasts, in milliseconds, before `ends` is asked.
    private static let patience: Int32 = 100

    /// Lines of the batch that are out; `offset` is left within the first that is not.
    private mutating func finish(_ lines: ArraySlice<[UInt8]>) -> Int {
        var count = 0
        for line in lines {
            guard offset >= line.count else { break }
            offset -= line.count
            count += 1
        }
        return count
    }

    /// The part of a line for which a full disk had room: removed, so that whoever reads meanwhile finds whole lines.
    private mutating func takeBackPart() {
        guard offset > 0, !mayBlock else { return }
        var status = stat()
        // Only where the end of the file is what was written here.
        guard fstat(descriptor, &status) == 0, status.st_size == lseek(descriptor, 0, SEEK_CUR),
            ftruncate(descriptor, status.st_size - off_t(offset)) == 0
        else { return }
        lseek(descriptor, -off_t(offset), SEEK_CUR)
        offset = 0
    }

    private func push(_ batch: [UInt8]) -> Result<Int, SinkError> {
        var length = batch.count - offset
        if mayBlock {
            var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            let ready = poll(&request, 1, Self.patience)
            if ready == 0 || ready < 0 && errno == EINTR { return failure(EAGAIN) }
            length = min(length, Self.pipeBytes)
        }
        let count = batch.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + offset, length) }
        if count >= 0 { return .success(count) }
        return errno == EINTR ? .success(0) : failure(errno)
    }

    private func failure(_ code: Int32) -> Result<Int, SinkError> { .failure(error("write to", code)) }

    private func error(_ operation: String, _ code: Int32) -> SinkError {
        SinkError(operation: operation, path: path == "-" ? "standard output" : path, code: code)
    }

    private mutating func open() throws(SinkError) {
        var new: Int32 = STDOUT_FILENO
        if path == "-" {
            // Closed, it is a file that cannot be written.
            let mode = fcntl(new, F_GETFL)
            guard mode >= 0, mode & O_ACCMODE != O_RDONLY else { throw error("write to", EBADF) }
        } else {
            // O_NONBLOCK: a named pipe without a reader is an error, not a wait.
            new = Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0o600)
            guard new >= 0 else { throw error("open", errno) }
        }
        descriptor = new
        var status = stat()
        guard fstat(new, &status) == 0 else { throw error("look at", errno) }
        let isFile = status.st_mode & S_IFMT == S_IFREG
        mayBlock = !isFile
        if isFile, path != "-", status.st_size > 0 { endTornLine(status.st_size) }
    }

    /// A line cut by a crash must not swallow the next one.
    private func endTornLine(_ size: Int) {
        let reader = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard reader >= 0 else { return }
        defer { _ = Glibc.close(reader) }
        var last: UInt8 = 0x0a
        guard pread(reader, &last, 1, size - 1) == 1, last != 0x0a else { return }
        var newline: UInt8 = 0x0a
        _ = Glibc.write(descriptor, &newline, 1)
    }
}
