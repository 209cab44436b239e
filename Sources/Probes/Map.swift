import CLibbpf
import Glibc

/// A map of the kernel half with keys and values of plain types; its descriptor belongs to the object.
struct Map<Key: BitwiseCopyable, Value: BitwiseCopyable>: Sendable {
    let name: String
    let fileDescriptor: Int32
    /// Values of one key: 1, or one for each possible CPU.
    let copies: Int

    func value(of key: Key) throws(ProbeError) -> Value? {
        try withUnsafeTemporaryAllocation(of: Value.self, capacity: 1) { buffer throws(ProbeError) in
            let result = withUnsafeBytes(of: key) {
                bpf_map_lookup_elem(fileDescriptor, $0.baseAddress, buffer.baseAddress)
            }
            if result == -ENOENT { return nil }
            guard result == 0 else { throw .libbpf("look up in \(name)", result) }
            return buffer[0]
        }
    }

    /// Those of each CPU.
    func values(of key: Key) throws(ProbeError) -> [Value] {
        try withUnsafeTemporaryAllocation(of: Value.self, capacity: copies) { buffer throws(ProbeError) in
            let result = withUnsafeBytes(of: key) {
                bpf_map_lookup_elem(fileDescriptor, $0.baseAddress, buffer.baseAddress)
            }
            guard result == 0 else { throw .libbpf("look up in \(name)", result) }
            return Array(buffer)
        }
    }

    /// The same value for each CPU.
    func setAll(_ key: Key, to value: Value) throws(ProbeError) {
        let values = Array(repeating: value, count: copies)
        let result = withUnsafeBytes(of: key) { key in
            values.withUnsafeBytes { bpf_map_update_elem(fileDescriptor, key.baseAddress, $0.baseAddress, 0) }
        }
        guard result == 0 else { throw .libbpf("write to \(name)", result) }
    }

    /// False: there was one already (or with `replacing: false` only).
    @discardableResult
    func set(_ key: Key, to value: Value, replacing: Bool = true) throws(ProbeError) -> Bool {
        let result = withUnsafeBytes(of: key) { key in
            withUnsafeBytes(of: value) { value in
                bpf_map_update_elem(
                    fileDescriptor, key.baseAddress, value.baseAddress, UInt64(replacing ? BPF_ANY : BPF_NOEXIST))
            }
        }
        if result == -EEXIST { return false }
        guard result == 0 else { throw .libbpf("write to \(name)", result) }
        return true
    }

    /// False: there was none.
    @discardableResult
    func remove(_ key: Key) throws(ProbeError) -> Bool {
        let result = withUnsafeBytes(of: key) { bpf_map_delete_elem(fileDescriptor, $0.baseAddress) }
        if result == -ENOENT { return false }
        guard result == 0 else { throw .libbpf("delete from \(name)", result) }
        return true
    }

    /// Every entry of a hash map, in batches where the kernel does so; entries that change meanwhile may
    /// be missed or come twice.
    func forEach(_ body: (Key, Value) -> Void) throws(ProbeError) {
        try forEachSet { key, values in body(key, values[0]) }
    }

    /// The same with the values of each CPU, which are the map's only during the call.
    func forEachSet(_ body: (Key, UnsafeBufferPointer<Value>) -> Void) throws(ProbeError) {
        var capacity = max(64, 4096 / copies)
        var position: UInt32 = 0
        var first = true
        while true {
            var count = UInt32(capacity)
            var next: UInt32 = 0
            let result = withUnsafeTemporaryAllocation(of: Key.self, capacity: capacity) { keys in
                withUnsafeTemporaryAllocation(of: Value.self, capacity: capacity * copies) { values in
                    let result =
                        first
                        ? bpf_map_lookup_batch(
                            fileDescriptor, nil, &next, keys.baseAddress, values.baseAddress, &count, nil)
                        : bpf_map_lookup_batch(
                            fileDescriptor, &position, &next, keys.baseAddress, values.baseAddress, &count, nil)
                    // At the end the kernel says ENOENT, and still hands over what it had.
                    if result == 0 || result == -ENOENT {
                        for index in 0..<Int(count) {
                            body(
                                keys[index],
                                UnsafeBufferPointer(rebasing: values[index * copies..<(index + 1) * copies]))
                        }
                    }
                    return result
                }
            }
            switch -result {
            case 0:
                position = next
                first = false
            case ENOENT: return
            case ENOSPC: capacity *= 2  // one bucket alone holds more
            case EINVAL, EOPNOTSUPP: return try forEachByKey(body)
            default: throw .libbpf("read \(name)", result)
            }
        }
    }

    /// The same on a kernel that has no batches for this kind of map.
    private func forEachByKey(_ body: (Key, UnsafeBufferPointer<Value>) -> Void) throws(ProbeError) {
        var last: Key?
        while true {
            let next: Key? = withUnsafeTemporaryAllocation(of: Key.self, capacity: 1) { next in
                let result: Int32
                if let last {
                    result = withUnsafeBytes(of: last) {
                        bpf_map_get_next_key(fileDescriptor, $0.baseAddress, next.baseAddress)
                    }
                } else {
                    result = bpf_map_get_next_key(fileDescriptor, nil, next.baseAddress)
                }
                return result == 0 ? next[0] : nil
            }
            guard let next else { return }
            withUnsafeTemporaryAllocation(of: Value.self, capacity: copies) { values in
                let result = withUnsafeBytes(of: next) {
                    bpf_map_lookup_elem(fileDescriptor, $0.baseAddress, values.baseAddress)
                }
                if result == 0 { body(next, UnsafeBufferPointer(values)) }
            }
            last = next
        }
    }
}
