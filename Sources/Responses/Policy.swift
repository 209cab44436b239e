import Baselines
import Drift

/// What is to be done about alerts, and what never.
package struct ResponsePolicy: Sendable, Equatable {
    package enum Mode: String, Sendable, CaseIterable, Codable {
        /// What would be done is said, and nothing is done.
        case dryRun = "dry-run"
        case enforce
    }

    package var mode = Mode.dryRun
    /// Globs of workloads that are left alone.
    package var protected: [String] = []
    /// Workloads that are restricted, frozen or killed within a minute.
    package var mostPerMinute = 3
    /// While it is there nothing is done.
    package var stopFile: String?
    package var policies: [Policy] = []

    package init() {}

    /// Whether some policy really takes such a step.
    package func enforces(_ kind: StepKind) -> Bool {
        mode == .enforce && policies.contains { $0.steps.contains { $0.kind == kind } }
    }
}

/// Which alerts, and what is done about them, step by step.
package struct Policy: Sendable, Equatable {
    package var name: String
    package var match = Match()
    /// Seconds for which somebody may approve it; nil: nobody has to.
    package var approval: Double?
    package var steps: [Step]

    package init(name: String, match: Match = Match(), approval: Double? = nil, steps: [Step]) {
        self.name = name
        self.match = match
        self.approval = approval
        self.steps = steps
    }
}

/// All of it must be so.
package struct Match: Sendable, Equatable {
    package var rules = Set(Rule.allCases)
    /// At least.
    package var severity = 1
    /// Globs; none: every workload.
    package var workloads: [String] = []
    /// As an alert calls the state of its baseline.
    package var baselines: Set<String> = [BaselineStatus.State.armed.rawValue]
    /// So many acts of one workload within so many seconds.
    package var count: UInt64 = 1
    package var within: Double = 60

    package init() {}
}
