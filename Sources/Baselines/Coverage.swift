/// How much of what a workload does is known, from in how many units of observation each behaviour was seen.
///
/// Sample coverage of incidence data: A. Chao et al., "Rarefaction and extrapolation with Hill numbers", Ecological
/// Monographs 84 (2014) 45-67, equation for incidence frequencies. A unit is one minute of one instance in which it
/// did something, or the whole of an instance that lives shorter: silence tells nothing.
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

    /// Estimated chance that what is done next is known: 0...1; 0 where nothing was seen.
    package var estimate: Double {
        guard incidences > 0, units > 0 else { return 0 }
        let (u, t, q1, q2) = (Double(incidences), Double(units), Double(once), Double(twice))
        if once == 0 { return 1 }
        let factor =
            twice > 0
            ? (t - 1) * q1 / ((t - 1) * q1 + 2 * q2)
            // The paper's case Q2 = 0.
            : (t - 1) * (q1 - 1) / ((t - 1) * (q1 - 1) + 2)
        // One unit alone tells nothing of the next.
        if units == 1 { return 0 }
        return min(1, max(0, 1 - q1 / u * factor))
    }

    /// Whether enough is known to judge by it.
    package var isEnough: Bool { units >= 10 && estimate >= 0.995 }
}
