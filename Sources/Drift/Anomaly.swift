import Events
import Workloads

/// An act that a rule speaks against, ready to be told.
package struct Anomaly: Sendable, Equatable {
    /// The alerts that follow from one another.
    package struct Incident: Sendable, Equatable {
        package var id: UInt64
        /// The alert that opened it.
        package var first: UInt64

        package init(id: UInt64, first: UInt64) {
            self.id = id
            self.first = first
        }
    }

    /// Unique, also over restarts.
    package var id: UInt64
    package var rule: Rule
    /// 1 to 100.
    package var severity: Int
    /// Of the latest act counted, nanoseconds since the epoch.
    package var time: Int64
    package var kind: Kind
    package var workload: Workload
    /// The act; none of `monitor.saturated`.
    package var observation: Observation?
    package var reason: String
    package var baseline: BaselineFacts?
    package var difference: Difference?
    /// Acts since the last line about the same anomaly, this one included.
    package var count: UInt64
    package var incident: Incident
    /// What was known of the image before it ran.
    package var scan: ScanStatus
    /// Of `monitor.saturated`: acts turned away since the last line, in the order of `Kind`.
    package var turnedAway: [UInt64]

    package init(
        id: UInt64, rule: Rule, time: Int64, kind: Kind, workload: Workload, observation: Observation?,
        reason: String, baseline: BaselineFacts? = nil, difference: Difference? = nil, count: UInt64 = 1,
        incident: Incident, scan: ScanStatus = .unscanned, turnedAway: [UInt64] = []
    ) {
        self.id = id
        self.rule = rule
        severity = rule.severity
        self.time = time
        self.kind = kind
        self.workload = workload
        self.observation = observation
        self.reason = reason
        self.baseline = baseline
        self.difference = difference
        self.count = count
        self.incident = incident
        self.scan = scan
        self.turnedAway = turnedAway
    }
}
