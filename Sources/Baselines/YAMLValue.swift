import Events
import Yams

/// A node of a YAML file that knows where it stands, read strictly.
struct YAMLValue {
    let node: Node
    let file: String

    func refusal(_ reason: String) -> BaselineRefusal {
        BaselineRefusal(file: file, line: node.mark?.line, column: node.mark?.column, reason: reason)
    }

    var isNull: Bool {
        guard case .scalar(let scalar) = node else { return false }
        return scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    /// The values by key; a key that is not in `keys` is refused.
    func mapping(_ what: String, keys: [String]) throws(BaselineRefusal) -> [String: YAMLValue] {
        guard case .mapping(let mapping) = node else {
            throw refusal("\(what) must be a mapping of keys to values, not \(kind)")
        }
        var values: [String: YAMLValue] = [:]
        for (key, value) in mapping {
            let keyValue = YAMLValue(node: key, file: file)
            guard case .scalar(let name) = key else { throw keyValue.refusal("a key must be a word") }
            guard keys.contains(name.string) else {
                let hint =
                    closest(name.string, keys).map { "; is \($0) meant?" }
                    ?? " (known: \(keys.joined(separator: ", ")))"
                throw keyValue.refusal("unknown key \(shown(name.string)) in \(what)\(hint)")
            }
            guard values[name.string] == nil else { throw keyValue.refusal("key \(name.string) given twice") }
            values[name.string] = YAMLValue(node: value, file: file)
        }
        return values
    }

    func sequence(_ what: String) throws(BaselineRefusal) -> [YAMLValue] {
        guard case .sequence(let sequence) = node else { throw refusal("\(what) must be a list, not \(kind)") }
        return sequence.map { YAMLValue(node: $0, file: file) }
    }

    /// Text, quoted or plain; what reads as a number, a truth value or nothing must be quoted to be one.
    func text(_ what: String, numbersToo: Bool = false) throws(BaselineRefusal) -> String {
        let scalar = try self.scalar(what)
        guard scalar.style == .plain else { return scalar.string }
        if isNull { throw refusal("\(what) must be text, not nothing") }
        if numbersToo { return scalar.string }
        if ["true", "false", "yes", "no", "on", "off"].contains(scalar.string.lowercased()) {
            throw refusal("\(what) must be text, not a truth value; quote it if it is meant")
        }
        if Double(scalar.string) != nil { throw refusal("\(what) must be text, not a number; quote it if it is meant") }
        return scalar.string
    }

    func integer(_ what: String, in range: ClosedRange<Int>) throws(BaselineRefusal) -> Int {
        let scalar = try self.scalar(what)
        guard scalar.style == .plain, let number = Int(scalar.string), range.contains(number) else {
            let bounds =
                range.upperBound == .max
                ? "from \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
            throw refusal("\(what) must be a whole number \(bounds), not \(shown(scalar.string))")
        }
        return number
    }

    func fraction(_ what: String) throws(BaselineRefusal) -> Double {
        let scalar = try self.scalar(what)
        guard scalar.style == .plain, let number = Double(scalar.string), (0...1).contains(number) else {
            throw refusal("\(what) must be a number from 0 to 1, not \(shown(scalar.string))")
        }
        return number
    }

    func time(_ what: String) throws(BaselineRefusal) -> Int64 {
        let scalar = try self.scalar(what)
        guard let time = Timestamp.nanoseconds(scalar.string) else {
            throw refusal("\(what) must be a time as in 2026-11-20T09:00:00Z, not \(shown(scalar.string))")
        }
        return time
    }

    /// `443`, or a range as `32768-60999`.
    func ports(_ what: String) throws(BaselineRefusal) -> ClosedRange<UInt16> {
        let scalar = try self.scalar(what)
        let parts = scalar.string.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = parts.map { part in part.utf8.allSatisfy { (48...57).contains($0) } ? UInt16(part) : nil }
        guard let low = numbers[0], let high = numbers[numbers.count - 1], low <= high else {
            throw refusal(
                "\(what) must be a port from 0 to 65535 or a range of them as in 32768-60999, not \(shown(scalar.string))"
            )
        }
        return low...high
    }

    func scalar(_ what: String) throws(BaselineRefusal) -> Node.Scalar {
        guard case .scalar(let scalar) = node else { throw refusal("\(what) must be a single value, not \(kind)") }
        let tag = scalar.tag.rawValue
        guard tag.isEmpty || tag == "!" || tag.hasPrefix("tag:yaml.org,2002:") && tag != "tag:yaml.org,2002:binary"
        else {
            throw refusal("the tag \(shown(tag)) is not known")
        }
        return scalar
    }

    private var kind: String {
        switch node {
        case .scalar: isNull ? "nothing" : "a single value"
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .alias: "an alias"
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
