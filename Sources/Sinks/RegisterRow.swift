import Baselines
import Evidence
import Foundation
import Workloads

/// A row of the register as programs read it: an identity or a credential.
package enum RegisterRow: Encodable {
    case identity(IdentityRow)
    case credential(CredentialRow)

    package func encode(to encoder: any Encoder) throws {
        switch self {
        case .identity(let row): try row.encode(to: encoder)
        case .credential(let row): try row.encode(to: encoder)
        }
    }

    package static func rows(of inventory: Inventory) -> [RegisterRow] {
        inventory.identities.map { .identity(IdentityRow($0)) }
            + inventory.credentials.map { .credential(CredentialRow($0)) }
    }
}

package struct IdentityRow: Encodable {
    package struct Owner: Encodable {
        var name, contact, source: String?
    }
    package struct Scan: Encodable {
        var status: String
        var scanner: String?
        var scannedAt: Date?
        var findings: [String: Int]
    }
    package struct Privilege: Encodable {
        /// Ids of the users as which it was seen to act.
        var users: [Int]
        /// Nil, as the rest is: nobody could look.
        var capabilities: [String]?
        /// Those that it was seen to use; only one of the tiers tells.
        var capabilitiesUsed: [String]
        var privileged: Bool?
        var noNewPrivileges: Bool?
        var seccomp: Bool?
        var hostMounts: [String]?
    }
    package struct Read: Encodable {
        var `class`, path: String
        var findings: [String]
        var lastRead: Date
    }
    package struct Review: Encodable {
        var intervalDays: Int
        var reviewed: String?
        var due, state: String
    }

    let row = "identity"
    var id, kind, state: String
    var findings: [String]
    var running, instances, alerts: Int
    var owner: Owner
    var purpose, repository, revision, pipeline, documentation: String?
    var image, digest, confidence, serviceAccount: String?
    var spiffeIds: [String]
    var scan: Scan
    var privilege: Privilege
    var credentials: [Read]
    var destinations, listens, programs: [String]
    var firstSeen, lastSeen: Date
    var review: Review?
    var expires: String?

    init(_ identity: Inventory.Identity) {
        let (workload, ownership) = (identity.workload, identity.facts.ownership)
        id = workload.id
        kind = workload.kind.rawValue
        state = identity.state.rawValue
        findings = identity.findings.map(\.rawValue)
        running = identity.running
        instances = identity.running + identity.ended
        alerts = identity.alerts
        owner = Owner(name: ownership.owner, contact: ownership.contact, source: ownership.source)
        purpose = ownership.purpose
        repository = ownership.repository
        revision = ownership.revision
        pipeline = ownership.pipeline
        documentation = ownership.documentation
        image = workload.container?.image?.reference
        digest = workload.digest
        confidence = workload.confidence.rawValue
        serviceAccount = workload.pod?.serviceAccount
        spiffeIds = identity.facts.identities.map(\.id)
        let scanned = identity.facts.scan
        scan = Scan(
            status: scanned.state.rawValue, scanner: scanned.scanner, scannedAt: scanned.scannedAt.map(date),
            findings: Dictionary(uniqueKeysWithValues: scanned.findings.map { ($0.key.name, $0.value) }))
        let held = identity.privilege
        privilege = Privilege(
            users: identity.names(.uid).compactMap { Int($0) }.sorted(), capabilities: held?.capabilityNames,
            capabilitiesUsed: identity.names(.capability),
            privileged: held.map { $0.hasAll && workload.isContainer }, noNewPrivileges: held?.noNewPrivileges,
            seccomp: held?.isFiltered,
            hostMounts: held?.hostMounts)
        credentials = identity.credentials.map { credential in
            let own = credential.readers.filter { $0.workload == workload.id }
            return Read(
                class: credential.key.sort, path: own.first?.path ?? credential.key.path,
                findings: credential.findings, lastRead: date(own.map(\.last).max() ?? credential.last))
        }
        destinations = identity.destinations
        listens = identity.names(.listen)
        programs = identity.names(.program)
        firstSeen = date(identity.first)
        lastSeen = date(identity.last)
        review = identity.review.map {
            Review(intervalDays: $0.interval, reviewed: $0.reviewed, due: $0.due, state: $0.state.rawValue)
        }
        expires = ownership.expires
    }

    /// For people: `root, 101`.
    package var usersText: String { privilege.users.map { $0 == 0 ? "root" : String($0) }.joined(separator: ", ") }

    package var scanText: String {
        guard scan.status == "findings" else { return scan.status }
        let worst = scan.findings.filter { $0.value > 0 }
        return worst.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }
}

package struct CredentialRow: Encodable {
    package struct Reader: Encodable {
        var workload, program, path: String
        /// `workload`, or `person`: in an exec session or a login.
        var by: String
        var count: Int
        var firstRead, lastRead: Date
    }

    let row = "credential"
    var `class`, what, path: String
    /// The container whose file it is; nil: the node's.
    var owner: String?
    /// `shared`, `human use`, `human access`.
    var findings: [String]
    var readers: [Reader]
    var firstRead, lastRead: Date

    init(_ credential: StoredCredential) {
        `class` = credential.key.sort
        what = credential.what
        path = credential.key.path
        owner = credential.key.owner.isEmpty ? nil : credential.key.owner
        findings = credential.findings
        readers = credential.readers.map {
            Reader(
                workload: $0.workload, program: $0.program, path: $0.path, by: $0.isPerson ? "person" : "workload",
                count: $0.count, firstRead: date($0.first), lastRead: date($0.last))
        }
        firstRead = date(credential.first)
        lastRead = date(credential.last)
    }

    /// For people: `container/web, container/db`.
    package var readersText: String {
        var seen: Set<String> = []
        return readers.filter { seen.insert($0.workload).inserted }.map(\.workload).joined(separator: ", ")
    }
}

private func date(_ nanoseconds: Int64) -> Date { Date(timeIntervalSince1970: Double(nanoseconds) / 1e9) }
