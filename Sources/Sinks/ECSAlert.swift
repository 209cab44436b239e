import Drift
import Events
import Evidence
import Workloads

/// The fields that alerts add, and those of the monitor itself.
extension JSONWriter {
    /// What is not known is null: a reader finds the same fields in every alert.
    mutating func baseline(_ facts: BaselineFacts?) {
        object("baseline") { json in
            json.field("checksum", orNull: facts?.checksum)
            if let completeness = facts?.completeness {
                json.field("completeness", completeness)
            } else {
                json.null("completeness")
            }
            json.object("coverage") { json in
                json.field("lost", facts?.lost ?? 0)
                json.field("seen", facts?.seen ?? 0)
            }
            json.field("digest", orNull: facts?.digest)
            if let gaps = facts?.gaps, gaps > 0 { json.field("gaps", UInt64(gaps)) }
            if let instances = facts?.instances, instances > 0 { json.field("instances", UInt64(instances)) }
            json.time("learned_since", orNull: facts?.learnedSince)
            if let predecessor = facts?.predecessor { json.field("predecessor", predecessor) }
            json.field("state", facts?.state ?? "none")
        }
    }

    mutating func drift(_ difference: Difference?) {
        object("drift") { json in
            json.field("allow", orNull: difference?.allow)
            json.field("dimension", difference?.dimension ?? "rate")
            json.field("nearest", orNull: difference?.nearest)
        }
    }

    mutating func incident(_ incident: Anomaly.Incident) {
        object("incident") { json in
            json.identifier("first", incident.first)
            json.identifier("id", incident.id)
        }
    }

    mutating func scan(_ scan: ScanStatus) {
        object("scan") { json in
            if !scan.findings.isEmpty {
                json.object("findings") { json in
                    for severity in Severity.byName {
                        if let count = scan.findings[severity] { json.field(severity.key, UInt64(count)) }
                    }
                }
            }
            if let highest = scan.highest { json.field("highest", highest.name) }
            if let isListed = scan.isListed { json.field("in_sbom", isListed) }
            if scan.isByName { json.field("matched_by", "name") }
            json.time("scanned_at", orNull: scan.scannedAt)
            json.field("scanner", orNull: scan.scanner)
            json.field("status", scan.state.rawValue)
        }
    }

    mutating func overQuota(_ turnedAway: [UInt64]) {
        object("over_quota") { json in
            for kind in Kind.byName { json.field(kind.key, turnedAway[Int(kind.wireNumber) - 1]) }
        }
    }

    mutating func rule(_ rule: Rule) {
        object("rule") { json in
            json.field("description", rule.description)
            json.field("id", rule.id)
            json.field("name", rule.name)
        }
    }

    mutating func threat(_ threat: Threat) {
        object("threat") { json in
            json.field("framework", Threat.framework)
            json.object("tactic") { json in
                json.field("id", threat.tactic.rawValue)
                json.field("name", threat.tactic.name)
            }
            json.object("technique") { json in
                json.field("id", threat.techniqueID)
                json.field("name", threat.techniqueName)
            }
        }
    }

    mutating func monitor(_ monitor: StateEvent.Monitor, kernel: String) {
        key("gaps")
        beginArray()
        for gap in monitor.gaps {
            beginObject()
            field("id", gap.id)
            field("text", gap.text)
            endObject()
        }
        endArray()
        field("hooks", monitor.hooks)
        field("kernel", kernel)
        ledger(monitor.ledger)
        field("tier", monitor.tier)
        guard !monitor.workloads.isEmpty else { return }
        key("workloads")
        beginArray()
        for account in monitor.workloads {
            beginObject()
            field("id", account.workload)
            ledger(account.ledger)
            endObject()
        }
        endArray()
    }

    mutating func gap(_ gap: StateEvent.Gap) {
        object("gap") { json in
            json.time("from", gap.from)
            json.field("lost", gap.lost)
            json.time("to", gap.to)
            json.field("why", gap.why)
            json.field("workloads", gap.workloads)
        }
    }

    private mutating func ledger(_ ledger: Ledger) {
        object("ledger") { json in
            for kind in Kind.byName {
                json.object(kind.key) { json in
                    for field in Ledger.Entry.fields { json.field(field.name, ledger[kind][keyPath: field.path]) }
                }
            }
        }
    }
}

extension Severity {
    /// As keys are sorted.
    fileprivate static let byName: [Severity] = [.critical, .high, .low, .medium, .negligible, .unknown]

    fileprivate var key: StaticString {
        switch self {
        case .critical: "critical"
        case .high: "high"
        case .low: "low"
        case .medium: "medium"
        case .negligible: "negligible"
        case .unknown: "unknown"
        }
    }
}

extension Kind {
    /// As keys are sorted.
    static let byName: [Kind] = [.connect, .exec, .listen, .open]

    var key: StaticString {
        switch self {
        case .exec: "exec"
        case .connect: "connect"
        case .listen: "listen"
        case .open: "open"
        }
    }
}
