import Events

/// A value of a YAML file that knows where it stands, read strictly.
package struct YAMLValue {
    let node: YAMLNode
    package let file: String

    /// The documents of a stream.
    package static func documents(
        _ bytes: [UInt8], file: String, deepest: Int = YAMLParser.deepest
    ) throws(FileRefusal) -> [YAMLValue] {
        // A byte order mark is no part of the text.
        let bytes = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? Array(bytes.dropFirst(3)) : bytes
        if let place = firstInvalid(bytes) {
            throw FileRefusal(
                file: file, line: place.line, column: place.column, reason: "is not UTF-8; save it as UTF-8")
        }
        return try YAMLParser.documents(bytes, file: file, deepest: deepest).map { YAMLValue(node: $0, file: file) }
    }

    package func refusal(_ reason: String) -> FileRefusal {
        FileRefusal(file: file, line: node.line, column: node.column, reason: reason)
    }

    package var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = node.content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    package var isSequence: Bool {
        if case .sequence = node.content { return true }
        return false
    }

    /// The values by key, in the order of the file; a key that is not in `keys` is refused.
    package func mapping(_ what: String, keys: [String]) throws(FileRefusal) -> Fields {
        guard case .mapping(let pairs) = node.content else {
            throw refusal("\(what) must be a mapping of keys to values, not \(kind)")
        }
        try checkTag(["map"])
        var fields = Fields()
        for (key, value) in pairs {
            var keyValue: YAMLValue { YAMLValue(node: key, file: file) }
            guard case .scalar(let name, _) = key.content else { throw keyValue.refusal("a key must be a word") }
            guard let known = keys.first(where: { $0 == name }) else {
                throw keyValue.unknown("key", name, in: what, known: keys)
            }
            guard fields[known] == nil else { throw keyValue.refusal("key \(known) given twice") }
            fields.pairs.append((known, YAMLValue(node: value, file: file)))
        }
        return fields
    }

    /// The value of a key, whatever other keys there are.
    func value(of name: String) -> YAMLValue? {
        guard case .mapping(let pairs) = node.content else { return nil }
        let pair = pairs.first { if case .scalar(name, _) = $0.key.content { true } else { false } }
        return pair.map { YAMLValue(node: $0.value, file: file) }
    }

    /// The value of a key where there is no other.
    func loneValue(of name: String) -> YAMLValue? {
        guard case .mapping(let pairs) = node.content, pairs.count == 1 else { return nil }
        return value(of: name)
    }

    /// A handful of values by key: looking through all is faster than a table would be.
    package struct Fields: Sequence {
        fileprivate var pairs: [(name: String, value: YAMLValue)] = []

        package subscript(name: String) -> YAMLValue? { pairs.first { $0.name == name }?.value }
        var withoutNulls: Fields { Fields(pairs: pairs.filter { !$0.value.isNull }) }
        package func makeIterator() -> IndexingIterator<[(name: String, value: YAMLValue)]> { pairs.makeIterator() }
    }

    package func sequence(_ what: String) throws(FileRefusal) -> [YAMLValue] {
        guard case .sequence(let items) = node.content else { throw refusal("\(what) must be a list, not \(kind)") }
        try checkTag(["seq"])
        return items.map { YAMLValue(node: $0, file: file) }
    }

    /// The values of a mapping whose keys are anybody's.
    package func members(_ what: String) throws(FileRefusal) -> [(key: String, value: YAMLValue)] {
        guard case .mapping(let pairs) = node.content else {
            throw refusal("\(what) must be a mapping of keys to values, not \(kind)")
        }
        var members: [(key: String, value: YAMLValue)] = []
        for (key, value) in pairs {
            guard case .scalar(let name, _) = key.content else {
                throw YAMLValue(node: key, file: file).refusal("a key must be a word")
            }
            members.append((name, YAMLValue(node: value, file: file)))
        }
        return members
    }

    /// One text, or a list of them.
    package func texts(_ what: String) throws(FileRefusal) -> [String] {
        guard isSequence else { return [try text(what)] }
        var texts: [String] = []
        for value in try sequence(what) { texts.append(try value.text(what)) }
        return texts
    }

    /// Text, quoted or plain; what reads as a number, a truth value or nothing must be quoted to be one.
    package func text(_ what: String, numbersToo: Bool = false) throws(FileRefusal) -> String {
        let (text, isPlain) = try scalar(what)
        // Most texts are paths, which look like nothing else.
        guard isPlain, text.utf8.first != Glob.slash else { return text }
        if isNull { throw refusal("\(what) must be text, not nothing") }
        if numbersToo { return text }
        if ["true", "false", "yes", "no", "on", "off"].contains(text.lowercased()) {
            throw refusal("\(what) must be text, not a truth value; quote it if it is meant")
        }
        if Double(text) != nil { throw refusal("\(what) must be text, not a number; quote it if it is meant") }
        return text
    }

    package func integer(_ what: String, in range: ClosedRange<Int>) throws(FileRefusal) -> Int {
        let (text, isPlain) = try scalar(what)
        guard isPlain, let number = Int(text), range.contains(number) else {
            throw refusal(
                "\(what) must be a whole number from \(range.lowerBound) to \(range.upperBound), not \(shown(text))")
        }
        return number
    }

    func fraction(_ what: String) throws(FileRefusal) -> Double {
        let (text, isPlain) = try scalar(what)
        guard isPlain, let number = Double(text), (0...1).contains(number) else {
            throw refusal("\(what) must be a number from 0 to 1, not \(shown(text))")
        }
        return number
    }

    /// `true` or `false`.
    package func flag(_ what: String) throws(FileRefusal) -> Bool {
        let (text, isPlain) = try scalar(what)
        switch text {
        case "true" where isPlain: return true
        case "false" where isPlain: return false
        default: throw refusal("\(what) must be true or false, not \(shown(text))")
        }
    }

    /// Seconds of a length of time as in `10m`.
    package func seconds(_ what: String, atMost: Double) throws(FileRefusal) -> Double {
        let text = try scalar(what).text
        guard let seconds = TimeSpan.seconds(text) else {
            throw refusal("\(what) must be a time as in 30s, 10m or 2h, not \(shown(text))")
        }
        guard seconds <= atMost else {
            throw refusal("\(what) may be \(TimeSpan.text(atMost)) at the most, not \(shown(text))")
        }
        return seconds
    }

    /// That a word is none of those that are known; the one that is meant, where that can be guessed.
    package func unknown(
        _ sort: String, _ name: String, in what: String? = nil, known: [String]
    ) -> FileRefusal {
        let hint = closest(name, known).map { "; is \($0) meant?" } ?? " (known: \(known.joined(separator: ", ")))"
        return refusal("unknown \(sort) \(shown(name))\(what.map { " in \($0)" } ?? "")\(hint)")
    }

    func time(_ what: String) throws(FileRefusal) -> Int64 {
        let text = try scalar(what).text
        guard let time = Timestamp.nanoseconds(text) else {
            throw refusal("\(what) must be a time as in 2026-11-20T09:00:00Z, not \(shown(text))")
        }
        return time
    }

    /// `443`, or a range as `32768-60999`.
    func ports(_ what: String) throws(FileRefusal) -> ClosedRange<UInt16> {
        let text = try scalar(what).text
        let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = parts.map { part in part.utf8.allSatisfy { (48...57).contains($0) } ? UInt16(part) : nil }
        guard let low = numbers[0], let high = numbers[numbers.count - 1], low <= high else {
            throw refusal(
                "\(what) must be a port from 0 to 65535 or a range of them as in 32768-60999, not \(shown(text))")
        }
        return low...high
    }

    package func scalar(_ what: String) throws(FileRefusal) -> (text: String, isPlain: Bool) {
        guard case .scalar(let text, let isPlain) = node.content else {
            throw refusal("\(what) must be a single value, not \(kind)")
        }
        try checkTag(["str", "int", "float", "bool", "null", "timestamp"])
        return (text, isPlain)
    }

    /// `!` says that a value is what it looks like.
    private func checkTag(_ known: @autoclosure () -> [String]) throws(FileRefusal) {
        guard let tag = node.tag, tag != "!" else { return }
        guard known().contains(where: { tag == "tag:yaml.org,2002:" + $0 }) else {
            throw refusal("the tag \(shown(tag)) is not known")
        }
    }

    private var kind: String {
        switch node.content {
        case .scalar: isNull ? "nothing" : "a single value"
        case .mapping: "a mapping"
        case .sequence: "a list"
        }
    }

    private func closest(_ name: String, _ keys: [String]) -> String? {
        keys.map { ($0, distance(name, $0)) }.filter { $0.1 <= 2 && $0.1 < $0.0.count }.min { $0.1 < $1.1 }?.0
    }

    /// Edits from one word to the other, of words short enough to be typing errors.
    private func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left.utf8.prefix(32)), Array(right.utf8))
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var previous = row[0]
            row[0] = i + 1
            for (j, b) in right.enumerated() {
                (previous, row[j + 1]) = (row[j + 1], min(row[j + 1] + 1, row[j] + 1, previous + (a == b ? 0 : 1)))
            }
        }
        return row[right.count]
    }
}

/// A word of a file in a message: short, and in quotes.
func shown(_ text: String) -> String {
    let scalars = text.unicodeScalars
    return "\"" + String(String.UnicodeScalarView(scalars.prefix(80))) + (scalars.count > 80 ? "..." : "") + "\""
}

/// Line and column, from 1, of the first byte that is not UTF-8.
private func firstInvalid(_ bytes: [UInt8]) -> (line: Int, column: Int)? {
    if String(validating: bytes, as: UTF8.self) != nil { return nil }
    var parser = UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var position = 0
    while case .valid(let scalar) = parser.parseScalar(from: &iterator) { position += scalar.count }
    return TextPlace.of(position, in: bytes)
}
