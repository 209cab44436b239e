import Drift

/// The report as text that reads well as it is, and as Markdown (CommonMark with tables).
package enum MarkdownReport {
    package static func text(_ report: Report) -> String {
        var text = Text()
        text.heading(1, "Runtime evidence of \(report.host)")
        text.paragraph(
            "From \(report.from.text) to \(report.to.text); made \(report.made.text) by driftwatch \(report.version).")
        if !report.proof.whole {
            text.paragraph("**The evidence was changed.** What stands below may not be what happened.")
            text.grid(Grids.findings(report.proof))
        }
        text.heading(2, "In short")
        text.list(report.summary)
        text.grid(Grids.waiting(report))

        text.heading(2, "What was watched")
        text.grid(Grids.unwatched(report.coverage))
        text.grid(Grids.losses(report.coverage))
        text.grid(Grids.blind(report.coverage))

        text.heading(2, "What was found")
        text.grid(Grids.worst(report.alerts))
        text.grid(Grids.timeline(report.alerts.timeline))
        text.grid(Grids.tally(report.alerts.rules, "By rule", "Rule"))
        text.grid(Grids.tally(report.alerts.workloads, "By workload", "Workload"))
        text.grid(Grids.tally(report.alerts.techniques, "By technique of \(Threat.framework)", "Technique"))

        text.heading(2, "What was done about it")
        text.grid(Grids.responses(report.responses))

        text.heading(2, "What is normal")
        text.grid(Grids.baselines(report.baselines))
        text.grid(Grids.changes(report.baselines))

        text.heading(2, "Identities and credentials")
        text.grid(Grids.states(report.register))
        text.grid(Grids.identities(report.register))
        text.grid(Grids.credentials(report.register))
        text.grid(Grids.instances(report.instances))

        text.heading(2, "Controls")
        text.paragraph(ReportPage.rule)
        for framework in Framework.allCases {
            text.grid(Grids.controls(report.controls.filter { $0.framework == framework.rawValue }))
        }

        text.heading(2, "What the evidence is worth")
        text.list(report.proof.sentences)
        return text.text
    }

    /// Foreign text in a code span, in which nothing is markup; what would end the span or the cell is written as its number.
    static func code(_ name: String) -> String {
        let shown = printable(name, limit: ReportPage.mostCharacters)
        guard !shown.isEmpty else { return "–" }
        return "`" + shown.replacing("`", with: "\\x60").replacing("|", with: "\\x7c") + "`"
    }

    /// Text in which nothing is markup: a sentence may quote a name.
    static func escaped(_ sentence: String) -> String {
        var result = ""
        for scalar in printable(sentence, limit: ReportPage.mostCharacters).unicodeScalars {
            if "\\`*_[]<>&~|#".unicodeScalars.contains(scalar) { result += "\\" }
            result.unicodeScalars.append(scalar)
        }
        // What some readers make a link of.
        return result.replacing("://", with: "\\://").replacing("www.", with: "www\\.")
    }

    private struct Text {
        var text = ""

        mutating func heading(_ level: Int, _ words: String) {
            if !text.isEmpty { text += "\n" }
            text += String(repeating: "#", count: level) + " " + MarkdownReport.escaped(words) + "\n"
        }

        /// Words of ours, in which markup is meant.
        mutating func paragraph(_ markdown: String) { text += "\n" + markdown + "\n" }

        mutating func list(_ sentences: [String]) {
            text += "\n"
            for sentence in sentences { text += "- " + MarkdownReport.escaped(sentence) + "\n" }
        }

        mutating func grid(_ grid: Grid) {
            text += "\n### " + MarkdownReport.escaped(grid.title) + "\n\n"
            guard !grid.isEmpty else {
                text += "None.\n"
                return
            }
            text += row(grid.columns.map(MarkdownReport.escaped))
            text += row(grid.columns.map { _ in "---" })
            for cells in grid.rows { text += row(cells.map(cell)) }
            if grid.more > 0 { text += "\nand \(Words.digits(grid.more)) more\n" }
        }

        private func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |\n" }

        private func cell(_ cell: Grid.Cell) -> String {
            switch cell {
            case .words(let words), .mark(let words): words.isEmpty ? "–" : MarkdownReport.escaped(words)
            case .name(let name): MarkdownReport.code(name)
            // Ours, so nothing in it breaks the cell but a bar.
            case .command(let command): "`" + command.replacing("|", with: "\\|") + "`"
            case .names(let names): names.isEmpty ? "–" : names.map(MarkdownReport.escaped).joined(separator: "<br>")
            case .lines(let lines, let last):
                (lines + (last.map { [$0] } ?? [])).map(MarkdownReport.escaped).joined(separator: "<br>")
            case .number(let number): Words.digits(number)
            case .time(let time): time.text
            }
        }
    }
}
