/// A dictionary that holds at most `capacity` values and forgets the one not used for longest.
struct LRU<Key: Hashable, Value> {
    private struct Node {
        var key: Key
        var value: Value
        var newer: Int
        var older: Int
    }

    let capacity: Int
    private var slots: [Node?] = []
    private var free: [Int] = []
    private var index: [Key: Int] = [:]
    private var newest = -1
    private var oldest = -1

    init(capacity: Int) { self.capacity = max(capacity, 1) }

    var count: Int { index.count }

    /// Without counting as a use.
    func peek(_ key: Key) -> Value? { index[key].flatMap { slots[$0]?.value } }

    mutating func value(_ key: Key) -> Value? {
        guard let slot = index[key] else { return nil }
        touch(slot)
        return slots[slot]!.value
    }

    /// Changes the value in place; false where there is none.
    @discardableResult
    mutating func update(_ key: Key, _ change: (inout Value) -> Void) -> Bool {
        guard let slot = index[key] else { return false }
        touch(slot)
        change(&slots[slot]!.value)
        return true
    }

    /// Gives back what had to be forgotten for it.
    @discardableResult
    mutating func insert(_ key: Key, _ value: Value) -> (key: Key, value: Value)? {
        if let slot = index[key] {
            slots[slot]!.value = value
            touch(slot)
            return nil
        }
        var forgotten: (Key, Value)?
        if index.count >= capacity, let last = slots[oldest] {
            forgotten = (last.key, last.value)
            remove(last.key)
        }
        let node = Node(key: key, value: value, newer: -1, older: -1)
        let slot: Int
        if let reused = free.popLast() {
            slot = reused
            slots[slot] = node
        } else {
            slot = slots.count
            slots.append(node)
        }
        index[key] = slot
        link(slot)
        return forgotten
    }

    mutating func remove(_ key: Key) {
        guard let slot = index.removeValue(forKey: key) else { return }
        unlink(slot)
        slots[slot] = nil
        free.append(slot)
    }

    private mutating func touch(_ slot: Int) {
        guard newest != slot else { return }
        unlink(slot)
        link(slot)
    }

    private mutating func link(_ slot: Int) {
        slots[slot]!.older = newest
        slots[slot]!.newer = -1
        if newest >= 0 { slots[newest]!.newer = slot } else { oldest = slot }
        newest = slot
    }

    private mutating func unlink(_ slot: Int) {
        let node = slots[slot]!
        if node.newer >= 0 { slots[node.newer]!.older = node.older } else { newest = node.older }
        if node.older >= 0 { slots[node.older]!.newer = node.newer } else { oldest = node.newer }
    }
}
