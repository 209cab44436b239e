import Events
import Foundation

/// How much of what is done is known, from in how many units of observation each behaviour was seen.
///
/// Sample coverage of incidence data: A. Chao et al., "Rarefaction and extrapolation with Hill numbers", Ecological
/// Monographs 84 (2014) 45-67; for abundances A. Chao and L. Jost, Ecology 93 (2012) 2533-2547.
package struct SampleCoverage: Sendable, Equatable {
    /// T: units of observation.
    package var units: Int
    /// U: behaviours seen, summed over units.
    package var incidences: Int
    /// Q1: behaviours seen in exactly one unit.
    package var once: Int
    /// Q2: behaviours seen in exactly two.
    package var twice: Int

    package init(units: Int, incidences: Int, once: Int, twice: Int) {
        self.units = units
        self.incidences = incidences
        self.once = once
        self.twice = twice
    }

    static let none = SampleCoverage(units: 0, incidences: 0, once: 0, twice: 0)

    /// A behaviour that was seen in so many units.
    static func of(_ units: Int) -> SampleCoverage {
        SampleCoverage(units: 0, incidences: units, once: units == 1 ? 1 : 0, twice: units == 2 ? 1 : 0)
    }

    static func + (left: Self, right: Self) -> Self {
        SampleCoverage(
            units: max(left.units, right.units), incidences: left.incidences + right.incidences,
            once: left.once + right.once, twice: left.twice + right.twice)
    }

    /// A behaviour that was seen in so many units is rare again: what made it one of many was taken back.
    mutating func recount(units: Int) {
        if units == 1 { once += 1 }
        if units == 2 { twice += 1 }
    }

    /// A behaviour was seen in a unit more, which made it so many.
    mutating func add(units: Int) {
        incidences += 1
        switch units {
        case 1: once += 1
        case 2: (once, twice) = (once - 1, twice + 1)
        case 3: twice -= 1
        default: break
        }
    }

    /// A behaviour that was seen in so many units counts no more.
    mutating func forget(units: Int) {
        incidences -= units
        if units == 1 { once -= 1 }
        if units == 2 { twice -= 1 }
    }

    /// The share of those seen once that a unit more would leave unseen elsewhere; the paper's A.
    private var factor: Double {
        let (t, q1, q2) = (Double(units), Double(once), Double(twice))
        // The paper's case Q2 = 0.
        return twice > 0 ? (t - 1) * q1 / ((t - 1) * q1 + 2 * q2) : (t - 1) * (q1 - 1) / ((t - 1) * (q1 - 1) + 2)
    }

    /// Estimated chance that what is done next is known: 0...1; 0 where nothing was seen.
    package var estimate: Double {
        guard incidences > 0, units > 0 else { return 0 }
        if once == 0 { return 1 }
        // One unit alone tells nothing of the next.
        if units == 1 { return 0 }
        return min(1, max(0, 1 - Double(once) / Double(incidences) * factor))
    }

    /// Its standard error: W. W. Esty, "A normal limit law for a nonparametric estimator of the coverage of a random
    /// sample", Annals of Statistics 11 (1983) 905-912.
    package var standardError: Double {
        guard incidences > 0 else { return 1 }
        let (u, q1, q2) = (Double(incidences), Double(once), Double(twice))
        return max(0, q1 * (1 - q1 / u) + 2 * q2).squareRoot() / u
    }

    /// How many units more will bring the estimate to the target, by the paper's extrapolation; nil where that cannot be
    /// told yet.
    package func unitsMore(to target: Double) -> Double? {
        if units > 1, estimate >= target { return 0 }
        guard units > 1, target < 1, factor > 0, factor < 1 else { return nil }
        let more = log((1 - target) * Double(incidences) / Double(once)) / log(factor) - 1
        return more.isFinite ? max(0, more) : nil
    }
}

/// What was seen of starts and of what comes after them, apart: a start is done once in an instance's life, so its acts
/// would look rare among those of each minute.
///
/// The unit of the first is the start of an instance, which is the whole of one that lives no longer; that of the second
/// a minute of an instance in which it did something: silence tells nothing.
package struct Sampling: Sendable, Equatable {
    struct Stratum: Sendable, Equatable {
        var units = 0
        /// In the order of `Kind`.
        private var kinds = Array(repeating: SampleCoverage.none, count: Kind.allCases.count)

        subscript(kind: Kind) -> SampleCoverage {
            get {
                var coverage = kinds[Int(kind.wireNumber) - 1]
                coverage.units = units
                return coverage
            }
            set { kinds[Int(kind.wireNumber) - 1] = newValue }
        }

        var all: SampleCoverage {
            kinds.reduce(SampleCoverage(units: units, incidences: 0, once: 0, twice: 0), +)
        }

        /// What was seen rarely is now part of patterns that are seen often.
        mutating func forgetRare() {
            for kind in Kind.allCases { (self[kind].once, self[kind].twice) = (0, 0) }
        }
    }

    /// What is known, with a confidence of 95 %.
    package struct Estimate: Sendable, Equatable, Encodable {
        /// 0 to 1: of what is done, what is known.
        package var share: Double
        package var atLeast: Double
        package var atMost: Double

        /// Of a normal law, to either side.
        static let deviations = 1.96
        /// Where nothing is rare: of U acts none was unknown, so at most so many in U are, -ln 0.025.
        static let ofNone = 3.689
    }

    var starts = Stratum()
    var steady = Stratum()

    /// Units of either sort from which on they say something.
    static let fewest = 8

    /// Of one kind of behaviour, or of all: how much is known.
    package func estimate(_ kind: Kind? = nil) -> Estimate {
        // A single start says nothing of the next, nor does a single minute.
        let strata = [starts, steady].filter { $0.units > 1 }.map { stratum in kind.map { stratum[$0] } ?? stratum.all }
        let seen = Double(strata.reduce(0) { $0 + $1.incidences })
        guard seen > 0 else { return Estimate(share: 0, atLeast: 0, atMost: 1) }
        let share = strata.reduce(0) { $0 + $1.estimate * Double($1.incidences) } / seen
        let variance = strata.reduce(0) { sum, part in
            let error = part.standardError * Double(part.incidences)
            return sum + error * error
        }
        let doubt = max(Estimate.deviations * variance.squareRoot(), Estimate.ofNone) / seen
        return Estimate(share: share, atLeast: max(0, share - doubt), atMost: min(1, share + doubt))
    }

    /// Of the sort of unit that there is more of: how many more will do.
    func unitsMore(to target: Double) -> (units: Double, have: Int)? {
        let stratum = steady.units > 1 ? steady : starts
        guard stratum.units > 0 else { return nil }
        let fewest = Double(max(0, Self.fewest - starts.units - steady.units))
        if stratum.units == 1 { return (fewest, 1) }
        return stratum.all.unitsMore(to: target).map { (max($0, fewest), stratum.units) }
    }
}
