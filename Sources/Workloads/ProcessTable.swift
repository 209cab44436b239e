import Events

/// How a program was called.
package struct ProcessWords: Sendable, Equatable {
    package var executable: String
    package var arguments: [String]
    /// The true number of arguments.
    package var argumentCount: Int
    package var workingDirectory: String
    /// The arguments are not whole.
    package var isTruncated: Bool
    /// The arguments hold a Latin-1 reading of bytes that were not UTF-8.
    package var isLossy: Bool

    package init(
        executable: String, arguments: [String], argumentCount: Int? = nil, workingDirectory: String = "/",
        isTruncated: Bool = false, isLossy: Bool = false
    ) {
        self.isTruncated = isTruncated
        self.isLossy = isLossy
        self.executable = executable
        self.arguments = arguments
        self.argumentCount = argumentCount ?? arguments.count
        self.workingDirectory = workingDirectory
    }
}

/// What was executed under each ExecID, the least recently used forgotten first.
package struct ProcessTable {
    private struct Entry {
        var words: ProcessWords
        var key: BehaviourKey?
        var bytes: Int
        var previous: ExecID?
        var next: ExecID?
    }

    /// What was forgotten, so that the kernel can be told to report such an exec again.
    package struct Forgotten: Equatable, Sendable {
        package var exec: ExecID
        /// Nil for what was known from /proc.
        package var key: BehaviourKey?
    }

    package static let capacity = 4096
    package static let byteCapacity = 2 << 20

    private var entries: [ExecID: Entry] = [:]
    private var newest: ExecID?
    private var oldest: ExecID?
    package private(set) var bytes = 0
    package var count: Int { entries.count }

    package init() { entries.reserveCapacity(Self.capacity + 1) }

    /// Takes over what an exec event says; does nothing for other events. Returns what had to go.
    package mutating func record(_ event: Event) -> [Forgotten] {
        guard case .exec(let exec) = event.act, event.actor.exec != 0 else { return [] }
        return record(
            event.actor.exec, key: event.key,
            ProcessWords(
                executable: event.actor.executable.text, arguments: exec.arguments, argumentCount: exec.argumentCount,
                workingDirectory: event.actor.workingDirectory.text,
                isTruncated: event.truncated.contains("process.args"),
                isLossy: event.lossyFields.contains("process.args")))
    }

    package mutating func record(_ exec: ExecID, key: BehaviourKey?, _ words: ProcessWords) -> [Forgotten] {
        remove(exec)
        // 96 bytes stand for the entry itself.
        let size =
            words.arguments.reduce(96 + words.executable.utf8.count + words.workingDirectory.utf8.count) {
                $0 + 16 + $1.utf8.count
            }
        entries[exec] = Entry(words: words, key: key, bytes: size)
        bytes += size
        push(exec)
        var forgotten: [Forgotten] = []
        while entries.count > Self.capacity || bytes > Self.byteCapacity, let last = oldest, last != exec {
            forgotten.append(Forgotten(exec: last, key: entries[last]?.key))
            remove(last)
        }
        return forgotten
    }

    /// What is known of an ExecID; being asked for keeps it.
    package mutating func words(of exec: ExecID) -> ProcessWords? {
        guard let entry = entries[exec] else { return nil }
        if newest != exec {
            unlink(exec)
            push(exec)
        }
        return entry.words
    }

    private mutating func remove(_ exec: ExecID) {
        guard let entry = entries[exec] else { return }
        unlink(exec)
        bytes -= entry.bytes
        entries[exec] = nil
    }

    private mutating func unlink(_ exec: ExecID) {
        guard let entry = entries[exec] else { return }
        if let next = entry.next { entries[next]?.previous = entry.previous } else { newest = entry.previous }
        if let previous = entry.previous { entries[previous]?.next = entry.next } else { oldest = entry.next }
        entries[exec]?.next = nil
        entries[exec]?.previous = nil
    }

    private mutating func push(_ exec: ExecID) {
        entries[exec]?.previous = newest
        entries[exec]?.next = nil
        if let newest { entries[newest]?.next = exec }
        newest = exec
        if oldest == nil { oldest = exec }
    }
}
