import Baselines
import Evidence
import Foundation
import Testing
import Workloads

@testable import Reports

/// Names are chosen by attackers: nothing of them may become markup.
@Suite struct HostileTests {
    static let names = [
        "<script>alert(1)</script>", "\"><img src=http://127.0.0.1:9/x onerror=alert(1)>", "' onload='alert(1)",
        "</td></tr></table><h1>", "</title></svg><script>x</script>", "</style><script>x</script>", "&lt;&#0;",
        "a\u{0}b\nc\u{1b}[31m\r\n# heading", "\u{202e}gnp.exe\u{2066}", "a|b|c", "`code` and ``more``", "a\\|b\\",
        "[x](http://x)",
        "![x](http://127.0.0.1:9/x)", "**bold** _it_ ~~no~~", "http://127.0.0.1:9/x www.x.y", "\u{e9}\u{301}\u{1f980}",
        String(repeating: "very/long/", count: 900),
    ]

    private func report(_ name: String) throws -> (Report, Scene) {
        let scene = try Scene()
        let quoted = String(decoding: try JSONEncoder().encode(name), as: UTF8.self).dropFirst().dropLast()
        for line in [
            Recorded.alert("exec.shell", Scene.begin + Scene.hour),
            Recorded.response("restricted", Scene.begin + Scene.hour),
            Recorded.response("restricted", mode: "dry-run", outcome: "unknown", Scene.begin + Scene.hour),
            Recorded.ended(Scene.begin + Scene.hour), Recorded.started(Scene.begin),
            Recorded.gap("lost", Scene.begin, Scene.begin + Scene.hour, lost: 2),
        ] {
            // Every string but times, kinds and actions.
            let spoiled = line.replacing(
                /"(id|reason|name|tier|text|kernel|policy|step|alert|path|class|by|decision|state|why|mode|outcome)":"[^"]*"/
            ) { "\"\($0.1)\":\"\(quoted)\"" }.replacing("[\"host\"]", with: "[\"\(quoted)\"]")
            try scene.add(spoiled, at: Scene.begin + Scene.hour)
        }
        try scene.seal()
        var facts = IdentityFacts(Workload(id: name, kind: .container, instance: name))
        facts.ownership.owner = name
        var row = StoredIdentity(workload: name, first: Scene.begin, last: Scene.now)
        row.facts = Scene.json(facts)
        var credential = StoredCredential(
            key: .init(sort: name, path: name, owner: name), what: name, first: Scene.begin, last: Scene.now)
        credential.readers = [
            .init(
                workload: name, program: name, path: name, isPerson: true, first: Scene.begin, last: Scene.now, count: 1
            )
        ]
        let key = BaselineKey(workload: name, digest: name)
        try scene.store.write([
            .identity(row, []), .credential(credential),
            .baseline(
                StoredBaseline(
                    key: key, state: .candidate, learnedFrom: Scene.begin, learnedUntil: Scene.begin, units: 40,
                    starts: 1,
                    curve: "1:2 40:3")),
        ])
        _ = try scene.store.approve(key, who: name, why: name)
        let now = Int64(Date().timeIntervalSince1970 * 1e9) + Scene.day
        return (try scene.report(Period(from: Scene.begin, to: now), now: now), scene)
    }

    /// Tags with their attributes, as this program writes them.
    private static let markup = try! NSRegularExpression(
        pattern: #"^(/?[a-z][a-z0-9]*|!DOCTYPE html)( [a-zA-Z0-9-]+="[^"<>]*")*$"#)
    private static let known: Set<String> = [
        "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "h3", "p", "ul", "li", "b", "div",
        "table",
        "thead", "tbody", "tr", "th", "td", "code", "details", "summary", "figure", "figcaption", "svg", "desc", "rect",
        "line", "path", "text", "!DOCTYPE",
    ]

    @Test(arguments: names) func thePageHoldsTextAsText(_ name: String) throws {
        let page = ReportPage.html(try report(name).0)
        for byte in page.utf8 { #expect(byte >= 0x20 || byte == 0x0a) }
        #expect(
            !page.unicodeScalars.contains {
                (0x202a...0x202e).contains($0.value) || (0x2066...0x2069).contains($0.value)
            })
        let head = try #require(page.range(of: "<style>"))
        let rest = try #require(page.range(of: "</style>"))
        for tag in (page[..<head.lowerBound] + page[rest.upperBound...]).split(separator: "<").dropFirst(0) {
            let words = String(tag.prefix { $0 != ">" })
            let range = NSRange(words.startIndex..., in: words)
            #expect(Self.markup.firstMatch(in: words, range: range) != nil, "<\(words)>")
            let element = words.drop { $0 == "/" }.prefix { $0 != " " }
            #expect(Self.known.contains(String(element)), "<\(words)>")
            for attribute in ["src=", "href=", "style=", " on"] {
                #expect(!words.contains(attribute) || words.contains("=\""), "<\(words)>")
            }
            #expect(words.range(of: #" (src|href|style|on[a-z]+)=""#, options: .regularExpression) == nil, "<\(words)>")
        }
        #expect(page.utf8.count < 400_000, "\(page.utf8.count)")
    }

    @Test(arguments: names) func markdownHoldsTextAsText(_ name: String) throws {
        let text = MarkdownReport.text(try report(name).0)
        for byte in text.utf8 { #expect(byte >= 0x20 || byte == 0x0a) }
        var columns = 0
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            guard line.hasPrefix("|") else {
                columns = 0
                continue
            }
            // What GFM takes for a cell: up to the next bar that no backslash stands before.
            let bars = line.replacing(/\\[!-\/:-@\[-`{-~]/, with: "").count { $0 == "|" }
            if columns > 0 { #expect(bars == columns, "\(line)") }
            columns = bars
            // Outside of code, nothing of Markdown is left but our own line breaks.
            let bare = line.replacing(/`[^`]*`/, with: "").replacing(/\\[!-\/:-@\[-`{-~]/, with: "").replacing(
                "<br>", with: "")
            #expect(!bare.contains { "`*_[]<>~".contains($0) }, "\(line)")
            #expect(!bare.contains("://"), "\(line)")
        }
    }

    @Test func manyNamesCostNoMoreThanAreShown() throws {
        let scene = try Scene()
        let line = Recorded.alert("exec.shell", Scene.begin)
        for number in 0..<8_500 {
            let name = "container/\(number)-\(String(repeating: "x", count: 20))"
            try scene.add(line.replacing("k8s/shop/deployment/web/nginx", with: name), at: Scene.begin)
        }
        try scene.seal()
        let report = try scene.report()
        #expect(report.alerts.count == 8_500 && report.alerts.workloads.names < 8192)
        #expect(report.alerts.workloads.total == 8_500)
        #expect(ReportPage.html(report).utf8.count < 300_000 && MarkdownReport.text(report).utf8.count < 300_000)
    }
}
