import Drift
import Sinks

/// The report as one page of HTML: nothing is loaded, nothing runs; on a screen, in the dark, on a phone, on paper.
package enum ReportPage {
    /// Of one text that others have chosen; JSON has all of it.
    static let mostCharacters = 600

    /// How the status of a control comes about.
    static let rule = """
        By rule, from what is there: evidence, where all of what a control rests on was found, nearly all of the time was \
        watched and the evidence is whole; partial, where something of that is missing or lies beyond a node; none, where \
        there is nothing. It is no judgement on whether a control is met: that is an auditor's to make.
        """

    package static func html(_ report: Report) -> String {
        var page = Page(title: "Runtime evidence of \(report.host)", limit: mostCharacters)
        page.element("h1", "Runtime evidence of \(report.host)")
        page.element(
            "p",
            "From \(report.from.text) to \(report.to.text); made \(report.made.text) by driftwatch \(report.version).",
            class: "note")
        if !report.proof.whole { alarm(report.proof, &page) }
        short(report, &page)
        watched(report, &page)
        found(report, &page)
        done(report, &page)
        normal(report.baselines, &page)
        identities(report, &page)
        controls(report, &page)
        page.element("h2", "What the evidence is worth")
        list(report.proof.sentences, &page)
        page.end()
        return page.text
    }

    private static func alarm(_ proof: ProofChapter, _ page: inout Page) {
        page.raw("<div class=\"alarm\" role=\"alert\"><p><b>The evidence was changed.</b> ")
        page.write("What stands below may not be what happened.")
        page.raw("</p>\n")
        grid(Grids.findings(proof), &page)
        page.raw("</div>\n")
    }

    private static func short(_ report: Report, _ page: inout Page) {
        page.element("h2", "In short")
        list(report.summary, &page)
        grid(Grids.waiting(report), &page)
    }

    private static func watched(_ report: Report, _ page: inout Page) {
        page.element("h2", "What was watched, and what was found")
        figure(
            "Alerts by their severity of 1 to 100, over the time in which somebody watched.",
            Grids.timeline(report.alerts.timeline), &page
        ) { TimelinePicture.draw(report, &$0) }
        grid(Grids.unwatched(report.coverage), &page)
        grid(Grids.losses(report.coverage), &page)
        grid(Grids.blind(report.coverage), &page)
    }

    private static func found(_ report: Report, _ page: inout Page) {
        page.element("h2", "Alerts")
        guard report.alerts.count > 0 else { return page.element("p", "There was none.") }
        grid(Grids.worst(report.alerts), &page)
        grid(Grids.tally(report.alerts.rules, "By rule", "Rule"), &page)
        grid(Grids.tally(report.alerts.workloads, "By workload", "Workload"), &page)
        grid(Grids.tally(report.alerts.techniques, "By technique of \(Threat.framework)", "Technique"), &page)
    }

    private static func done(_ report: Report, _ page: inout Page) {
        page.element("h2", "What was done about it")
        guard report.responses.count > 0 else {
            return page.element("p", "No response took place: none was asked for, or none was due.")
        }
        grid(Grids.responses(report.responses), &page)
    }

    private static func normal(_ baselines: BaselineChapter, _ page: inout Page) {
        page.element("h2", "What is normal")
        let curves = baselines.rows.filter { $0.known != nil }.prefix(12)
        if !curves.isEmpty {
            page.element(
                "p",
                "How many behaviours were known after how much watching. A curve that is flat at its end says that little new came; the bar, how much of what is done is known, with the bounds of that estimate (95 %).",
                class: "note")
            page.raw("<div class=\"grid\">")
            for (index, row) in curves.enumerated() {
                page.raw("<figure>")
                page.element("div", row.workload, class: "name")
                page.element("div", row.state, class: "mark \(row.state)")
                CurvePicture.draw(row, index, &page)
                page.raw("</figure>\n")
            }
            page.raw("</div>\n")
        }
        grid(Grids.baselines(baselines), &page)
        grid(Grids.changes(baselines), &page)
    }

    private static func identities(_ report: Report, _ page: inout Page) {
        let register = report.register
        page.element("h2", "Identities and credentials")
        guard register.counts.identities > 0 else { return page.element("p", "None is registered.") }
        figure("Identities as they stand when the report is made.", Grids.states(register), &page) {
            StatePicture.draw(register, &$0)
        }
        grid(Grids.identities(register), &page)
        if !register.credentials.isEmpty {
            figure("Credentials that were read in the period. Red: shared, or read by people.", nil, &page) {
                CredentialPicture.draw(register, &$0)
            }
        }
        grid(Grids.credentials(register), &page)
        if report.instances.ended > 0 { grid(Grids.instances(report.instances), &page) }
    }

    private static func controls(_ report: Report, _ page: inout Page) {
        page.element("h2", "Controls")
        page.element("p", rule, class: "note")
        for framework in Framework.allCases {
            grid(Grids.controls(report.controls.filter { $0.framework == framework.rawValue }), &page)
        }
    }

    // MARK: Parts

    /// What is no longer stands in a narrow column.
    private static let fewCharacters = 32

    private static func list(_ sentences: [String], _ page: inout Page) {
        page.raw("<ul class=\"plain\">\n")
        for sentence in sentences { page.element("li", sentence) }
        page.raw("</ul>\n")
    }

    /// A picture, what it shows, and the same as a table.
    private static func figure(
        _ caption: String, _ table: Grid?, _ page: inout Page, _ draw: (inout Page) -> Void
    ) {
        page.raw("<figure><div class=\"scroll\">")
        draw(&page)
        page.raw("</div>")
        page.element("figcaption", caption)
        if let table, !table.isEmpty {
            page.raw("<details><summary>The same as a table</summary>")
            grid(table, &page)
            page.raw("</details>")
        }
        page.raw("</figure>\n")
    }

    private static func grid(_ grid: Grid, _ page: inout Page) {
        page.element("h3", grid.title)
        guard !grid.isEmpty else { return page.element("p", "None.", class: "note") }
        page.table(grid.columns, numbers: grid.numbers, class: "cards") { page in
            for cells in grid.rows {
                page.raw("<tr>")
                for (value, column) in zip(cells, grid.columns) { cell(value, column, &page) }
                page.raw("</tr>\n")
            }
        }
        if grid.more > 0 { page.element("p", "and \(Words.digits(grid.more)) more", class: "note") }
    }

    /// A cell knows its column: on a phone each row stands by itself.
    private static func cell(_ cell: Grid.Cell, _ column: String, _ page: inout Page) {
        func open(_ kind: String) { page.open("td", ["class": kind, "data-label": column]) }
        switch cell {
        case .words(let words):
            open(words.utf8.count > fewCharacters ? "wide" : "words")
            page.write(words.isEmpty ? "–" : words)
        case .name(let name):
            open("name")
            page.write(name.isEmpty ? "–" : name)
        case .names(let names):
            open("name")
            page.lines(names)
        case .lines(let lines, let last):
            open(lines.contains { $0.utf8.count > fewCharacters } ? "wide lines" : "words lines")
            for line in lines { page.line(line) }
            if let last { page.element("div", last, class: "note") }
        case .number(let number):
            open("number")
            page.write(Words.digits(number))
        case .time(let time):
            open("time")
            page.write(time.text)
        case .command(let command):
            open("wide")
            page.element("code", command)
        case .mark(let word):
            open("words")
            page.mark(word)
        }
        page.close("td")
    }
}
