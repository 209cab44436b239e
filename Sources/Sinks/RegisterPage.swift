import Drift
import Evidence
import Foundation

/// The register as one page of HTML: nothing is loaded, nothing runs, and it can be read in the dark and on paper.
package enum RegisterPage {
    package static func html(_ inventory: Inventory, host: String) -> String {
        var page = Page()
        let time = Date(timeIntervalSince1970: Double(inventory.now) / 1e9).ISO8601Format()
        page.raw("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
        // Whatever a name may hold: no script, no request.
        page.raw(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">")
        page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
        page.element("title", "Register of non-human identities, \(host)")
        page.raw("<style>\(style)</style></head><body>\n")
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
        page.raw("</body></html>\n")
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
            page.raw("<li class=\"\(mark)\"><b>\(count)</b> ")
            page.write(what)
            page.raw("</li>")
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

    private static let style = """
        :root{color-scheme:light dark;--line:#bbb;--soft:#666;--bad:#b00020;--odd:#8a5a00;--good:#20662b}
        @media(prefers-color-scheme:dark){:root{--line:#555;--soft:#aaa;--bad:#ff8a80;--odd:#ffcc66;--good:#8fd69a}}
        body{font:14px/1.4 system-ui,sans-serif;margin:2em auto;padding:0 1em;max-width:110em}
        h1{font-size:1.5em}h2{font-size:1.15em;margin-top:2em}.note{color:var(--soft);max-width:60em}
        .tiles{display:flex;flex-wrap:wrap;gap:.6em;padding:0;list-style:none}
        .tiles li{border:1px solid var(--line);border-radius:.4em;padding:.4em .8em}.tiles b{font-size:1.3em}
        .scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}
        th,td{border-bottom:1px solid var(--line);padding:.4em .8em .4em 0;text-align:left;vertical-align:top}
        th{color:var(--soft);font-weight:600}td{overflow-wrap:anywhere;min-width:7em}
        td div+div{color:var(--soft)}td .mark+div,td .mark+.mark{margin-top:.2em}
        .mark{font-weight:600}.expired,.shared,.human{color:var(--bad)}.orphaned,.dormant{color:var(--odd)}
        .active{color:var(--good)}.retired{color:var(--soft)}
        details div{margin:.1em 0}summary{cursor:pointer;color:var(--soft)}
        @media print{body{font-size:9pt;margin:0;max-width:none}tr{break-inside:avoid}thead{display:table-header-group}
        details::details-content{content-visibility:visible;block-size:auto}.scroll{overflow:visible}}
        """

    /// Text goes in escaped; only what is written here as markup is markup.
    private struct Page {
        private(set) var text = ""

        mutating func raw(_ markup: String) { text += markup }

        mutating func write(_ content: String) { text += RegisterPage.escaped(content) }

        mutating func element(_ name: String, _ content: String, class: String? = nil) {
            raw("<\(name)\(`class`.map { " class=\"\($0)\"" } ?? "")>")
            write(content)
            raw("</\(name)>\n")
        }

        mutating func table(_ columns: [String], _ rows: (inout Page) -> Void) {
            raw("<div class=\"scroll\"><table><thead><tr>")
            for column in columns { element("th", column) }
            raw("</tr></thead><tbody>\n")
            rows(&self)
            raw("</tbody></table></div>\n")
        }

        mutating func line(_ content: String) { element("div", content) }

        /// A word of the register's own: its first word is a class of the style sheet.
        mutating func mark(_ word: String) {
            element("div", word, class: "mark " + (word.split(separator: " ").first.map(String.init) ?? ""))
        }

        /// A line for each; of many the first few at once.
        mutating func cell(_ lines: [String?]) {
            let lines = lines.compactMap(\.self)
            raw("<td>")
            for content in lines.prefix(RegisterPage.mostLines) { line(content) }
            if lines.isEmpty { line("–") }
            if lines.count > RegisterPage.mostLines {
                raw("<details><summary>")
                write("\(lines.count - RegisterPage.mostLines) more")
                raw("</summary>")
                for content in lines.dropFirst(RegisterPage.mostLines) { line(content) }
                raw("</details>")
            }
            raw("</td>")
        }
    }

    fileprivate static let mostLines = 8

    static func escaped(_ text: String) -> String {
        var result = ""
        for character in printable(text).unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
