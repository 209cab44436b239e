import ArgumentParser
import Events

/// How long a workload is learned.
enum Learn: Equatable, Sendable {
    /// Until the baseline is complete by its own statistics.
    case auto
    /// Seconds, per workload, from its first behaviour.
    case seconds(Double)
    /// Only what reviewed baselines say is known.
    case off
}

extension Learn: ExpressibleByArgument {
    /// What a message about a wrong value shows; any time will do.
    static let allValueStrings = ["auto", "off", "30s", "10m", "24h"]

    init?(argument: String) {
        switch argument {
        case "auto": self = .auto
        case "off": self = .off
        default:
            guard let span = Span(argument: argument) else { return nil }
            self = .seconds(span.seconds)
        }
    }
}

/// A length of time as people write it: `500ms`, `5s`, `10m`, `24h`, `7d`.
struct Span: Equatable, Sendable, ExpressibleByArgument {
    var seconds: Double

    /// A century: in nanoseconds, and added to the time of day, it fits a signed 64-bit number.
    private static let longest = 36_525.0 * 86_400

    init?(argument: String) {
        let units: [(String, Double)] = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400)]
        guard let (suffix, factor) = units.first(where: { argument.hasSuffix($0.0) }) else { return nil }
        let digits = argument.dropLast(suffix.count)
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }),
            let number = Double(digits), number > 0, number * factor <= Self.longest
        else { return nil }
        seconds = number * factor
    }
}

enum Format: String, CaseIterable, ExpressibleByArgument, Sendable { case ecs, text }

/// Which behaviours `run` prints beside its alerts.
enum Shown: String, CaseIterable, ExpressibleByArgument, Sendable { case none, novel, all }

extension Kind: ExpressibleByArgument {}

/// A part of the whole: `99.5%`, or 99.5; more than half, since less would be no knowledge.
struct Percentage: ExpressibleByArgument {
    var share: Double

    init?(argument: String) {
        guard let number = Double(argument.hasSuffix("%") ? String(argument.dropLast()) : argument), number > 50,
            number < 100
        else { return nil }
        share = number / 100
    }

    var defaultValueDescription: String { "\(share * 100)%" }
}
