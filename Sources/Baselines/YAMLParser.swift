// Yams brings libyaml, whose events are all that is needed, and tell anchors and depth as they come.
internal import CYaml
internal import Yams

/// A node of a YAML text, and where it stands.
struct YAMLNode {
    enum Content {
        /// Plain: without quotes, so that it may stand for a number or for nothing.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        case mapping([(key: YAMLNode, value: YAMLNode)])
    }
    var content: Content
    /// As it is written out; nil where the text has none.
    var tag: String?
    /// From 1.
    var line: Int
    var column: Int
}

/// Reads the documents of a YAML text. What would make a small text a large load is refused: aliases, deep nesting.
package struct YAMLParser: ~Copyable {
    /// Far below what exhausts the stack, far above the four levels of a baseline.
    package static let deepest = 32

    private let file: String
    private let deepest: Int
    private let bytes: UnsafeBufferPointer<UInt8>
    /// libyaml keeps pointers into it, so it has one place until it is deleted.
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private var depth = 0

    static func documents(
        _ bytes: [UInt8], file: String, deepest: Int
    ) throws(FileRefusal) -> [YAMLNode] {
        var result: Result<[YAMLNode], FileRefusal> = .success([])
        bytes.withUnsafeBufferPointer { bytes in
            var parser = YAMLParser(bytes, file: file, deepest: deepest)
            do throws(FileRefusal) {
                result = .success(try parser.stream())
            } catch {
                result = .failure(error)
            }
        }
        return try result.get()
    }

    /// The bytes must stay where they are.
    private init(_ bytes: UnsafeBufferPointer<UInt8>, file: String, deepest: Int) {
        self.file = file
        self.deepest = deepest
        self.bytes = bytes
        parser = .allocate(capacity: 1)
        // Fails only without memory, and then so does everything.
        precondition(yaml_parser_initialize(parser) == 1)
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    private mutating func stream() throws(FileRefusal) -> [YAMLNode] {
        var documents: [YAMLNode] = []
        while true {
            var event = try next()
            defer { yaml_event_delete(&event) }
            switch event.type {
            case YAML_STREAM_END_EVENT: return documents
            case YAML_STREAM_START_EVENT, YAML_DOCUMENT_START_EVENT, YAML_DOCUMENT_END_EVENT: continue
            default: documents.append(try node(event)!)
            }
        }
    }

    /// The node that an event begins; nil where it ends what holds it.
    private mutating func node(_ event: yaml_event_t) throws(FileRefusal) -> YAMLNode? {
        let line = event.start_mark.line + 1
        let column = event.start_mark.column + 1
        func refusal(_ reason: String) -> FileRefusal {
            FileRefusal(file: file, line: line, column: column, reason: reason)
        }
        func made(_ content: YAMLNode.Content, _ tag: UnsafeMutablePointer<yaml_char_t>?) -> YAMLNode {
            YAMLNode(content: content, tag: tag.map { String(cString: $0) }, line: line, column: column)
        }
        func checkAnchor(_ anchor: UnsafeMutablePointer<yaml_char_t>?) throws(FileRefusal) {
            if anchor != nil { throw refusal("anchors are not taken; write the value out") }
        }
        switch event.type {
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            try checkAnchor(scalar.anchor)
            let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            return made(.scalar(text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE), scalar.tag)
        case YAML_SEQUENCE_START_EVENT:
            try checkAnchor(event.data.sequence_start.anchor)
            try enter(line, column)
            var items: [YAMLNode] = []
            while let item = try child() { items.append(item) }
            depth -= 1
            return made(.sequence(items), event.data.sequence_start.tag)
        case YAML_MAPPING_START_EVENT:
            try checkAnchor(event.data.mapping_start.anchor)
            try enter(line, column)
            var pairs: [(key: YAMLNode, value: YAMLNode)] = []
            while let key = try child() {
                guard let value = try child() else { break }
                pairs.append((key, value))
            }
            depth -= 1
            return made(.mapping(pairs), event.data.mapping_start.tag)
        case YAML_ALIAS_EVENT: throw refusal(Self.star)
        default: return nil
        }
    }

    private mutating func child() throws(FileRefusal) -> YAMLNode? {
        var event = try next()
        defer { yaml_event_delete(&event) }
        return try node(event)
    }

    private mutating func enter(_ line: Int, _ column: Int) throws(FileRefusal) {
        depth += 1
        guard depth <= deepest else {
            throw FileRefusal(file: file, line: line, column: column, reason: tooDeep)
        }
    }

    private var tooDeep: String { "nested deeper than \(deepest) levels" }
    private static let star = "a value that begins with * must be quoted (as it stands it would be an alias)"

    /// The caller deletes it.
    private func next() throws(FileRefusal) -> yaml_event_t {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
        return event
    }

    private func failure() -> FileRefusal {
        let failed = parser.pointee
        let problem = failed.problem.map { String(cString: $0) } ?? "the text ends too early"
        func refusal(_ place: (line: Int, column: Int), _ reason: String) -> FileRefusal {
            FileRefusal(file: file, line: place.line, column: place.column, reason: reason)
        }
        if failed.error == YAML_READER_ERROR {
            return refusal(TextPlace.of(failed.problem_offset, in: bytes), "is not YAML: \(problem)")
        }
        let place = (failed.problem_mark.line + 1, failed.problem_mark.column + 1)
        // The scanner looks ahead and stops before the parser comes to a lone star, or to the thousandth bracket.
        if failed.context.map({ String(cString: $0) }) == "while scanning an alias" { return refusal(place, Self.star) }
        if problem.hasPrefix("Maximum nesting level") { return refusal(place, tooDeep) }
        return refusal(place, "is not YAML: \(problem)")
    }
}

enum TextPlace {
    /// Line and column, from 1, of a byte.
    static func of(_ offset: Int, in bytes: some RandomAccessCollection<UInt8>) -> (line: Int, column: Int) {
        let newline = UInt8(ascii: "\n")
        let before = bytes.prefix(offset)
        let column =
            before.count
            - (before.lastIndex(of: newline).map { before.distance(from: before.startIndex, to: $0) + 1 } ?? 0) + 1
        return (before.count { $0 == newline } + 1, column)
    }
}
