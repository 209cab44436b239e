/// A SPIFFE ID, checked by the rules of the SPIFFE-ID standard, section 2.
package struct SPIFFEID: Sendable, Hashable, CustomStringConvertible {
    package let trustDomain: String
    /// Empty, or with a slash before each segment.
    package let path: String

    package init?(_ text: String) {
        guard text.utf8.count <= 2048, text.hasPrefix("spiffe://") else { return nil }
        let rest = text.dropFirst("spiffe://".utf8.count)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        self.init(trustDomain: String(rest[..<slash]), path: String(rest[slash...]))
    }

    init?(trustDomain: String, path: String) {
        let isDomain = trustDomain.utf8.allSatisfy { byte in
            (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte) || [0x2d, 0x2e, 0x5f].contains(byte)
        }
        guard !trustDomain.isEmpty, trustDomain.utf8.count <= 255, isDomain else { return nil }
        if !path.isEmpty {
            guard path.hasPrefix("/") else { return nil }
            let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
            for segment in segments {
                let isPlain = segment.utf8.allSatisfy { byte in
                    (0x61...0x7a).contains(byte) || (0x41...0x5a).contains(byte) || (0x30...0x39).contains(byte)
                        || [0x2d, 0x2e, 0x5f].contains(byte)
                }
                guard !segment.isEmpty, segment != ".", segment != "..", isPlain else { return nil }
            }
        }
        self.trustDomain = trustDomain
        self.path = path
    }

    package var description: String { "spiffe://\(trustDomain)\(path)" }
}
