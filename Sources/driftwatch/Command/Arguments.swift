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

    init?(argument: String) {
        guard let seconds = TimeSpan.seconds(argument) else { return nil }
        self.seconds = seconds
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
