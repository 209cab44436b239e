/// A glob over absolute paths: `*` within one segment, `**` as a whole segment for any number of them.
package struct PathPattern: Sendable {
    private let segments: [[UInt8]]
    private static let any = Array("**".utf8)

    package init(_ text: String) {
        segments = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: true).map(Array.init)
    }

    package func matches(_ path: Path) -> Bool {
        path.bytes.withUnsafeBufferPointer { bytes in
            // The last segment tells most paths apart; see it before anything else.
            if let last = segments.last, last != Self.any {
                guard let name = path.segments.last,
                    last.withUnsafeBufferPointer({ Self.segment($0, UnsafeBufferPointer(rebasing: bytes[name])) })
                else { return false }
            }
            return Self.match(segments[...], path.segments[...], bytes)
        }
    }

    /// Hash of the last segment without a star, which every path that matches must hold; nil: there is none.
    var anchor: UInt64? {
        segments.last { !$0.contains(UInt8(ascii: "*")) }.map { Path.hash($0[...]) }
    }

    /// A path cut at its slashes once, for many patterns.
    package struct Path {
        let bytes: [UInt8]
        let segments: [Range<Int>]
        /// Of each segment.
        let hashes: [UInt64]

        package init(_ text: String) {
            bytes = Array(text.utf8)
            var segments: [Range<Int>] = []
            var hashes: [UInt64] = []
            segments.reserveCapacity(12)
            hashes.reserveCapacity(12)
            var start = 0
            var hash = Self.seed
            bytes.withUnsafeBufferPointer { bytes in
                for index in 0...bytes.count {
                    if index < bytes.count, bytes[index] != 0x2f {
                        hash = Self.mix(hash, bytes[index])
                        continue
                    }
                    if index > start {
                        segments.append(start..<index)
                        hashes.append(hash)
                    }
                    start = index + 1
                    hash = Self.seed
                }
            }
            self.segments = segments
            self.hashes = hashes
        }

        static func hash(_ segment: ArraySlice<UInt8>) -> UInt64 { segment.reduce(seed, mix) }

        /// FNV-1a: a clash costs one comparison more, no wrong answer.
        private static let seed: UInt64 = 0xcbf2_9ce4_8422_2325
        private static func mix(_ hash: UInt64, _ byte: UInt8) -> UInt64 {
            (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
    }

    private static func match(
        _ pattern: ArraySlice<[UInt8]>, _ path: ArraySlice<Range<Int>>, _ bytes: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        var pattern = pattern
        var path = path
        while let head = pattern.first {
            if head == any {
                let rest = pattern.dropFirst()
                if rest.isEmpty { return true }
                // The table has at most two `**` in a pattern: this cannot blow up.
                var tail = path
                while true {
                    if match(rest, tail, bytes) { return true }
                    if tail.isEmpty { return false }
                    tail = tail.dropFirst()
                }
            }
            guard let name = path.first,
                head.withUnsafeBufferPointer({ segment($0, UnsafeBufferPointer(rebasing: bytes[name])) })
            else { return false }
            pattern = pattern.dropFirst()
            path = path.dropFirst()
        }
        return path.isEmpty
    }

    /// One segment against a pattern with `*`; one step back, to the last star.
    private static func segment(_ pattern: UnsafeBufferPointer<UInt8>, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var p = 0
        var t = 0
        var star = -1
        var resume = 0
        while t < text.count {
            if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
                star = p
                resume = t
                p += 1
            } else if p < pattern.count, pattern[p] == text[t] {
                p += 1
                t += 1
            } else if star >= 0 {
                p = star + 1
                resume += 1
                t = resume
            } else {
                return false
            }
        }
        while p < pattern.count, pattern[p] == UInt8(ascii: "*") { p += 1 }
        return p == pattern.count
    }
}
