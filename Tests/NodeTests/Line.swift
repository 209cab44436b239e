import Foundation

/// A JSON value.
enum JSON: Hashable, Codable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([String: JSON])

    init(from decoder: Decoder) throws {
        // What is frequent first: a wrong guess is slow.
        let value = try decoder.singleValueContainer()
        if let string = try? value.decode(String.self) {
            self = .string(string)
        } else if let object = try? value.decode([String: JSON].self) {
            self = .object(object)
        } else if let array = try? value.decode([JSON].self) {
            self = .array(array)
        } else if let bool = try? value.decode(Bool.self) {
            self = .bool(bool)
        } else if let integer = try? value.decode(Int64.self) {
            self = .integer(integer)
        } else if value.decodeNil() {
            self = .null
        } else {
            self = .number(try value.decode(Double.self))
        }
    }

    func encode(to encoder: Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .null: try value.encodeNil()
        case .bool(let bool): try value.encode(bool)
        case .integer(let integer): try value.encode(integer)
        case .number(let number): try value.encode(number)
        case .string(let string): try value.encode(string)
        case .array(let array): try value.encode(array)
        case .object(let object): try value.encode(object)
        }
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral
{
    init(stringLiteral value: String) { self = .string(value) }
    init(integerLiteral value: Int64) { self = .integer(value) }
    init(booleanLiteral value: Bool) { self = .bool(value) }
    init(arrayLiteral elements: JSON...) { self = .array(elements) }

    var string: String? { if case .string(let value) = self { value } else { nil } }
    var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
    var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
}

/// One line that the command printed.
struct Line: Sendable, CustomStringConvertible {
    let text: String
    var json: JSON

    init(_ text: String) throws {
        self.text = text
        do {
            json = try JSONDecoder().decode(JSON.self, from: Data(text.utf8))
        } catch {
            throw Trouble("not a line of JSON: \(text)")
        }
    }

    init(json: JSON) {
        text = ""
        self.json = json
    }

    /// The value at a dotted path.
    subscript(path: String) -> JSON? {
        get {
            var value = json
            for key in path.split(separator: ".") {
                guard case .object(let object) = value, let next = object[String(key)] else { return nil }
                value = next
            }
            return value
        }
        set { json = Line.set(json, path.split(separator: ".").map(String.init)[...], to: newValue) }
    }

    private static func set(_ json: JSON, _ path: ArraySlice<String>, to value: JSON?) -> JSON {
        guard case .object(var object) = json, let key = path.first else { return json }
        if path.count == 1 {
            object[key] = value
        } else if let next = object[key] {
            object[key] = set(next, path.dropFirst(), to: value)
        }
        return .object(object)
    }

    /// Nanoseconds since the epoch of a time at a dotted path.
    func time(_ path: String) -> Int64? {
        guard let parts = self[path]?.string?.dropLast().split(separator: "."), parts.count == 2,
            let seconds = ISO8601DateFormatter().date(from: parts[0] + "Z"), let fraction = Int64(parts[1])
        else { return nil }
        return Int64(seconds.timeIntervalSince1970) * 1_000_000_000 + fraction
    }

    var kind: String { self["event.kind"]?.string ?? "" }
    var action: String { self["event.action"]?.string ?? "" }
    var rule: String { self["rule.id"]?.string ?? "" }
    var workload: String { self["driftwatch.workload.id"]?.string ?? "" }
    var executable: String { self["process.executable"]?.string ?? "" }
    var file: String { self["file.path"]?.string ?? "" }

    var description: String { text }

    /// Sorted keys, slashes as they are.
    var canonical: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: (try? encoder.encode(json)) ?? Data(), as: UTF8.self)
    }
}
