import Baselines
import Events

/// What is to be done about an act.
package struct Verdict: Sendable, Equatable {
    package enum Outcome: Sendable, Equatable {
        /// Part of the baseline that is being learned: record it.
        case learn
        /// Nothing to tell; never to be learned.
        case quiet
        case alert(Anomaly)
    }

    /// A process that acts in an incident of which the kernel does not know yet.
    package struct Mark: Sendable, Equatable {
        package var process: ProcessName
        package var incident: UInt64

        package init(process: ProcessName, incident: UInt64) {
            self.process = process
            self.incident = incident
        }
    }

    package var outcome: Outcome
    /// Part of what is learned, though it is told.
    package var isLearned = false
    /// Set where what is learned must keep it apart, whatever the outcome: why.
    package var quarantine: Quarantine?
    /// To be written into the kernel's map of processes, whatever the outcome.
    package var mark: Mark?

    package init(_ outcome: Outcome, mark: Mark? = nil, quarantine: Quarantine? = nil) {
        self.outcome = outcome
        self.quarantine = quarantine
        self.mark = mark
    }

    package var alert: Anomaly? {
        if case .alert(let anomaly) = outcome { return anomaly }
        return nil
    }
}
