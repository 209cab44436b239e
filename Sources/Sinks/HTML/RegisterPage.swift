import Evidence
import Foundation

/// The register as one page of HTML: nothing is loaded, nothing runs, and it can be read in the dark and on paper.
package enum RegisterPage {
    package static func html(_ inventory: Inventory, host: String) -> String {
        var page = Page(title: "Register of non-human identities, \(host)")
        let time = Date(timeIntervalSince1970: Double(inventory.now) / 1e9).ISO8601Format()
        page.element("h1", "Register of non-human identities")
        page.element("p", "Node \(host), \(time). What is not known is shown as –.", class: "note")
        tiles(inventory, &page)
        let rows = RegisterRow.rows(of: inventory)
        page.element("h2", "Identities")
        page.table(
            ["Identity", "State", "Owner and purpose", "What runs", "Privilege", "Credentials", "Connects to", "Seen"]
        ) { page in
            for case .identity(let row) in rows { identity(row, &page) }
        }
        page.element("h2", "Credentials that were read")
        page.table(["Credential", "Finding", "Read by", "First and last read"]) { page in
            for case .credential(let row) in rows { credential(row, &page) }
        }
        page.element("p", legend, class: "note")
        page.end()
        return page.text
    }

    private static let legend = """
        active: seen of late. dormant: not seen for a long time. orphaned: nobody answers for it. expired: it should be gone \
        by now. retired: gone. shared: two workloads read it. human use: only exec sessions and logins ever read it; human \
        access: these too. Capabilities are those that are held; which of them were used only the fentry tier tells.
        """

    private static func tiles(_ inventory: Inventory, _ page: inout Page) {
        page.raw("<ul class=\"tiles\">")
        func tile(_ count: Int, _ what: String, _ mark: String = "") {
            page.open("li", ["class": mark])
            page.raw("<b>")
            page.write(String(count))
            page.raw("</b> ")
            page.write(what)
            page.close("li")
        }
        for state in Inventory.State.allCases { tile(inventory.count(state), state.rawValue, state.rawValue) }
        tile(inventory.identities.count { $0.review?.state == .overdue }, "reviews overdue")
        tile(inventory.credentials.count, "credentials")
        tile(inventory.credentials.count(where: \.isShared), "shared")
        tile(inventory.credentials.count(where: \.isForPeopleOnly), "human use")
        page.raw("</ul>\n")
    }

    private static func identity(_ row: IdentityRow, _ page: inout Page) {
        page.raw("<tr>")
        page.cell([row.id, row.spiffeIds.first, row.serviceAccount.map { "service account \($0)" }])
        page.raw("<td>")
        page.mark(row.state)
        for finding in row.findings { page.line(finding) }
        if row.alerts > 0 { page.line("\(row.alerts) alert\(row.alerts == 1 ? "" : "s")") }
        page.raw("</td>")
        page.cell([
            row.owner.name, row.owner.contact, row.purpose, row.repository, row.pipeline,
            row.review.map { "review every \($0.intervalDays) days, \($0.state), by \($0.due)" },
            row.expires.map { "expires \($0)" },
        ])
        page.cell([row.image, row.digest.map { String($0.prefix(19)) }, "scan: \(row.scanText)"])
        var privilege: [String?] = [row.usersText.isEmpty ? nil : "as \(row.usersText)"]
        if row.privilege.privileged == true { privilege.append("PRIVILEGED CONTAINER") }
        if let held = row.privilege.capabilities {
            privilege.append(held.isEmpty ? "no capabilities" : held.joined(separator: " "))
        }
        let used = row.privilege.capabilitiesUsed
        if !used.isEmpty { privilege.append("used: " + used.joined(separator: " ")) }
        for mount in row.privilege.hostMounts ?? [] { privilege.append(mount) }
        page.cell(privilege)
        page.cell(row.credentials.map { Self.line($0.class, $0.path, $0.findings) })
        page.cell(row.destinations)
        page.cell([
            "\(row.running) of \(row.instances) run", "first \(row.firstSeen.ISO8601Format())",
            "last \(row.lastSeen.ISO8601Format())",
        ])
        page.raw("</tr>\n")
    }

    private static func line(_ name: String, _ path: String, _ findings: [String]) -> String {
        "\(name): \(path)" + (findings.isEmpty ? "" : " (\(findings.joined(separator: ", ")))")
    }

    private static func credential(_ row: CredentialRow, _ page: inout Page) {
        page.raw("<tr>")
        page.cell([row.path, "\(row.what) (\(row.class))", row.owner.map { "in \($0)" } ?? "on the node"])
        page.raw("<td>")
        for finding in row.findings { page.mark(finding) }
        page.raw("</td>")
        page.cell(
            row.readers.map { reader in
                var text = "\(reader.workload) by \(reader.program)"
                if reader.by == "person" { text += ", a person" }
                if reader.path != row.path { text += " as \(reader.path)" }
                return text
            })
        page.cell([row.firstRead.ISO8601Format(), row.lastRead.ISO8601Format()])
        page.raw("</tr>\n")
    }
}
