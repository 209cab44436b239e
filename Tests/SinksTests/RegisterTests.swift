import Baselines
import Events
import Foundation
import Testing
import Workloads

@testable import Drift
@testable import Evidence
@testable import Sinks

@Suite struct RegisterTests {
    /// Everything that a container's author can choose is meant to break something.
    static let hostile = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "';--", "=cmd|' /C calc'!A0",
        "a\u{0}b\nc\u{1b}[31m",
        "</td></tr></table>", "&lt;", "\u{202e}gnp.exe", "\u{ff}\u{fe}", "@import url(http://x)", "javascript:alert(1)",
        "a,b;\"c\"", "+1", "-1", "\"\u{301},=1", "=\u{301}1",
    ]

    static func inventory(_ name: String) -> Inventory {
        var facts = IdentityFacts(
            Workload(
                id: name, kind: .container, instance: name, digest: name,
                container: Container(id: name, runtime: name, image: Image(name: name))))
        facts.ownership.owner = name
        facts.ownership.contact = name
        facts.ownership.purpose = name
        facts.ownership.repository = "javascript:" + name
        facts.ownership.pipeline = name
        facts.ownership.expires = name
        facts.identities = [IdentityFacts.Identity(id: name, source: name)]
        var row = StoredIdentity(workload: name, first: Scenes.now - 5 * Scenes.second, last: Scenes.now)
        row.facts = facts.json
        row.privilege = json(Privilege(capabilities: 1 << 12, hostMounts: [name]))
        let key = StoredCredential.Key(sort: "tls-key", path: name, owner: name)
        var credential = StoredCredential(key: key, what: name, first: Scenes.now, last: Scenes.now)
        credential.readers = [
            StoredCredential.Reader(
                workload: name, program: name, path: name + "'", isPerson: true, first: Scenes.now, last: Scenes.now,
                count: 1)
        ]
        let uses = (0..<20).map { StoredUse(.destination, "\(name)\($0)", first: 0, last: 0) }
        return Inventory(
            [row], uses: [name: uses], credentials: [credential], running: [:], watched: Scenes.now, now: Scenes.now)
    }

    @Test(arguments: hostile) func thePageHoldsTextAsText(_ name: String) throws {
        let page = RegisterPage.html(Self.inventory(name), host: name)
        for byte in page.utf8 { #expect(byte >= 0x20 || byte == 0x0a) }
        // Markup is what the page itself writes: each tag is one of these, with no attribute but a class.
        let known: Set<String> = [
            "!DOCTYPE html", "html lang=\"en\"", "head", "title", "style", "body", "main", "h1", "h2", "p",
            "p class=\"note\"",
            "ul class=\"tiles\"", "b", "table class=\"wide\"", "thead", "tbody", "tr",
            "th scope=\"col\" class=\"words\"", "td", "div",
            "div class=\"scroll\"",
            "details", "summary", "meta charset=\"utf-8\"",
            "meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"", "div class=\"mark human\"",
            "meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\"",
        ]
        let styled = try #require(page.range(of: "<style>"))
        let unstyled = try #require(page.range(of: "</style>"))
        let markup = page[..<styled.upperBound] + page[unstyled.lowerBound...]
        for tag in markup.split(separator: "<").dropFirst(page.hasPrefix("<") ? 0 : 1) {
            let words = String(tag.prefix { $0 != ">" })
            let isState = Inventory.State.allCases.contains {
                words == "li class=\"\($0.rawValue)\"" || words == "div class=\"mark \($0.rawValue)\""
            }
            #expect(
                known.contains(words) || words.hasPrefix("/") && !words.contains(" ") || isState
                    || words == "li class=\"\"",
                "<\(words)>")
        }
        #expect(!page.contains("http://") || name.contains("http://"), "nothing is asked of a network")
    }

    @Test func thePageTellsTheStory() {
        let page = RegisterPage.html(Self.inventory("container/web"), host: "node-1")
        for text in ["node-1", "container/web", "active", "human use", "CAP_NET_ADMIN", "12 more", "container/web0"] {
            #expect(page.contains(text), "\(text)")
        }
    }

    /// Read back by the rules of RFC 4180.
    @Test(arguments: hostile) func aSpreadsheetReadsTextAsText(_ name: String) throws {
        let text = RegisterCSV.text(Self.inventory(name))
        var lines: [[String]] = [[]]
        var cell = ""
        var isQuoted = false
        var rest = Array(text.unicodeScalars)[...]
        while let next = rest.popFirst() {
            if isQuoted, next == "\"", rest.first == "\"" {
                rest.removeFirst()
                cell.unicodeScalars.append(next)
            } else if next == "\"" {
                isQuoted.toggle()
            } else if !isQuoted, next == "," || next == "\r" {
                lines[lines.count - 1].append(cell)
                cell = ""
            } else if !isQuoted, next == "\n" {
                lines.append([])
            } else {
                cell.unicodeScalars.append(next)
            }
        }
        #expect(
            lines.count == 4 && lines[3].isEmpty && lines[1].count == lines[0].count && lines[2].count == lines[0].count
        )
        for cell in lines.joined() {
            #expect(cell.unicodeScalars.first.map { !"=+-@".unicodeScalars.contains($0) } ?? true, "\(cell)")
        }
        let shown = printable(name)
        #expect(
            Array(lines[1][1].unicodeScalars).suffix(shown.unicodeScalars.count) == Array(shown.unicodeScalars)[...])
    }

    static func changes() -> [Register.Change] {
        let key = StoredCredential.Key(sort: "mounted-secret", path: "/run/secrets/token", owner: Scenes.web.id)
        var credential = StoredCredential(key: key, what: "a mounted secret", first: Scenes.now, last: Scenes.now)
        credential.readers = [Scenes.web, Scenes.cron].map {
            StoredCredential.Reader(
                workload: $0.id, program: "/bin/app", path: key.path, isPerson: $0 == Scenes.cron, first: Scenes.now,
                last: Scenes.now, count: 1)
        }
        return [
            .identity(Scenes.web), .content(Scenes.web, before: "sha256:77aa"),
            .expired(Scenes.web, day: "2026-11-01"), .overdue(Scenes.web, reviewed: "2026-07-01"),
            .credential(credential, by: Scenes.web),
            .shared(credential, by: Scenes.cron), .person(credential, by: Scenes.cron),
        ]
    }

    static let ended: StateEvent = {
        var life = LineTests.life
        var custody = Custody(scan: ScanStatus(state: .clean, scanner: "Trivy", scannedAt: Scenes.now))
        custody.reads = [
            Custody.Read(
                sort: "mounted-secret", path: "/run/secrets/token", program: "/bin/cat", isPerson: true, at: Scenes.now)
        ]
        custody.alerts = LineTests.alerts().prefix(1).map(Custody.Alert.init)
        custody.policy = Custody.Policy(state: "armed")
        custody.policy?.checksum = "sha256:41d0"
        custody.policy?.approvedBy = "anna"
        custody.policy?.approvedAt = Scenes.now
        life.custody = custody
        return .ended(life, at: Scenes.now)
    }()

    @Test func linesAreAsTheyWere() throws {
        var format = ECSFormat(host: Scenes.host, seed: 1)
        var lines: [[UInt8]] = []
        for change in Self.changes() { lines.append(format.change(change, at: Scenes.now, created: LineTests.created)) }
        lines.append(format.state(Self.ended, at: Scenes.now, created: LineTests.created))
        let text = TextFormat(color: false)
        for line in lines {
            _ = try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
            #expect(try EventReader.read(Array(line.dropLast())) == nil, "it is nobody's behaviour")
        }
        lines += Self.changes().map { text.change($0, at: Scenes.now) }
        try Golden.compare("register", lines)
    }
}
