/// What waits to be stored, in order. Bounded: the oldest is given up for what does not fit.
package struct Backlog: Sendable {
    private var writes: [StoreWrite] = []
    private var bytes = 0
    /// Of each only the last value counts: a disk that is full for an hour must not cost a heartbeat a second.
    private var values: [String: String] = [:]
    private let capacity: Int

    /// `capacity` in bytes.
    package init(capacity: Int = 32 << 20) { self.capacity = capacity }

    package var isEmpty: Bool { writes.isEmpty && values.isEmpty }

    /// Takes more; returns how many of the oldest had to go for it.
    package mutating func append(_ batch: [StoreWrite]) -> Int {
        add(batch)
        return shrink()
    }

    /// Everything that waits, as one batch.
    package mutating func take() -> [StoreWrite] {
        defer { self = Backlog(capacity: capacity) }
        return writes + values.sorted { $0.key < $1.key }.map { .meta(name: $0.key, value: $0.value) }
    }

    /// Takes back what could not be stored, as older than all that waits; returns how many of it had to go.
    package mutating func putBack(_ batch: [StoreWrite]) -> Int {
        let newer = take()
        add(batch)
        add(newer)
        return shrink()
    }

    private mutating func add(_ batch: [StoreWrite]) {
        for write in batch {
            if case .meta(let name, let value) = write {
                values[name] = value
            } else {
                writes.append(write)
                bytes += write.footprint
            }
        }
    }

    private mutating func shrink() -> Int {
        var excess = 0
        while bytes > capacity, excess < writes.count {
            bytes -= writes[excess].footprint
            excess += 1
        }
        writes.removeFirst(excess)
        return excess
    }
}

extension StoreWrite {
    /// About how many bytes it takes in memory.
    var footprint: Int {
        switch self {
        case .baseline(let row): 512 + row.key.footprint + row.spec.footprint + row.allowed.footprint
        case .behaviours(let key, let rows):
            key.footprint + rows.reduce(0) { $0 + MemoryLayout<StoredBehaviour>.stride + $1.shape.footprint }
        case .dropBehaviours(let key): key.footprint
        case .amend(let key, let spec): key.footprint + spec.footprint
        case .alert(let alert): 256 + alert.key.footprint + alert.json.utf8.count + (alert.allow?.utf8.count ?? 0)
        case .meta(let name, let value): name.utf8.count + value.utf8.count
        case .life(let home, let json): home.utf8.count + (json?.utf8.count ?? 0)
        case .identity(let row, let uses): row.footprint(with: uses)
        case .credential(let row): row.footprint
        case .dropCredential(let key): 64 + key.path.utf8.count
        }
    }
}

extension BaselineKey {
    fileprivate var footprint: Int { 64 + workload.utf8.count + (digest?.utf8.count ?? 0) }
}

extension BaselineSpec {
    fileprivate var footprint: Int {
        func sum(_ entries: [some BaselineEntry]) -> Int {
            entries.reduce(0) { $0 + 64 + $1.sortKey.reduce(0) { $0 + 32 + $1.utf8.count } }
        }
        return sum(exec) + sum(connect) + sum(listen) + sum(open)
    }
}

extension Behaviour {
    fileprivate var footprint: Int {
        let rest =
            switch self {
            case .exec(let exec): exec.arguments.reduce(exec.parent.utf8.count) { $0 + 32 + $1.utf8.count }
            case .connect(let connect): if case .unix(let path) = connect.peer { path.utf8.count } else { 64 }
            case .listen: 0
            case .open(let open): open.path.utf8.count
            }
        return 64 + executable.utf8.count + rest
    }
}
