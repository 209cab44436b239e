import Drift
import Evidence
import Foundation

/// The register for a spreadsheet: RFC 4180, a header, a line for each identity and credential.
package enum RegisterCSV {
    private static let columns = [
        "row", "id", "class", "state", "findings", "owner", "contact", "purpose", "repository", "pipeline", "image",
        "digest", "scan", "users", "capabilities", "capabilities_used", "privileged", "host_mounts", "spiffe_ids", "credentials",
        "destinations", "read_by", "alerts", "instances", "running", "first_seen", "last_seen", "review_days",
        "review_due", "review", "expires",
    ]

    package static func text(_ inventory: Inventory) -> String {
        let rows = RegisterRow.rows(of: inventory).map { row in
            switch row {
            case .identity(let row): cells(row)
            case .credential(let row): cells(row)
            }
        }
        return ([columns] + rows.map { row in columns.map { row[$0] ?? "" } })
            .map { $0.map(cell).joined(separator: ",") + "\r\n" }.joined()
    }

    private static func cells(_ row: IdentityRow) -> [String: String] {
        let list = { (names: [String]) in names.joined(separator: "; ") }
        var cells = [
            "row": row.row, "id": row.id, "class": row.kind, "state": row.state, "findings": list(row.findings),
            "scan": row.scanText, "users": row.usersText, "spiffe_ids": list(row.spiffeIds),
            "credentials": list(row.credentials.map { "\($0.class) \($0.path)" }),
            "destinations": list(row.destinations), "alerts": String(row.alerts), "instances": String(row.instances),
            "running": String(row.running), "first_seen": time(row.firstSeen), "last_seen": time(row.lastSeen),
        ]
        cells["owner"] = row.owner.name
        cells["contact"] = row.owner.contact
        cells["purpose"] = row.purpose
        cells["repository"] = row.repository
        cells["pipeline"] = row.pipeline
        cells["image"] = row.image
        cells["digest"] = row.digest
        cells["capabilities"] = row.privilege.capabilities.map(list)
        cells["capabilities_used"] = list(row.privilege.capabilitiesUsed)
        cells["privileged"] = row.privilege.privileged.map { $0 ? "yes" : "no" }
        cells["host_mounts"] = row.privilege.hostMounts.map(list)
        cells["review_days"] = row.review.map { String($0.intervalDays) }
        cells["review_due"] = row.review?.due
        cells["review"] = row.review?.state
        cells["expires"] = row.expires
        return cells
    }

    private static func cells(_ row: CredentialRow) -> [String: String] {
        [
            "row": row.row, "id": row.path, "class": row.class, "findings": row.findings.joined(separator: "; "),
            "purpose": row.what, "owner": row.owner ?? "",
            "read_by": row.readers.map { "\($0.workload) \($0.program)\($0.by == "person" ? " (person)" : "")" }
                .joined(separator: "; "),
            "first_seen": time(row.firstRead), "last_seen": time(row.lastRead),
        ]
    }

    private static func time(_ date: Date) -> String { date.ISO8601Format() }

    /// What a spreadsheet would take for a formula becomes text: a workload chooses its name.
    ///
    /// Scalar by scalar: as characters, a quotation mark with an accent would be none.
    static func cell(_ text: String) -> String {
        let text = printable(text).unicodeScalars
        var cell = ""
        var isPlain = true
        if let first = text.first, "=+-@".unicodeScalars.contains(first) { cell = "'" }
        for scalar in text {
            if scalar == "\"" { cell.unicodeScalars.append(scalar) }
            if ["\"", ",", ";", " "].contains(scalar) { isPlain = false }
            cell.unicodeScalars.append(scalar)
        }
        return isPlain ? cell : "\"" + cell + "\""
    }
}
