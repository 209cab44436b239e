import Drift
import Evidence
import Workloads

/// What the monitor tells about itself.
package enum StateEvent: Sendable, Equatable {
    case started(Monitor)
    case stopped(Monitor)
    case gap(Gap)
    case armed(Workload, BaselineFacts)
    case ended(Life, at: Int64)

    /// What is attached, what that cannot see, and the account so far.
    package struct Monitor: Sendable, Equatable {
        /// What a tier cannot see.
        package struct Blindness: Sendable, Equatable {
            package var id: String
            package var text: String
            package init(id: String, text: String) {
                self.id = id
                self.text = text
            }
        }
        package var tier: String
        package var hooks: [String]
        package var gaps: [Blindness]
        package var ledger: Ledger
        /// The worst covered first; empty at the start.
        package var workloads: [Account]

        package init(
            tier: String, hooks: [String], gaps: [Blindness], ledger: Ledger = Ledger(), workloads: [Account] = []
        ) {
            self.tier = tier
            self.hooks = hooks
            self.gaps = gaps
            self.ledger = ledger
            self.workloads = workloads
        }
    }

    /// A workload's part of the account.
    package struct Account: Sendable, Equatable {
        package var workload: String
        package var ledger: Ledger

        package init(workload: String, ledger: Ledger) {
            self.workload = workload
            self.ledger = ledger
        }
    }

    /// A stretch of time in which acts went unseen; times in nanoseconds since the epoch.
    package struct Gap: Sendable, Equatable {
        package var from: Int64
        package var to: Int64
        package var why: String
        /// Acts, where they could be counted.
        package var lost: UInt64
        package var workloads: [String]

        package init(from: Int64, to: Int64, why: String, lost: UInt64, workloads: [String] = []) {
            self.from = from
            self.to = to
            self.why = why
            self.lost = lost
            self.workloads = workloads
        }
    }

    /// Whom it is about, where that is one workload.
    package var workload: Workload? {
        switch self {
        case .started, .stopped, .gap: nil
        case .armed(let workload, _): workload
        case .ended(let life, _): life.workload
        }
    }

    package var action: StaticString {
        switch self {
        case .started: "monitor-started"
        case .stopped: "monitor-stopped"
        case .gap: "coverage-gap"
        case .armed: "baseline-armed"
        case .ended: "workload-ended"
        }
    }
}
