import Events

/// How far a baseline is learned: for people and for programs.
package struct Completion: Sendable, Equatable {
    package typealias Estimate = Sampling.Estimate

    package var all: Estimate
    /// Of the kinds that were seen.
    package var kinds: [Kind: Estimate]
    /// Starts of instances that were watched, and units of time after them.
    package var starts: Int
    package var units: Int
    /// Behaviours known after so many units of either sort.
    package var curve: [DiscoveryCurve.Point]
    /// Why it is not armed by itself, in words.
    package var missing: [String]
    /// Seconds of learning that are left at the pace so far; nil where that cannot be told.
    package var forecast: Double?
}

/// How many behaviours were known after how many units of observation; of a bounded number of points.
package struct DiscoveryCurve: Sendable, Equatable {
    package struct Point: Sendable, Equatable, Encodable {
        package var units: Int
        package var behaviours: Int
    }

    private static let most = 64
    package private(set) var points: [Point] = []
    /// Units between two points: doubled each time that they are too many.
    private var step = 1

    init() {}

    /// As `text` was.
    init(_ text: String) {
        points = text.split(separator: " ").compactMap { part in
            let pair = part.split(separator: ":").compactMap { Int($0) }
            return pair.count == 2 ? Point(units: pair[0], behaviours: pair[1]) : nil
        }
        if points.count > 1 { step = max(1, points[1].units - points[0].units) }
    }

    /// For the store.
    var text: String { points.map { "\($0.units):\($0.behaviours)" }.joined(separator: " ") }

    /// How many there were after so many units; where that is not known, as many as there were first.
    func behaviours(after units: Int) -> Int {
        (points.last { $0.units <= units } ?? points.first)?.behaviours ?? 0
    }

    mutating func add(units: Int, behaviours: Int) {
        if let last = points.last, units < last.units + step {
            if units == last.units { points[points.count - 1].behaviours = behaviours }
            return
        }
        points.append(Point(units: units, behaviours: behaviours))
        guard points.count > Self.most else { return }
        points = points.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
        step *= 2
    }
}

extension Learning {
    /// How far it is.
    func completion(by ending: Learner.Ending, at time: Int64) -> Completion {
        let kinds = Kind.allCases.filter { sampling.starts[$0].incidences + sampling.steady[$0].incidences > 0 }
        let missing = missing(for: ending)
        return Completion(
            all: known(), kinds: Dictionary(uniqueKeysWithValues: kinds.map { ($0, known($0)) }),
            starts: sampling.starts.units, units: sampling.steady.units, curve: curve.points, missing: missing,
            forecast: forecast(ending, missing.isEmpty, at: time))
    }

    /// The estimate is of what can be seen; of what was not, nothing is known.
    private func known(_ kind: Kind? = nil) -> Completion.Estimate {
        var known = overflowed == 0 ? sampling.estimate(kind) : .init(share: 0, atLeast: 0, atMost: 1)
        guard total > 0, lost > 0 else { return known }
        let looked = Double(max(0, total - lost)) / Double(total)
        (known.share, known.atLeast) = (known.share * looked, known.atLeast * looked)
        return known
    }

    /// Of all that it does.
    var completeness: Double { known().share }

    private func forecast(_ ending: Learner.Ending, _ isComplete: Bool, at time: Int64) -> Double? {
        switch ending.mode {
        case .off: nil
        case .duration(let seconds): max(0, seconds - learned(at: time))
        case .auto where isComplete: 0
        case .auto: lost == 0 && overflowed == 0 ? forecast(target: ending.target) : nil
        }
    }

    private func forecast(target: Double) -> Double? {
        if hasStart, sampling.starts.units == 0 { return nil }
        guard let more = sampling.unitsMore(to: target) else { return nil }
        let learned = learned(at: max(lastSeen, sessionStart))
        let wait = isStillNew(target) ? Double(latest) : 0
        let left = max(more.units, wait) * learned / Double(more.have)
        return learned > 0 && left < Self.farthest ? left : nil
    }

    /// A year, in seconds: what is farther off nobody can tell from never.
    private static let farthest = 365.0 * 86_400

    /// Whether its start, or what comes after, was not seen yet: no time alone brings that.
    var lacksPhase: Bool {
        if hasStart, sampling.starts.units == 0 { return true }
        return sampling.steady.units == 0 && sampling.starts.units < Sampling.fewest
    }

    /// Whether there is enough to count with, and the count says that enough is known.
    func isEnough(_ target: Double) -> Bool {
        overflowed == 0 && units >= Sampling.fewest && sampling.estimate().share >= target && !isStillNew(target)
    }

    /// Units of either sort.
    private var units: Int { sampling.starts.units + sampling.steady.units }
    /// Of them the latest, which the others are held against.
    private var latest: Int { max(2, units / 4) }

    /// Whether what was done in the latest quarter was new to a larger part than the target allows. The estimate takes
    /// units for independent, and those of replicas that do the same at the same time are not: all is seen twice at once.
    private func isStillNew(_ target: Double) -> Bool {
        let fresh = seen.count - held - curve.behaviours(after: units - latest)
        let acts = sampling.starts.all.incidences + sampling.steady.all.incidences
        return Double(fresh) > (1 - target) * Double(acts) / 4
    }

    /// What keeps it from being armed by itself.
    func missing(for ending: Learner.Ending) -> [String] {
        switch ending.mode {
        case .off: return ["nothing is learned now (--learn off)"]
        case .duration: return []
        case .auto: break
        }
        var missing: [String] = []
        if overflowed > 0 { missing.append("it does more that is new than can be kept") }
        if units < Sampling.fewest {
            missing.append("it was seen at work for \(units) of at least \(Sampling.fewest) minutes or starts")
        } else if sampling.estimate().share < ending.target {
            let (share, target) = (Self.percent(sampling.estimate().share), Self.percent(ending.target + 1e-9))
            missing.append("about \(share) % of what it does is known, not \(target) %")
        } else if isStillNew(ending.target) {
            missing.append("it did something new in the last \(latest) minutes or starts")
        }
        if hasStart, sampling.starts.units == 0 { missing.append("its start was not seen: restart it once") }
        if lost > 0 { missing.append("\(lost) of \(total) acts were not seen") }
        return missing
    }

    /// Rounded down, so that nothing looks complete that is not.
    private static func percent(_ share: Double) -> Double { (share * 1000).rounded(.down) / 10 }
}

extension Learner {
    /// By what learning ends; kept, so that commands beside the monitor speak of the same.
    package struct Ending: Sendable, Equatable {
        package static let name = "learning-ends"
        package var mode: Mode
        /// With `auto`: the share of what a workload does that must be known.
        package var target: Double

        package init(mode: Mode, target: Double = Learner.defaultTarget) {
            (self.mode, self.target) = (mode, target)
        }

        /// As `text` was.
        package init?(_ text: String) {
            let words = text.split(separator: " ")
            guard words.count == 2, let mode = Mode(String(words[0])), let target = Double(words[1]) else { return nil }
            self.init(mode: mode, target: target)
        }

        package var text: String {
            let mode =
                switch mode {
                case .auto: "auto"
                case .off: "off"
                case .duration(let seconds): "\(seconds)s"
                }
            return "\(mode) \(target)"
        }
    }
}

extension BaselineKey {
    /// The host, people and bare cgroups are there from some time on; nobody starts them anew.
    var hasStart: Bool {
        let kind = workload.split(separator: "/", maxSplits: 1).first ?? ""
        return !["user", "cgroup", "host"].contains(kind)
    }
}

extension Store {
    /// How far a baseline is learned, or was when it was armed; nil where it was not learned.
    package func completion(_ key: BaselineKey) throws(StateError) -> Completion? {
        guard let row = try baseline(key), row.units + row.starts > 0 else { return nil }
        let ending = try meta(Learner.Ending.name).flatMap(Learner.Ending.init) ?? Learner.Ending(mode: .auto)
        let now = row.learnedUntil ?? 0
        var completion = Learning(row, try behaviours(key), start: now, unit: 1).completion(by: ending, at: now)
        if !row.isLearning { (completion.missing, completion.forecast) = ([], nil) }
        return completion
    }
}
