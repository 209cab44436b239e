import Events
import Sinks

/// A record of the evidence, with the number by which anybody finds it again.
struct Line {
    let number: UInt64
    let value: JSONValue
    /// Of what it tells; where it does not say, of its writing.
    let time: Int64
    /// Of its writing.
    let created: Int64

    /// Nil where it is none that a monitor writes.
    init?(_ number: UInt64, _ record: ArraySlice<UInt8>) {
        guard let value = try? JSONParser.parse(Array(record)),
            let time = value["@timestamp"]?.string.flatMap(Timestamp.nanoseconds)
        else { return nil }
        self.number = number
        self.value = value
        self.time = time
        created = value.at("event", "created")?.string.flatMap(Timestamp.nanoseconds) ?? time
    }

    /// The time that a record tells, without reading the rest: keys are sorted, so it comes first.
    static func time(of record: ArraySlice<UInt8>) -> Int64? {
        guard record.starts(with: opening) else { return nil }
        let text = record.dropFirst(opening.count).prefix { $0 != UInt8(ascii: "\"") }
        return text.count <= 40 ? Timestamp.nanoseconds(String(decoding: text, as: UTF8.self)) : nil
    }

    private static let opening = Array(#"{"@timestamp":""#.utf8)

    var id: String { value.at("event", "id")?.string ?? "" }
    var kind: String { value.at("event", "kind")?.string ?? "" }
    var action: String { value.at("event", "action")?.string ?? "" }
    var reason: String { value.at("event", "reason")?.string ?? "" }
    var workload: String { value.at("driftwatch", "workload", "id")?.string ?? "" }

    func time(_ value: JSONValue?) -> Int64? { value?.string.flatMap(Timestamp.nanoseconds) }
}
