import Drift

#if canImport(Glibc)
    import Glibc
#endif

/// Reads recorded behaviours back from lines of ECS; lines of the monitor itself and alerts are passed over.
package struct EventReader: ~Copyable {
    package struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        /// From 1.
        package var line: Int
        package var reason: String

        package var description: String { "line \(line): \(reason)" }
    }

    /// Far more than the longest line of ours.
    package static let longestLine = 1 << 20

    private let descriptor: Int32
    private let owns: Bool
    private var buffer: [UInt8] = []
    private var start = 0
    private var scanned = 0
    private var atEnd = false
    /// Of the line that was read last.
    package private(set) var line = 0

    /// Never more than a line and a piece that follows.
    var heldBytes: Int { buffer.capacity }

    /// `-` is stdin.
    package init(path: String) throws(SinkError) {
        owns = path != "-"
        descriptor = owns ? Glibc.open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO
        guard descriptor >= 0 else { throw SinkError(operation: "read", path: path, code: errno) }
    }

    deinit {
        if owns { _ = Glibc.close(descriptor) }
    }

    /// The next behaviour, nil at the end; after a failure the next call goes on with the next line.
    package mutating func next() throws(Failure) -> Observation? {
        while let text = try nextLine() {
            if text.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }) { continue }
            if let observation = try Self.read(text, line: line) { return observation }
        }
        return nil
    }

    /// One line; nil where it is valid, but no behaviour.
    package static func read(_ text: [UInt8], line: Int = 1) throws(Failure) -> Observation? {
        let value: JSONValue
        do {
            value = try JSONParser.parse(text)
        } catch {
            throw Failure(line: line, reason: "not JSON: \(error.reason) (column \(error.column))")
        }
        guard case .object = value else { throw Failure(line: line, reason: "not a JSON object") }
        guard let kind = value.at("event", "kind")?.string else {
            throw Failure(line: line, reason: "event.kind is missing: not a line of driftwatch")
        }
        // A change of the register or a response is an event, too, but nobody's behaviour.
        let dataset = value.at("event", "dataset")?.string
        guard kind == "event", !ECSFormat.otherDatasets.contains(dataset ?? "") else { return nil }
        do {
            return try RecordedLine(value).observation()
        } catch {
            throw Failure(line: line, reason: error.description)
        }
    }

    /// Without its newline; a last line that lacks one counts too.
    private mutating func nextLine() throws(Failure) -> [UInt8]? {
        while true {
            if let end = buffer[scanned...].firstIndex(of: 0x0a) {
                let text = Array(buffer[start..<end])
                start = end + 1
                scanned = start
                line += 1
                return text
            }
            scanned = buffer.count
            if atEnd {
                guard start < buffer.count else { return nil }
                let text = Array(buffer[start...])
                start = buffer.count
                line += 1
                return text
            }
            if buffer.count - start > Self.longestLine { try skipLine() }
            try fill()
        }
    }

    private mutating func fill() throws(Failure) {
        if start > 0 {
            buffer.removeFirst(start)
            scanned -= start
            start = 0
        }
        let used = buffer.count
        let room = 64 << 10
        buffer.append(contentsOf: repeatElement(0, count: room))
        let count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress! + used, room) }
        let code = errno
        buffer.removeLast(room - max(count, 0))
        if count == 0 { atEnd = true }
        if count < 0, code != EINTR {
            atEnd = true
            throw Failure(line: line + 1, reason: "cannot be read: \(SinkError.message(code))")
        }
    }

    /// Passes over what is too long to be a line of ours, and says so once.
    private mutating func skipLine() throws(Failure) {
        line += 1
        let here = line
        while true {
            buffer.removeAll(keepingCapacity: true)
            start = 0
            scanned = 0
            try fill()
            if let end = buffer.firstIndex(of: 0x0a) {
                start = end + 1
                scanned = start
                break
            }
            if atEnd {
                buffer.removeAll()
                break
            }
        }
        throw Failure(line: here, reason: "longer than \(Self.longestLine >> 20) MiB")
    }
}
