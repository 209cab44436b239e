import CEvents

/// The parts of variable length that follow a record's fixed part.
struct Sections {
    var executable = ResolvedPath("")
    var parentExecutable = ResolvedPath("")
    var workingDirectory = ResolvedPath("")
    var file = ResolvedPath("")
    var filename = ""
    var interpreter: String?
    var arguments: [String] = []
    var cgroupPath = ""
    var unixName: String?
    var lineage = Lineage()
    var answer: [UInt8] = []
    /// ECS names.
    var truncated: [String] = []
    var lossy: [String] = []

    init(_ bytes: RawSpan, after start: Int, paths: inout PathCache) throws(DecodeError) {
        var offset = start
        while offset < bytes.byteCount {
            let head = try load(bytes, at: offset, as: section.self)
            offset += MemoryLayout<section>.size
            let length = Int(head.length)
            guard length <= bytes.byteCount - offset else { throw .short }
            add(head, bytes.extracting(offset..<offset + length), &paths)
            offset += (length + 7) & ~7
        }
    }

    private mutating func add(_ head: section, _ bytes: RawSpan, _ paths: inout PathCache) {
        let field = section_field(rawValue: head.field)
        switch field {
        case FIELD_EXECUTABLE: executable = path(head, bytes, "process.executable", &paths)
        case FIELD_PARENT_EXECUTABLE: parentExecutable = path(head, bytes, "process.parent.executable", &paths)
        case FIELD_WORKING_DIRECTORY: workingDirectory = path(head, bytes, "process.working_directory", &paths)
        case FIELD_FILE:
            let (text, isLossy) = decodePath(bytes, detached: head.flags & SECTION_DETACHED.rawValue != 0)
            note(head, isLossy, "file.path")
            file = ResolvedPath(text, flags: ResolvedPath.Flags(rawValue: head.flags))
        case FIELD_FILENAME: filename = string(head, bytes, "driftwatch.exec.filename")
        case FIELD_INTERPRETER: interpreter = string(head, bytes, "driftwatch.exec.interpreter")
        case FIELD_CGROUP_PATH: cgroupPath = string(head, bytes, "driftwatch.cgroup.path")
        case FIELD_UNIX_NAME: unixName = string(head, bytes, "destination.address")
        case FIELD_ANSWER: answer = bytes.withUnsafeBytes(Array.init)
        case FIELD_ARGUMENTS:
            var isLossy = false
            arguments = words(bytes).map { word in
                let (text, lossy) = decodeText(word)
                isLossy = isLossy || lossy
                return text
            }
            note(head, isLossy, "process.args")
        case FIELD_ANCESTORS: lineage.ancestors = ancestors(bytes)
        case FIELD_LOGIN:
            guard let login = try? load(bytes, at: 0, as: login.self) else { return }
            lineage.login.uid = login.uid == .max ? nil : login.uid
            lineage.login.session = login.session == .max ? nil : login.session
        case FIELD_TERMINAL: lineage.login.terminal = terminal(decodeText(bytes).text)
        default: break
        }
    }

    /// A last one that is not whole is left out.
    private func ancestors(_ bytes: RawSpan) -> [Lineage.Ancestor] {
        stride(from: 0, to: bytes.byteCount, by: MemoryLayout<ancestor>.size).compactMap { offset in
            (try? load(bytes, at: offset, as: ancestor.self)).map {
                Lineage.Ancestor(process: ProcessName($0.process), exec: $0.exec, cgroup: $0.cgroup)
            }
        }
    }

    /// The kernel's name of a terminal lacks the slash that its name in /dev has.
    private func terminal(_ name: String) -> String {
        name.hasPrefix("pts") ? "pts/" + name.dropFirst(3) : name
    }

    /// The same sections where the file is known under another name than `file.path`.
    func naming(file name: String) -> Sections {
        var copy = self
        copy.truncated = truncated.map { $0 == "file.path" ? name : $0 }
        copy.lossy = lossy.map { $0 == "file.path" ? name : $0 }
        return copy
    }

    private mutating func note(_ head: section, _ isLossy: Bool, _ name: String) {
        if head.flags & SECTION_TRUNCATED.rawValue != 0 { truncated.append(name) }
        if isLossy { lossy.append(name) }
    }

    private mutating func path(
        _ head: section, _ bytes: RawSpan, _ name: String, _ paths: inout PathCache
    ) -> ResolvedPath {
        let (text, isLossy) = paths.path(bytes, detached: head.flags & SECTION_DETACHED.rawValue != 0)
        note(head, isLossy, name)
        return ResolvedPath(text, flags: ResolvedPath.Flags(rawValue: head.flags))
    }

    private mutating func string(_ head: section, _ bytes: RawSpan, _ name: String) -> String {
        let (text, isLossy) = decodeText(bytes)
        note(head, isLossy, name)
        return text
    }
}

/// The words of a buffer in which each is followed by a NUL; a last one without it counts.
private func words(_ bytes: RawSpan) -> [[UInt8]] {
    bytes.withUnsafeBytes { buffer in
        var words = buffer.split(separator: 0, omittingEmptySubsequences: false).map(Array.init)
        if words.last?.isEmpty == true { words.removeLast() }
        return words
    }
}

/// Text as UTF-8, or as Latin-1 byte by byte where a byte is not UTF-8.
func decodeText(_ bytes: RawSpan) -> (text: String, isLossy: Bool) {
    bytes.withUnsafeBytes { decodeText(Array($0)) }
}

/// The same of bytes that came another way, so that one name has one text.
package func decodeText(_ bytes: [UInt8]) -> (text: String, isLossy: Bool) {
    if let text = String(validating: bytes, as: UTF8.self) { return (text, false) }
    // Whole characters stay what they are; only the bytes that belong to none become U+00XX.
    var text = ""
    var decoder = UTF8.ForwardParser()
    var rest = bytes.makeIterator()
    var position = 0
    loop: while true {
        switch decoder.parseScalar(from: &rest) {
        case .valid(let encoded):
            text.unicodeScalars.append(UTF8.decode(encoded))
            position += encoded.count
        case .error(let length):
            for byte in bytes[position..<min(position + length, bytes.count)] {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            }
            position += length
        case .emptyInput: break loop
        }
    }
    return (text, true)
}

/// A path of components from the last to the first, as text.
func decodePath(_ bytes: RawSpan, detached: Bool) -> (text: String, isLossy: Bool) {
    let components = words(bytes)
    if components.isEmpty { return ("/", false) }
    var joined: [UInt8] = []
    joined.reserveCapacity(bytes.byteCount + 1)
    for component in components.reversed() {
        joined.append(UInt8(ascii: "/"))
        joined += component
    }
    // memfd:NAME, anon_inode:[...]: what hangs on no tree has a name, not a place.
    let isName = detached && components.count == 1 && components[0].contains(UInt8(ascii: ":"))
    return decodeText(isName ? Array(joined.dropFirst()) : joined)
}

/// Remembers the text of paths that come again and again, by their bytes.
struct PathCache {
    private struct Entry {
        var bytes: [UInt8]
        var detached: Bool
        var text: String
        var isLossy: Bool
    }
    /// Direct mapped: an entry lasts until another path wants its place. 256 holds the programs of a busy node.
    private var entries = [Entry?](repeating: nil, count: 256)

    mutating func path(_ bytes: RawSpan, detached: Bool) -> (text: String, isLossy: Bool) {
        let place = Int(truncatingIfNeeded: Self.hash(bytes) & 255)
        if let entry = entries[place], entry.detached == detached, Self.equal(entry.bytes, bytes) {
            return (entry.text, entry.isLossy)
        }
        let (text, isLossy) = decodePath(bytes, detached: detached)
        entries[place] = Entry(
            bytes: bytes.withUnsafeBytes(Array.init), detached: detached, text: text, isLossy: isLossy)
        return (text, isLossy)
    }

    /// FNV-1a; places only, a collision costs a decoding.
    private static func hash(_ bytes: RawSpan) -> UInt64 {
        bytes.withUnsafeBytes { $0.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 } }
    }

    private static func equal(_ stored: [UInt8], _ bytes: RawSpan) -> Bool {
        bytes.withUnsafeBytes { $0.elementsEqual(stored) }
    }
}
