import Foundation

/// Read-only view of a parsed document; a member that is absent or of another type reads as nil.
package struct JSON {
    private let value: Any?

    /// Nesting allowed in a document: state of the runtimes stays under 12.
    static let depthLimit = 64

    package init(_ value: Any?) { self.value = value }

    /// Nil for what is no JSON, or nested deeper than `depthLimit`.
    package init?(bytes: [UInt8]) {
        guard Self.depth(of: bytes) <= Self.depthLimit,
            let value = try? JSONSerialization.jsonObject(with: Data(bytes), options: [.fragmentsAllowed])
        else { return nil }
        self.value = value
    }

    package subscript(key: String) -> JSON { JSON((value as? [String: Any])?[key]) }

    /// Longer texts are nobody's name: a path, an id or a label that is looked at is shorter.
    static let longestString = 4096

    package var string: String? { text.flatMap { Self.isUsable($0) ? $0 : nil } }
    /// However long; for documents within a document.
    var text: String? { value as? String }
    package var integer: Int? { (value as? NSNumber)?.intValue }
    /// Also of a number that was written as a string.
    var double: Double? { (value as? NSNumber)?.doubleValue ?? string.flatMap(Double.init) }
    /// Whether a member is there, of whatever type.
    package func has(_ key: String) -> Bool { (value as? [String: Any])?[key] != nil }
    package var array: [JSON] { (value as? [Any])?.map(JSON.init) ?? [] }
    var members: [String: JSON] { (value as? [String: Any])?.mapValues(JSON.init) ?? [:] }
    package var strings: [String: String] {
        (value as? [String: Any])?.compactMapValues { $0 as? String } ?? [:]
    }

    /// Those of a list's strings that are asked for.
    package func words(of wanted: Set<String>) -> Set<String> {
        wanted.isEmpty ? [] : wanted.intersection(array.compactMap(\.text))
    }

    private static func isUsable(_ text: String) -> Bool { !text.isEmpty && text.utf8.count <= longestString }

    /// The parser recurses: the depth is counted before it starts.
    private static func depth(of bytes: [UInt8]) -> Int {
        var depth = 0
        var deepest = 0
        var quoted = false
        var escaped = false
        for byte in bytes {
            if quoted {
                if escaped {
                    escaped = false
                } else if byte == UInt8(ascii: "\\") {
                    escaped = true
                } else if byte == UInt8(ascii: "\"") {
                    quoted = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): quoted = true
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                deepest = max(deepest, depth)
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
        }
        return deepest
    }
}

/// Parsed state files, each read again only after it changed; a broken one is told once per change.
final class StateFiles {
    private struct Cached {
        var stamp: Files.Stamp
        var document: JSON?
    }
    private var cached: [String: Cached] = [:]
    /// Of the files whose documents are kept.
    private(set) var keptBytes = 0
    private var warned: Set<String> = []
    private let warn: (String) -> Void
    /// Documents parsed since those of containers that are gone were let go of.
    private var parsed = 0
    /// Bytes that may still be read anew, and of what place.
    private var left = Int.max
    private var place = ""
    /// Documents kept; a node runs hundreds of containers with one or two files each.
    private static let capacity = 1024
    /// A document takes several times the space of its file.
    private static let byteCapacity = 16 << 20

    init(warn: @escaping (String) -> Void) { self.warn = warn }

    /// Within `body` no more than so many bytes are read anew: what is beyond is as if it were missing, and said.
    func reading<Result>(atMost bytes: Int, of place: String, _ body: () -> Result) -> Result {
        (left, self.place) = (bytes, place)
        defer { left = .max }
        return body()
    }

    /// Nil where the file is missing or broken.
    func json(_ path: String) -> JSON? {
        guard let stamp = Files.Stamp(path: path) else {
            forget(path)
            return nil
        }
        if let known = cached[path], known.stamp == stamp { return known.document }
        guard left >= Int(stamp.size) else {
            tell("\(place): more than is read at a time; the containers in it are known only by what else vouches for them")
            return nil
        }
        left -= Int(stamp.size)
        let document = parse(path)
        forget(path)
        parsed += 1
        if parsed >= Self.capacity / 4 { forgetMissing() }
        let size = document == nil ? 0 : Int(stamp.size)
        if cached.count >= Self.capacity || keptBytes + size > Self.byteCapacity {
            cached.removeAll(keepingCapacity: true)
            keptBytes = 0
        }
        cached[path] = Cached(stamp: stamp, document: document)
        keptBytes += size
        return document
    }

    /// Nobody asks again for the files of a container that is gone.
    private func forgetMissing() {
        parsed = 0
        for path in Array(cached.keys) where !Files.exists(path) { forget(path) }
    }

    private func forget(_ path: String) {
        guard let known = cached.removeValue(forKey: path), known.document != nil else { return }
        keptBytes -= Int(known.stamp.size)
    }

    private func parse(_ path: String) -> JSON? {
        do throws(Files.Failure) {
            guard let document = JSON(bytes: try Files.read(path)) else {
                // Runtimes rewrite in place: the next look, after the next change, may find it whole.
                tell(path, isNo: "JSON")
                return nil
            }
            return document
        } catch {
            if case .unusable(let reason) = error {
                tell("\(path): \(reason); the containers in it are known only by what else vouches for them")
            }
            return nil
        }
    }

    func tell(_ path: String, isNo kind: String) {
        tell("\(path): not readable as \(kind); the containers in it are known only by what else vouches for them")
    }

    func tell(_ message: String) {
        if warned.count < 1024, warned.insert(message).inserted { warn(message) }
    }
}
