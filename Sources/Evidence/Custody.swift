import Drift
import Events
import Workloads

/// What an auditor asks of an instance beyond its numbers: what it was at its start, which secrets it used and when, what
/// was said of it, and by what it was judged.
package struct Custody: Sendable, Equatable, Codable {
    /// A secret that it read, by one program.
    package struct Read: Sendable, Equatable, Codable {
        package var sort: String
        package var path: String
        package var program: String
        /// In an exec session.
        package var isPerson: Bool
        /// Nanoseconds since the epoch.
        package var first: Int64
        package var last: Int64

        package init(sort: String, path: String, program: String, isPerson: Bool, at time: Int64) {
            self.sort = sort
            self.path = path
            self.program = program
            self.isPerson = isPerson
            (first, last) = (time, time)
        }
    }

    package struct Alert: Sendable, Equatable, Codable {
        package var id: UInt64
        package var rule: String
        package var severity: Int
        package var time: Int64
        /// What was done about it, in the order in which it was; nil in what was kept before that was asked.
        package var decisions: [String]?

        /// All that was done, or that it was told.
        package var decision: String {
            guard let decisions, !decisions.isEmpty else { return "told" }
            return decisions.joined(separator: ", ")
        }

        package init(_ anomaly: Anomaly) {
            id = anomaly.id
            rule = anomaly.rule.id
            severity = anomaly.severity
            time = anomaly.time
        }
    }

    /// The baseline by which it was judged when it ended.
    package struct Policy: Sendable, Equatable, Codable {
        package var state: String
        package var checksum: String?
        /// The content that the baseline is of.
        package var digest: String?
        /// The reviewed file that it came from.
        package var file: String?
        /// Who armed it, and when; nil: nobody did, it armed itself or is not armed.
        package var approvedBy: String?
        package var approvedAt: Int64?

        package init(state: String) { self.state = state }
    }

    /// What was known of its image when it began.
    package var scan: ScanStatus
    package var reads: [Read] = []
    /// The latest.
    package var alerts: [Alert] = []
    package var policy: Policy?

    /// What a person still reads.
    private static let most = 32
    /// A policy has a handful of steps, each with an end.
    private static let mostDecisions = 16

    package init(scan: ScanStatus) {
        self.scan = scan
        self.scan.isListed = nil
    }

    mutating func note(_ read: Read) {
        let known = reads.firstIndex {
            $0.path == read.path && $0.program == read.program && $0.isPerson == read.isPerson
        }
        if let known {
            reads[known].last = max(reads[known].last, read.last)
        } else if reads.count < Self.most {
            reads.append(read)
        }
    }

    /// Of an alert that is not among the latest any more nothing is noted.
    mutating func decide(_ decision: String, about alert: UInt64) {
        guard let index = alerts.lastIndex(where: { $0.id == alert }) else { return }
        var decisions = alerts[index].decisions ?? []
        guard decisions.count < Self.mostDecisions, decisions.last != decision else { return }
        decisions.append(decision)
        alerts[index].decisions = decisions
    }

    mutating func note(_ alert: Alert) {
        if alerts.count == Self.most { alerts.removeFirst() }
        alerts.append(alert)
    }
}
