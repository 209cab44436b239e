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

    /// Where a time begins that is named so, in nanoseconds since the epoch.
    func begin(_ now: Int64) -> Int64 {
        switch self {
        case .time(let time), .day(let time): time
        case .ago(let span): now - span
        }
    }

    /// Where it ends: with a day's end.
    func end(_ now: Int64) -> Int64 {
        if case .day(let start) = self { start + 86_400_000_000_000 } else { begin(now) }
    }
}
