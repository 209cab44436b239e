import Evidence
import Sinks

/// Instances that ended, each with a custody record.
struct InstanceChapter: Encodable, Sendable {
    private(set) var ended = 0
    /// Records with a signature of their own that is the key's; with one that is not; with none.
    private(set) var signed = Pointer()
    private(set) var forged = Pointer()
    private(set) var unsigned = 0
    private(set) var workloads = Tally(shown: 15)
    private(set) var withAlerts = Pointer()
    /// Ended by a signal or with a code other than 0.
    private(set) var failed = 0
    /// Acts of theirs that nobody saw.
    private(set) var lost = 0
    /// Of the records: secrets that were read, and of these by people.
    private(set) var reads = Pointer()
    private(set) var readsByPeople = Pointer()
    /// States of the baselines by which they were judged; `armed by a person` apart.
    private(set) var policies = Tally()
    /// What was decided about their alerts.
    private(set) var decisions = Tally()

    mutating func take(_ line: Line, _ record: ArraySlice<UInt8>, _ key: VerifyingKey) {
        ended += 1
        workloads.add(line.workload, line: line.number)
        if let custody = CustodyRecord(record) {
            if custody.isSigned(by: key) { signed.add(line.number) } else { forged.add(line.number) }
        } else {
            unsigned += 1
        }
        let life = line.value.at("driftwatch", "life")
        if life?["alerts"]?.integer ?? 0 > 0 { withAlerts.add(line.number) }
        lost &+= Int(life?["lost"]?.integer ?? 0)
        if let exit = life?["exit"], exit["code"]?.integer != 0 { failed += 1 }
        let custody = line.value.at("driftwatch", "custody")
        for read in custody?["credentials"]?.elements ?? [] {
            reads.add(line.number)
            if read["by"]?.string == "person" { readsByPeople.add(line.number) }
        }
        for alert in custody?["alerts"]?.elements ?? [] {
            decisions.add(alert["decision"]?.string ?? "", line: line.number)
        }
        if let policy = custody?["policy"] {
            let isApproved = policy["approved_by"]?.string != nil
            policies.add((policy["state"]?.string ?? "none") + (isApproved ? " by a person" : ""), line: line.number)
        }
    }
}

extension JSONValue {
    /// Of a list; of anything else none.
    var elements: [JSONValue] {
        if case .array(let values) = self { values } else { [] }
    }
}
