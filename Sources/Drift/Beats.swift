import Baselines
import Events

/// Tells the programs that a runtime runs in a container again and again, as health checks are, from what people run
/// there. Bounded; confined to one thread.
package struct Beats {
    private struct Name: Hashable {
        var home: UInt64
        var behaviour: Behaviour
    }

    private struct Beat {
        var runs: UInt64
        var last: UInt64
        /// Nanoseconds between runs, the latest; a mean where several runs were counted at once.
        var intervals: [UInt64] = []
        var isRegular = false
    }

    package enum Change: Sendable {
        case irregular, regular
        /// Regular from now on.
        case becameRegular
    }

    /// Three runs make two intervals.
    private static let needed = 2
    /// Nanoseconds. Whoever waits for something asks more often; whatever is rarer proves no beat within a shift.
    private static let pace: ClosedRange<UInt64> = 2_000_000_000...3_600_000_000_000
    /// Probes of a node with 250 pods, several times over.
    private static let capacity = 4096

    private var beats: [Name: Beat] = [:]
    private var names: [BehaviourKey: Name] = [:]

    package init() {}

    /// A program was run from outside the instance with this topmost cgroup.
    package mutating func ran(_ observation: Observation, home: UInt64) -> Change {
        let event = observation.event
        let name = Name(home: home, behaviour: observation.behaviour)
        if beats.count >= Self.capacity || names.count >= Self.capacity { self = Beats() }
        names[event.key] = name
        guard let beat = beats[name] else {
            beats[name] = Beat(runs: 1, last: event.time)
            return .irregular
        }
        return update(name, runs: beat.runs + 1, last: event.time)
    }

    /// The kernel's count of a behaviour; nil where it is not such a program's.
    package mutating func counted(_ key: BehaviourKey, count: UInt64, last: UInt64) -> Change? {
        guard let name = names[key], let beat = beats[name] else { return nil }
        return update(name, runs: max(count, beat.runs), last: last)
    }

    private mutating func update(_ name: Name, runs: UInt64, last: UInt64) -> Change {
        var beat = beats[name]!
        if last > beat.last, runs > beat.runs {
            beat.intervals = Array((beat.intervals + [(last - beat.last) / (runs - beat.runs)]).suffix(Self.needed))
            (beat.runs, beat.last) = (runs, last)
        }
        let wasRegular = beat.isRegular
        beat.isRegular = wasRegular || Self.areAlike(beat.intervals)
        beats[name] = beat
        return wasRegular ? .regular : beat.isRegular ? .becameRegular : .irregular
    }

    /// A quarter more or less is a busy machine.
    private static func areAlike(_ intervals: [UInt64]) -> Bool {
        guard intervals.count >= needed else { return false }
        let mean = intervals.reduce(0, +) / UInt64(intervals.count)
        return pace.contains(mean) && intervals.allSatisfy { max($0, mean) - min($0, mean) <= mean / 4 }
    }
}
