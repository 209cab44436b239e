import Baselines
import Drift
import Events
import Evidence
import Foundation

/// All that is registered of one identity, for `register ID`.
enum RegisterCard {
    static func text(_ identity: Inventory.Identity) -> String {
        let (facts, ownership) = (identity.facts, identity.facts.ownership)
        var lines: [(String, String?)] = [
            ("identity", identity.workload.id), ("state", identity.state.rawValue),
            ("owner", ownership.owner.map { "\($0) (by \(ownership.source ?? "?"))" } ?? "unknown"),
            ("contact", ownership.contact), ("purpose", ownership.purpose), ("repository", ownership.repository),
            ("pipeline", ownership.pipeline), ("documentation", ownership.documentation),
        ]
        lines.append(
            ("review", identity.review.map { "every \($0.interval) days, \($0.state.rawValue), by \($0.due)" }))
        lines.append(("expires", ownership.expires))
        lines += identity.findings.map { ("finding", $0.rawValue) }
        lines.append(("image", identity.workload.container?.image?.reference))
        lines.append(("digest", identity.workload.digest))
        lines.append(("scan", facts.scan.scanner.map { "\(facts.scan.state.rawValue), by \($0)" } ?? "unscanned"))
        lines.append(("known by", identity.workload.confidence.rawValue))
        lines.append(("account", identity.workload.pod?.serviceAccount))
        lines += facts.identities.map { ("SPIFFE ID", "\($0.id) (by \($0.source))") }
        lines.append(("acts as", identity.names(.uid).joined(separator: ", ")))
        if let privilege = identity.privilege {
            let held = privilege.capabilityNames
            lines.append(("capabilities", held.isEmpty ? "none" : held.joined(separator: " ")))
            let used = identity.names(.capability)
            if !used.isEmpty { lines.append(("of these used", used.joined(separator: " "))) }
            lines += privilege.hostMounts.map { ("host mount", $0) }
        } else {
            lines.append(("capabilities", "unknown: it did not live long enough to be looked at"))
        }
        for credential in identity.credentials { lines += self.lines(of: credential, for: identity) }
        lines += identity.destinations.map { ("connects to", $0) }
        lines += identity.names(.listen).map { ("listens on", $0) }
        lines += identity.names(.program).map { ("runs", $0) }
        lines.append(("alerts", String(identity.alerts)))
        lines.append(("instances", "\(identity.running) run, \(identity.ended) have ended"))
        lines.append(("first seen", Timestamp.text(identity.first)))
        lines.append(("last seen", Timestamp.text(identity.last)))
        return lines.compactMap { name, value in
            value.map { name.padding(toLength: 14, withPad: " ", startingAt: 0) + printable($0, limit: 300) }
        }.joined(separator: "\n")
    }

    private static func lines(
        of credential: StoredCredential, for identity: Inventory.Identity
    ) -> [(String, String?)] {
        let own = credential.readers.filter { $0.workload == identity.workload.id }
        var text = "\(own.first?.path ?? credential.key.path) (\(credential.key.sort))"
        if !credential.findings.isEmpty { text += ", \(credential.findings.joined(separator: ", "))" }
        var lines: [(String, String?)] = [("credential", text)]
        for reader in own {
            let times = "\(Timestamp.text(reader.first)) to \(Timestamp.text(reader.last))"
            lines.append(("  read by", "\(reader.program)\(reader.isPerson ? ", a person" : ""), \(times)"))
        }
        return lines
    }
}
