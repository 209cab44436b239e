import ArgumentParser
import Events

/// A time as people name one: `2026-11-20T09:00:00Z`, a day in UTC, or how long ago.
enum NamedTime: Equatable, ExpressibleByArgument {
    case time(Int64)
    /// From its begin to its end.
    case day(Int64)
    case ago(Int64)

    init?(argument: String) {
        if let time = Timestamp.nanoseconds(argument) {
            self = .time(time)
        } else if let start = Timestamp.nanoseconds(argument + "T00:00:00Z") {
            self = .day(start)
        } else if let span = Span(argument: argument) {
            self = .ago(Int64(span.seconds * 1e9))
        } else {
            return nil
        }
    }

    static let allValueStrings = ["2026-11-20T09:00:00Z", "2026-11-20", "7d"]

    /// Where a time begins that is named so, in nanoseconds since the epoch; nothing was watched before that.
    func begin(_ now: Int64) -> Int64 {
        switch self {
        case .time(let time), .day(let time): max(0, time)
        case .ago(let span): max(0, now - span)
        }
    }

    /// Where it ends, a day with all of it; at most a century from now.
    func end(_ now: Int64) -> Int64 {
        let begin = min(begin(now), now + Self.century)
        if case .day = self { return begin + Self.length }
        return begin
    }

    static let length: Int64 = 86_400_000_000_000
    private static let century = 36_525 * length
}
