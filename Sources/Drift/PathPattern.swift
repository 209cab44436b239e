/// A glob over absolute paths: `*` within one segment, `**` as a whole segment for any number of them.
struct PathPattern: Sendable {
    private let segments: [[UInt8]]
    private static let any = Array("**".utf8)

    init(_ text: String) {
        segments = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: true).map(Array.init)
    }

    func matches(_ path: Path) -> Bool {
        // The last segment tells most paths apart; see it before anything else.
        if let last = segments.last, last != Self.any {
            guard let name = path.segments.last, Self.segment(last[...], path.bytes[name]) else { return false }
        }
        return Self.match(segments[...], path.segments[...], path.bytes)
    }

    /// A path cut at its slashes once, for many patterns.
    struct Path {
        let bytes: [UInt8]
        let segments: [Range<Int>]

        init(_ text: String) {
            bytes = Array(text.utf8)
            var segments: [Range<Int>] = []
            var start = 0
            for (index, byte) in bytes.enumerated() where byte == 0x2f {
                if index > start { segments.append(start..<index) }
                start = index + 1
            }
            if start < bytes.count { segments.append(start..<bytes.count) }
            self.segments = segments
        }
    }

    private static func match(
        _ pattern: ArraySlice<[UInt8]>, _ path: ArraySlice<Range<Int>>, _ bytes: [UInt8]
    ) -> Bool {
        var pattern = pattern
        var path = path
        while let head = pattern.first {
            if head == any {
                let rest = pattern.dropFirst()
                if rest.isEmpty { return true }
                // The tables hold at most two `**` in a row of segments: this cannot blow up.
                var tail = path
                while true {
                    if match(rest, tail, bytes) { return true }
                    if tail.isEmpty { return false }
                    tail = tail.dropFirst()
                }
            }
            guard let name = path.first, segment(head[...], bytes[name]) else { return false }
            pattern = pattern.dropFirst()
            path = path.dropFirst()
        }
        return path.isEmpty
    }

    /// One segment against a pattern with `*`; linear, with one step back to the last star.
    private static func segment(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        var p = pattern.startIndex
        var t = text.startIndex
        var star = -1
        var resume = t
        while t < text.endIndex {
            if p < pattern.endIndex, pattern[p] == UInt8(ascii: "*") {
                star = p
                resume = t
                p += 1
            } else if p < pattern.endIndex, pattern[p] == text[t] {
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
        while p < pattern.endIndex, pattern[p] == UInt8(ascii: "*") { p += 1 }
        return p == pattern.endIndex
    }
}
