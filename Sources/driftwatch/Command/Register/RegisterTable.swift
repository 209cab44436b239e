import Baselines
import Drift
import Evidence
import Foundation

/// The register for a terminal: two tables, what asks for somebody first.
enum RegisterTable {
    static func text(_ inventory: Inventory, wide: Bool) -> String {
        var parts = [identities(inventory, wide: wide)]
        if !inventory.credentials.isEmpty { parts.append(credentials(inventory, wide: wide)) }
        return parts.joined(separator: "\n\n")
    }

    /// What is to be done, in a line.
    static func summary(_ inventory: Inventory) -> String {
        guard !inventory.identities.isEmpty else {
            return "nothing is registered yet: a monitor has to run for a while"
        }
        var words = Inventory.State.allCases.filter { inventory.count($0) > 0 }.map {
            "\(inventory.count($0)) \($0.rawValue)"
        }
        let overdue = inventory.identities.count { $0.review?.state == .overdue }
        let shared = inventory.credentials.count(where: \.isShared)
        let human = inventory.credentials.count(where: \.isForPeopleOnly)
        if overdue > 0 { words.append("\(overdue) with an overdue review") }
        if shared > 0 { words.append("\(shared) shared credential\(shared == 1 ? "" : "s")") }
        if human > 0 { words.append("\(human) of human use") }
        return words.joined(separator: ", ")
    }

    private static func identities(_ inventory: Inventory, wide: Bool) -> String {
        var table = Table(
            columns: ["IDENTITY", "STATE", "OWNER", "RUNS", "AS", "CREDENTIALS", "CONNECTS TO", "REVIEW", "LAST SEEN"]
                + (wide ? ["IMAGE", "SCAN", "CAPABILITIES", "HOST MOUNTS", "ALERTS", "PURPOSE"] : []))
        table.rows = inventory.identities.map { identity in
            let ownership = identity.facts.ownership
            return [
                identity.workload.id, identity.state.rawValue, ownership.owner ?? "-", String(identity.running),
                users(identity), classes(identity.credentials), some(identity.destinations, wide),
                identity.review.map { $0.state == .current ? $0.due : "\($0.state.rawValue) \($0.due)" } ?? "-",
                identity.running > 0 ? "now" : ago(identity.last, inventory.now),
            ] + (wide ? more(identity) : [])
        }
        // An id is what the next command is given; the rest may be looked up.
        if !wide { table.fit(within: Terminal.width ?? 120, columns: [2, 4, 5, 6]) }
        return table.text()
    }

    private static func credentials(_ inventory: Inventory, wide: Bool) -> String {
        var table = Table(columns: ["CREDENTIAL", "CLASS", "FINDING", "READ BY", "LAST READ"])
        table.rows = inventory.credentials.map { credential in
            let readers = credential.readers.sorted { $0.last > $1.last }
            let names = readers.map { "\($0.workload)\($0.isPerson ? " (person)" : "")" }
            var seen: Set<String> = []
            return [
                credential.key.path, credential.key.sort,
                credential.findings.isEmpty ? "-" : credential.findings.joined(separator: ", "),
                some(names.filter { seen.insert($0).inserted }, wide), ago(credential.last, inventory.now),
            ]
        }
        if !wide { table.fit(within: Terminal.width ?? 120, columns: [0, 3]) }
        return table.text()
    }

    private static func more(_ identity: Inventory.Identity) -> [String] {
        let privilege = identity.privilege
        let scan = identity.facts.scan
        return [
            identity.workload.container?.image?.reference ?? "-", scan.state == .unscanned ? "-" : scan.state.rawValue,
            privilege.map { $0.capabilities == 0 ? "none" : $0.capabilityNames.joined(separator: " ") } ?? "-",
            privilege.map { $0.hostMounts.isEmpty ? "none" : $0.hostMounts.joined(separator: ", ") } ?? "-",
            String(identity.alerts), identity.facts.ownership.purpose ?? "-",
        ]
    }

    private static func users(_ identity: Inventory.Identity) -> String {
        let users = identity.names(.uid).compactMap { Int($0) }.sorted().map { $0 == 0 ? "root" : String($0) }
        let mark = identity.workload.isContainer && identity.privilege?.hasAll == true ? ["privileged"] : []
        return users.isEmpty && mark.isEmpty ? "-" : some(mark + users, false)
    }

    /// `2 tls-key, ssh-key`.
    private static func classes(_ credentials: [StoredCredential]) -> String {
        let counts = Dictionary(grouping: credentials, by: \.key.sort).mapValues(\.count).sorted { $0.key < $1.key }
        return counts.isEmpty ? "-" : counts.map { $1 == 1 ? $0 : "\($1) \($0)" }.joined(separator: ", ")
    }

    private static func some(_ names: [String], _ all: Bool) -> String {
        guard names.count > 3, !all else { return names.isEmpty ? "-" : names.joined(separator: ", ") }
        return names.prefix(2).joined(separator: ", ") + " and \(names.count - 2) more"
    }

    private static func ago(_ time: Int64, _ now: Int64) -> String { Explanation.duration(max(0, now - time)) + " ago" }
}
