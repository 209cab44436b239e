/// Lines on their way to a file: whole lines in, bytes out, never more than the bound.
struct LineQueue {
    let capacity: Int
    private var waiting: [[UInt8]] = []
    private(set) var bytes = 0
    private(set) var accepted: UInt64 = 0
    private(set) var dropped: UInt64 = 0

    init(capacity: Int) { self.capacity = capacity }

    var isEmpty: Bool { waiting.isEmpty }

    /// False, and counted, where there is no room.
    mutating func put(_ line: [UInt8]) -> Bool {
        guard bytes + line.count <= capacity else {
            dropped += 1
            return false
        }
        waiting.append(line)
        bytes += line.count
        accepted += 1
        return true
    }

    /// Everything that waits, in order.
    mutating func take() -> [[UInt8]] {
        defer {
            waiting = []
            bytes = 0
        }
        return waiting
    }

    mutating func drop(_ lines: Int) { dropped += UInt64(lines) }
}
