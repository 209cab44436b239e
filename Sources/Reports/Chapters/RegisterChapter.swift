import Baselines
import Evidence
import Workloads

/// The register as it stands when the report is made, and what changed in it in the period.
struct RegisterChapter: Encodable, Sendable {
    struct Identity: Encodable, Sendable {
        var id: String
        var state: String
        var owner: String?
        var findings: [String]
        var running: Int
        var alerts: Int
        var privileged: Bool
        var lastSeen: Moment
    }

    struct Credential: Encodable, Sendable {
        struct Reader: Encodable, Sendable {
            var workload: String
            var program: String
            /// `workload`, or `person`: in an exec session or a login.
            var by: String
            var lastRead: Moment
        }

        var path: String
        var `class`: String
        var what: String
        var findings: [String]
        /// The latest.
        var readers: [Reader]
        var readerCount: Int
        var lastRead: Moment
    }

    struct State: Encodable, Sendable {
        var state: String
        var count: Int
    }

    /// What identities have, in numbers.
    struct Counts: Encodable, Sendable {
        var identities = 0
        var owned = 0
        var reviewed = 0
        var overdue = 0
        var expiring = 0
        var lookedAt = 0
        var privileged = 0
        /// Of which some capability is known to have been used.
        var usedKnown = 0
        var scanned = 0
        var attested = 0
        var withDestinations = 0
        var credentials = 0
        var shared = 0
        var peopleOnly = 0
        var peopleToo = 0
        /// Read in the period.
        var readInPeriod = 0
    }

    var states: [State]
    var counts: Counts
    /// Those that ask for somebody first.
    var identities: [Identity]
    var credentials: [Credential]
    var changes: RegisterChanges

    private static let mostIdentities = 60
    private static let mostCredentials = 40
    private static let mostReaders = 12

    init(_ inventory: Inventory, _ period: Period, changes: RegisterChanges) {
        self.changes = changes
        states = Inventory.State.allCases.map { State(state: $0.rawValue, count: inventory.count($0)) }
        counts = Counts(inventory, period)
        identities = inventory.identities.prefix(Self.mostIdentities).map { identity in
            Identity(
                id: identity.workload.id, state: identity.state.rawValue, owner: identity.facts.ownership.owner,
                findings: identity.findings.map(\.rawValue), running: identity.running, alerts: identity.alerts,
                privileged: identity.isPrivileged, lastSeen: Moment(identity.last))
        }
        let read = inventory.credentials.filter { $0.last >= period.from && $0.first < period.to }
        credentials = read.prefix(Self.mostCredentials).map { credential in
            let readers = credential.readers.filter { $0.last >= period.from && $0.first < period.to }
                .sorted { ($1.last, $0.workload) < ($0.last, $1.workload) }
            return Credential(
                path: credential.key.path, class: credential.key.sort, what: credential.what,
                findings: credential.findings,
                readers: readers.prefix(Self.mostReaders).map {
                    .init(
                        workload: $0.workload, program: $0.program, by: $0.isPerson ? "person" : "workload",
                        lastRead: Moment($0.last))
                },
                readerCount: readers.count, lastRead: Moment(credential.last))
        }
    }

    func count(_ state: Inventory.State) -> Int { states.first { $0.state == state.rawValue }?.count ?? 0 }
    var moreIdentities: Int { counts.identities - identities.count }
    var moreCredentials: Int { counts.readInPeriod - credentials.count }
}

extension RegisterChapter.Counts {
    fileprivate init(_ inventory: Inventory, _ period: Period) {
        for identity in inventory.identities where identity.state != .retired {
            identities += 1
            let ownership = identity.facts.ownership
            if ownership.owner != nil { owned += 1 }
            if identity.review != nil { reviewed += 1 }
            if identity.review?.state == .overdue { overdue += 1 }
            if ownership.expires != nil { expiring += 1 }
            if identity.privilege != nil { lookedAt += 1 }
            if identity.isPrivileged { privileged += 1 }
            if !identity.names(.capability).isEmpty { usedKnown += 1 }
            if identity.facts.scan.state != .unscanned { scanned += 1 }
            if !identity.facts.identities.isEmpty { attested += 1 }
            if !identity.destinations.isEmpty { withDestinations += 1 }
        }
        identities = inventory.identities.count
        credentials = inventory.credentials.count
        shared = inventory.credentials.count(where: \.isShared)
        peopleOnly = inventory.credentials.count(where: \.isForPeopleOnly)
        peopleToo = inventory.credentials.count { $0.isReadByPerson && !$0.isForPeopleOnly }
        readInPeriod = inventory.credentials.count { $0.last >= period.from && $0.first < period.to }
    }
}

extension Inventory.Identity {
    fileprivate var isPrivileged: Bool { privilege?.hasAll == true && workload.isContainer }
}

/// Lines of the register in the evidence.
struct RegisterChanges: Encodable, Sendable {
    private(set) var actions: [String: Pointer] = [:]

    static let actions: Set<String> = [
        "identity-registered", "identity-changed", "identity-expired", "identity-review-overdue",
        "credential-registered", "credential-shared", "credential-human-use",
    ]

    mutating func take(_ line: Line) { actions[line.action, default: Pointer()].add(line.number) }

    subscript(action: String) -> Pointer { actions[action] ?? Pointer() }

    func encode(to encoder: any Encoder) throws { try actions.encode(to: encoder) }
}
