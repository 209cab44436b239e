/// A catalogue of controls that auditors ask by.
enum Framework: String, CaseIterable {
    case nhi = "OWASP Non-Human Identities Top 10, 2025"
    case csf = "NIST Cybersecurity Framework 2.0"
    case soc = "SOC 2, Trust Services Criteria CC6 and CC7"
    case pci = "PCI DSS 4.0, requirements 10 and 11.5"
    case cis = "CIS Controls, version 8"
}

/// A control, and what of it a monitor of workloads can bear witness to.
struct Control {
    /// How far evidence of a node can go.
    enum Reach {
        /// All that it asks for happens where it is watched.
        case all
        /// A part of it lies with people, or elsewhere.
        case part
        /// Nothing of it can be seen here.
        case nothing
    }

    var framework: Framework
    var id: String
    var title: String
    /// What it asks for, in a sentence of our own.
    var asks: String
    var grounds: [Ground]
    var reach: Reach
    /// Where the evidence ends.
    var ends: String

    init(
        _ framework: Framework, _ id: String, _ title: String, asks: String, by grounds: [Ground],
        _ reach: Reach = .part,
        ends: String
    ) {
        self.framework = framework
        self.id = id
        self.title = title
        self.asks = asks
        self.grounds = grounds
        self.reach = reach
        self.ends = ends
    }
}

/// A control held against a report.
struct ControlResult: Encodable, Sendable {
    /// By rule, never by belief: `Control.result` says how.
    enum Status: String, Encodable, Sendable {
        case evidence, partial, none
    }

    var framework: String
    var id: String
    var title: String
    var asks: String
    var status: Status
    /// Why it is no more than that; nil where it is.
    var because: String?
    var found: [Found]
    /// Grounds of which there is nothing.
    var missing: [String]
    var ends: String
}

extension Control {
    /// Of the time that must have been watched before it counts as all of it.
    static let enoughTime = 0.99

    /// `none`: none of its grounds is there. `evidence`: all are, and none lacks anything, the control's reach is whole,
    /// the evidence is as it was written, and nearly all of the period was watched. `partial`: what lies between.
    func result(_ grounds: Grounds) -> ControlResult {
        let report = grounds.report
        let found = self.grounds.compactMap { grounds.find($0) }
        let missing = self.grounds.filter { ground in !found.contains { $0.ground == ground.rawValue } }
        var because: String?
        var status = ControlResult.Status.partial
        if found.isEmpty {
            status = .none
            because = reach == .nothing ? "nothing of it can be seen on a node" : "there is nothing of what it rests on"
        } else if !report.proof.whole {
            because = "the evidence was changed"
        } else if !missing.isEmpty {
            because = "there is nothing about \(missing.map(\.words).joined(separator: ", "))"
        } else if let lack = found.lazy.compactMap(\.lacks).first {
            because = lack
        } else if report.coverage.share < Self.enoughTime {
            because = "only \(Words.percent(report.coverage.share)) of the time was watched"
        } else if reach != .all {
            because = "a part of it lies beyond what a node shows"
        } else {
            status = .evidence
        }
        return ControlResult(
            framework: framework.rawValue, id: id, title: title, asks: asks, status: status, because: because,
            found: found, missing: missing.map(\.words), ends: ends)
    }
}

extension Ground {
    /// As a sentence names it.
    var words: String {
        switch self {
        case .watching: "a monitor that watched"
        case .losses: "losses"
        case .blindness: "what cannot be seen"
        case .alerts: "alerts"
        case .intrusions: "intrusions"
        case .foreignPrograms: "foreign programs"
        case .secrets: "secrets"
        case .destinations: "destinations"
        case .ports: "ports"
        case .files: "files"
        case .incidents: "incidents"
        case .techniques: "techniques"
        case .baselines: "baselines"
        case .approvals: "changes that people made to what is normal"
        case .identities: "identities"
        case .owners: "owners"
        case .reviews: "reviews"
        case .offboarding: "identities that are gone or should be"
        case .attestation: "identities that are attested"
        case .scans: "scans of images"
        case .privilege: "privilege"
        case .flows: "destinations of identities"
        case .credentials: "credentials"
        case .sharing: "shared credentials"
        case .people: "use by people"
        case .lives: "instances that ended"
        case .custody: "custody records"
        case .chain: "the chain of evidence"
        case .anchor: "a key or checkpoints that were kept elsewhere"
        case .year, .quarter: "how long evidence is kept"
        case .notified: "notifications"
        case .contained: "containment"
        case .decided: "decisions about alerts"
        }
    }
}
