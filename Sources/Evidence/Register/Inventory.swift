import Baselines
import Events
import Workloads

/// The register as it is shown: every identity with what it used and how it stands, every credential with its readers.
package struct Inventory: Sendable {
    /// After how long without a sign of life an identity is what; nanoseconds.
    package struct Limits: Sendable, Equatable {
        package var dormant: Int64 = 30 * Day.length
        package var retired: Int64 = 90 * Day.length

        package init() {}
    }

    /// How an identity stands; where several hold, the one that asks most of somebody.
    package enum State: String, Sendable, CaseIterable {
        /// It should be gone by now, and is not.
        case expired
        /// Nobody answers for it.
        case orphaned
        /// Nothing was seen of it for a long time.
        case dormant
        case active
        /// It is gone: past its day, or not seen for so long that nobody waits for it.
        case retired
    }

    package struct Review: Sendable, Equatable {
        package enum State: String, Sendable { case current, due, overdue }
        package var interval: Int
        package var reviewed: String?
        /// The day by which it is to be looked at again.
        package var due: String
        package var state: State
    }

    package struct Identity: Sendable {
        package var facts: IdentityFacts
        package var first: Int64
        package var last: Int64
        /// Instances that run, and that have ended.
        package var running: Int
        package var ended: Int
        package var alerts: Int
        package var privilege: Privilege?
        /// The latest first.
        package var uses: [StoredUse]
        package var credentials: [StoredCredential]
        package var state: State
        package var findings: [Ownership.Finding]
        package var review: Review?

        package var workload: Workload { facts.workload }
        package func names(_ sort: StoredUse.Sort) -> [String] { uses.filter { $0.sort == sort }.map(\.name) }
        /// Peers on a network before the sockets of the node.
        package var destinations: [String] {
            let names = names(.destination)
            let isLocal = { (name: String) in name.hasPrefix("/") || name.hasPrefix("@") }
            return names.filter { !isLocal($0) } + names.filter(isLocal)
        }
    }

    /// Those that ask for something first.
    package private(set) var identities: [Identity] = []
    package private(set) var credentials: [StoredCredential]
    package let now: Int64

    /// `running`: instances of each workload. `watched`: until when somebody watched, since what was not seen after that
    /// is not idle for it. `facts`: what is to be said of a workload instead of what was kept.
    package init(
        _ stored: [StoredIdentity], uses: [String: [StoredUse]], credentials: [StoredCredential],
        running: [String: Int], watched: Int64, now: Int64, limits: Limits = Limits(),
        facts: (IdentityFacts) -> IdentityFacts = { $0 }
    ) {
        self.now = now
        self.credentials = credentials.sorted {
            ($0.rank, $0.key.sort, $0.key.path, $0.key.owner) < ($1.rank, $1.key.sort, $1.key.path, $1.key.owner)
        }
        var byReader: [String: [StoredCredential]] = [:]
        for credential in self.credentials {
            for workload in credential.workloads { byReader[workload, default: []].append(credential) }
        }
        for row in stored {
            let kept =
                row.facts.flatMap(IdentityFacts.init(json:))
                ?? IdentityFacts(Workload(id: row.workload, kind: Self.kind(row.workload), instance: ""))
            let said = facts(kept)
            let count = running[row.workload] ?? 0
            let review = Self.review(said.ownership, first: row.first, now: now)
            var findings = said.ownership.findings(at: now)
            if review?.state == .overdue, !findings.contains(.unreviewed) { findings.append(.unreviewed) }
            identities.append(
                Identity(
                    facts: said, first: row.first, last: row.last, running: count, ended: row.ended,
                    alerts: row.alerts, privilege: row.privilege.flatMap(Privilege.init(json:)),
                    uses: uses[row.workload] ?? [], credentials: byReader[row.workload] ?? [],
                    state: Self.state(
                        said.ownership, isRunning: count > 0, last: row.last, watched: watched, now: now, limits),
                    findings: findings, review: review))
        }
        identities.sort { ($0.state.rank, $0.workload.id) < ($1.state.rank, $1.workload.id) }
    }

    /// Only identities of which the condition holds, with the credentials that these read.
    package func filtered(_ admits: (String) -> Bool) -> Inventory {
        var inventory = self
        inventory.identities.removeAll { !admits($0.workload.id) }
        inventory.credentials.removeAll { !$0.workloads.contains(where: admits) }
        return inventory
    }

    package func count(_ state: State) -> Int { identities.count { $0.state == state } }

    static func state(
        _ ownership: Ownership, isRunning: Bool, last: Int64, watched: Int64, now: Int64, _ limits: Limits
    ) -> State {
        let idle = min(watched, now) - last
        if !isRunning, idle > limits.retired { return .retired }
        if let day = ownership.expires.flatMap(Day.start), now >= day {
            return isRunning || last >= day ? .expired : .retired
        }
        if ownership.owner == nil { return .orphaned }
        return idle > limits.dormant ? .dormant : .active
    }

    /// A review that is due within two weeks is told.
    private static let notice = 14 * Day.length

    /// Of one that was never reviewed the time runs from when it was first seen.
    static func review(_ ownership: Ownership, first: Int64, now: Int64) -> Review? {
        guard let interval = ownership.review else { return nil }
        let from = ownership.reviewed.flatMap(Day.start) ?? first
        let (length, isLong) = Int64(interval).multipliedReportingOverflow(by: Day.length)
        let (due, isFar) = from.addingReportingOverflow(length)
        guard !isLong, !isFar else { return nil }
        let state: Review.State = now > due ? .overdue : now > due - notice ? .due : .current
        return Review(interval: interval, reviewed: ownership.reviewed, due: Day.text(due), state: state)
    }

    private static func kind(_ id: String) -> Workload.Kind {
        Workload.Kind(rawValue: id.split(separator: "/").first.map(String.init) ?? id) ?? .cgroup
    }
}

extension Inventory.State {
    /// What asks for somebody comes first, what is gone last.
    fileprivate var rank: Int { Self.allCases.firstIndex(of: self)! }
}

extension Privilege {
    fileprivate init?(json: String) {
        guard let privilege: Privilege = decoded(json) else { return nil }
        self = privilege
    }
}

extension StoredCredential {
    /// What is wrong with it, as an auditor calls it.
    package var findings: [String] {
        var findings = isShared ? ["shared"] : []
        if isForPeopleOnly { findings.append("human use") } else if isReadByPerson { findings.append("human access") }
        return findings
    }

    fileprivate var rank: Int { isShared ? 0 : isReadByPerson ? 1 : 2 }
}
