import Events

/// How far a baseline is learned: for people and for programs.
package struct Completion: Sendable, Equatable {
    package struct Estimate: Sendable, Equatable, Encodable {
        /// 0 to 1: of what is done, what is known.
        package var share: Double
        /// With a confidence of 95 %.
        package var atLeast: Double
    }

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
    /// How far it is, for a target of completeness.
    func completion(target: Double) -> Completion {
        func estimate(_ kind: Kind?) -> Completion.Estimate {
            let found = sampling.estimate(kind)
            return .init(share: found.share * seenShare, atLeast: found.atLeast * seenShare)
        }
        let kinds = Kind.allCases.filter {
            sampling.starts[$0].incidences + sampling.steady[$0].incidences > 0
        }
        let missing = missing(target: target)
        return Completion(
            all: overflowed == 0 ? estimate(nil) : .init(share: 0, atLeast: 0),
            kinds: Dictionary(uniqueKeysWithValues: kinds.map { ($0, estimate($0)) }), starts: sampling.starts.units,
            units: sampling.steady.units, curve: curve.points, missing: missing,
            forecast: missing.isEmpty ? 0 : lost == 0 && overflowed == 0 ? forecast(target: target) : nil)
    }

    /// Of its acts, those that could be looked at.
    private var seenShare: Double { total > 0 ? Double(max(0, total - lost)) / Double(total) : 1 }

    private func forecast(target: Double) -> Double? {
        if key.hasStart, sampling.starts.units == 0 { return nil }
        guard let more = sampling.unitsMore(to: target) else { return nil }
        let learned = learned(at: max(lastSeen, sessionStart))
        return learned > 0 ? more.units * learned / Double(more.have) : nil
    }

    /// Whether its start, or what comes after, was not seen yet: no time alone brings that.
    var lacksPhase: Bool {
        if key.hasStart, sampling.starts.units == 0 { return true }
        return sampling.steady.units == 0 && sampling.starts.units < Sampling.fewest
    }

    /// Whether there is enough to count with, and the count says that enough is known.
    func isEnough(_ target: Double) -> Bool {
        overflowed == 0 && sampling.starts.units + sampling.steady.units >= Sampling.fewest
            && sampling.estimate().share >= target
    }

    /// What keeps it from being armed by itself.
    func missing(target: Double) -> [String] {
        var missing: [String] = []
        if overflowed > 0 { missing.append("it does more that is new than can be kept") }
        let units = sampling.starts.units + sampling.steady.units
        if units < Sampling.fewest {
            missing.append("it was seen at work for \(units) of at least \(Sampling.fewest) minutes or starts")
        } else if sampling.estimate().share < target {
            let share = (sampling.estimate().share * 1000).rounded(.down) / 10
            missing.append("about \(share) % of what it does is known, not \(target * 100) %")
        }
        if key.hasStart, sampling.starts.units == 0 { missing.append("its start was not seen: restart it once") }
        if lost > 0 { missing.append("\(lost) of \(total) acts were not seen") }
        return missing
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
    /// How far a baseline is learned, or was when it was armed.
    package func completion(_ key: BaselineKey, target: Double = Learner.defaultTarget) throws(StateError)
        -> Completion?
    {
        guard let row = try baseline(key) else { return nil }
        return Learning(row, try behaviours(key), start: row.learnedUntil ?? 0, unit: 1).completion(target: target)
    }
}
