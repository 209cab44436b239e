import Foundation

/// Look-ups in a bbolt database, where podman 4 keeps labels and containerd the names and digests of images.
///
/// It takes no lock: a writer never touches pages of the last two versions, and what is torn all the same fails a bound
/// and reads as nothing. Format: go.etcd.io/bbolt, page.go, bucket.go, db.go.
final class Bolt {
    private let file: Int32
    private let size: UInt64
    private var pageSize = 4096
    private var root: UInt64 = 0

    private static let magic: UInt32 = 0xED0C_DAED
    private static let leaf: UInt16 = 2
    private static let branch: UInt16 = 1
    /// Deepest tree: 2^32 pages of at least two keys.
    private static let depthLimit = 32
    /// Of one bucket: a tree that is none, but leads back to itself, has no end.
    private static let pageLimit = 1024
    /// Largest value: 4 MiB.
    private static let overflowLimit: UInt32 = 1023

    /// Nil where there is no such database.
    init?(path: String) {
        file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        var status = stat()
        guard file >= 0, fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        size = UInt64(status.st_size)
        var newest: UInt64 = 0
        var found = false
        // Two copies of the header, at the start of the first two pages; the second's place depends on the page size.
        for offset in [0, 4096, 8192, 16384, 65536] {
            guard let bytes = read(at: UInt64(offset), count: 80), bytes.u32(16) == Self.magic, bytes.u32(20) == 2,
                let size = bytes.u32(24), (512...65536).contains(size), let top = bytes.u64(32),
                let transaction = bytes.u64(64), let sum = bytes.u64(72), sum == Self.checksum(bytes[16..<72]),
                !found || transaction > newest
            else { continue }
            (found, newest, root, pageSize) = (true, transaction, top, Int(size))
        }
        guard found else { return nil }
    }

    deinit { if file >= 0 { close(file) } }

    /// FNV-1a, 64 bits.
    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    private func read(at offset: UInt64, count: Int) -> [UInt8]? {
        // What a page says of its own length is believed only as far as the file goes.
        guard offset < size, count <= size - offset else { return nil }
        var bytes = [UInt8](repeating: 0, count: count)
        return pread(file, &bytes, count, off_t(offset)) == count ? bytes : nil
    }

    private func page(_ number: UInt64) -> [UInt8]? {
        guard number < 1 << 32, let head = read(at: number * UInt64(pageSize), count: 16), let overflow = head.u32(12),
            overflow <= Self.overflowLimit
        else { return nil }
        return read(at: number * UInt64(pageSize), count: (Int(overflow) + 1) * pageSize)
    }

    private enum Place {
        case page(UInt64)
        case inline([UInt8])
    }

    /// The value of the last key, in the buckets of those before it.
    func value(_ path: [String]) -> [UInt8]? {
        guard let last = path.last, let bucket = bucket(path.dropLast()) else { return nil }
        guard let found = find(Array(last.utf8), in: bucket), !found.isBucket else { return nil }
        return found.value
    }

    func text(_ path: [String]) -> String? { value(path).map { String(decoding: $0, as: UTF8.self) } }

    /// All plain keys of a bucket, at most 1024.
    func texts(_ path: [String]) -> [String: String] {
        guard let bucket = bucket(path[...]) else { return [:] }
        var found: [String: String] = [:]
        var pages = Self.pageLimit
        visit(bucket, depth: 0, &pages) { key, value, isBucket in
            if !isBucket { found[String(decoding: key, as: UTF8.self)] = String(decoding: value, as: UTF8.self) }
            return found.count < 1024
        }
        return found
    }

    private func bucket(_ path: ArraySlice<String>) -> Place? {
        var place = Place.page(root)
        for name in path {
            guard let found = find(Array(name.utf8), in: place), found.isBucket, let top = found.value.u64(0) else {
                return nil
            }
            place = top == 0 ? .inline(Array(found.value.dropFirst(16))) : .page(top)
        }
        return place
    }

    private func bytes(_ place: Place) -> [UInt8]? {
        switch place {
        case .page(let number): page(number)
        case .inline(let bytes): bytes
        }
    }

    private func find(_ key: [UInt8], in start: Place) -> (value: [UInt8], isBucket: Bool)? {
        var place = start
        for _ in 0..<Self.depthLimit {
            guard let bytes = bytes(place), let flags = bytes.u16(8), let count = bytes.u16(10) else { return nil }
            if flags & Self.leaf != 0 {
                for index in 0..<Int(count) {
                    guard let element = Leaf(bytes, index) else { return nil }
                    if element.key.elementsEqual(key) { return (Array(element.value), element.isBucket) }
                }
                return nil
            }
            guard flags & Self.branch != 0 else { return nil }
            var next: UInt64?
            for index in 0..<Int(count) {
                guard let element = branch(bytes, index) else { return nil }
                // The last child whose first key is not behind the wanted one.
                if index > 0, key.lexicographicallyPrecedes(element.key) { break }
                next = element.page
            }
            guard let next else { return nil }
            place = .page(next)
        }
        return nil
    }

    @discardableResult
    private func visit(
        _ place: Place, depth: Int, _ pages: inout Int, _ body: (ArraySlice<UInt8>, ArraySlice<UInt8>, Bool) -> Bool
    ) -> Bool {
        pages -= 1
        guard depth < Self.depthLimit, pages >= 0, let bytes = bytes(place), let flags = bytes.u16(8),
            let count = bytes.u16(10)
        else { return false }
        for index in 0..<Int(count) {
            if flags & Self.leaf != 0 {
                guard let element = Leaf(bytes, index), body(element.key, element.value, element.isBucket) else {
                    return false
                }
            } else {
                guard flags & Self.branch != 0, let element = branch(bytes, index),
                    visit(.page(element.page), depth: depth + 1, &pages, body)
                else { return false }
            }
        }
        return true
    }

    private struct Leaf {
        var key: ArraySlice<UInt8>
        var value: ArraySlice<UInt8>
        var isBucket: Bool

        init?(_ bytes: [UInt8], _ index: Int) {
            let at = 16 + index * 16
            guard let flags = bytes.u32(at), let position = bytes.u32(at + 4), let keySize = bytes.u32(at + 8),
                let valueSize = bytes.u32(at + 12), at + Int(position) + Int(keySize) + Int(valueSize) <= bytes.count
            else { return nil }
            let start = at + Int(position)
            key = bytes[start..<start + Int(keySize)]
            value = bytes[start + Int(keySize)..<start + Int(keySize) + Int(valueSize)]
            isBucket = flags & 1 != 0
        }
    }

    private func branch(_ bytes: [UInt8], _ index: Int) -> (key: ArraySlice<UInt8>, page: UInt64)? {
        let at = 16 + index * 16
        guard let position = bytes.u32(at), let keySize = bytes.u32(at + 4), let page = bytes.u64(at + 8),
            at + Int(position) + Int(keySize) <= bytes.count
        else { return nil }
        return (bytes[at + Int(position)..<at + Int(position) + Int(keySize)], page)
    }
}

/// Little-endian numbers, as bbolt writes them on the machines it is made for; nil beyond the end.
extension [UInt8] {
    fileprivate func u16(_ at: Int) -> UInt16? { number(at, 2).map { UInt16($0) } }
    fileprivate func u32(_ at: Int) -> UInt32? { number(at, 4).map { UInt32($0) } }
    fileprivate func u64(_ at: Int) -> UInt64? { number(at, 8) }

    private func number(_ at: Int, _ size: Int) -> UInt64? {
        guard at >= 0, at + size <= count else { return nil }
        return self[at..<at + size].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
