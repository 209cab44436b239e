import Events

/// What a report is about: from the first moment to just before the second, in nanoseconds since the epoch.
package struct Period: Sendable, Equatable {
    package var from: Int64
    package var to: Int64

    package init(from: Int64, to: Int64) {
        self.from = from
        self.to = to
    }

    var length: Int64 { max(0, to - from) }

    func contains(_ time: Int64) -> Bool { time >= from && time < to }

    /// The part of it that has gone by.
    func past(_ now: Int64) -> Period { Period(from: from, to: max(from, min(to, now))) }
}

/// A moment as programs read it, RFC 3339; as people do, to the second.
struct Moment: Encodable, Sendable, Hashable {
    var nanoseconds: Int64

    init(_ nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    var text: String {
        let text = Timestamp.text(nanoseconds)
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8))Z"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Timestamp.text(nanoseconds))
    }
}
