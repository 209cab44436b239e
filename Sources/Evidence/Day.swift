import Events

/// Days as people write them: `2027-01-31`.
enum Day {
    static let length: Int64 = 86_400 * 1_000_000_000

    static func isValid(_ text: String) -> Bool { start(text).map { self.text($0) } == text }

    /// Nanoseconds since the epoch at which the day begins, in UTC.
    static func start(_ text: String) -> Int64? { Timestamp.nanoseconds(text + "T00:00:00Z") }

    static func text(_ time: Int64) -> String { String(Timestamp.text(time).prefix(10)) }
}
