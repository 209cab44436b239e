import Sinks

/// Alerts over time, by grade, and under them when somebody watched.
enum TimelinePicture {
    private static let frame = Picture(width: 900, height: 236)
    private static let (left, right, top, base) = (44.0, 888.0, 26.0, 160.0)

    static func draw(_ report: Report, _ page: inout Page) {
        let period = Period(from: report.from.nanoseconds, to: report.to.nanoseconds)
        let scale = TimeScale(period: period, left: left, right: right)
        let timeline = report.alerts.timeline
        frame.draw(
            &page, id: "timeline", title: "Alerts over time, and when somebody watched",
            says: says(report)
        ) { page in
            legend(report.alerts, &page)
            scale.draw(&page, y: base, top: top)
            bars(timeline, scale, &page)
            coverage(report.coverage, scale, period.past(report.made.nanoseconds), &page)
        }
    }

    private static func says(_ report: Report) -> String {
        let alerts = report.alerts
        let grades = Grade.allCases.map { "\(alerts[$0]) \($0.rawValue)" }
        return
            "\(Words.count(alerts.count, "alert")): \(Words.list(grades)). Watched for \(Words.percent(report.coverage.share)) of the time. The tables have the same in numbers."
    }

    private static func legend(_ alerts: AlertChapter, _ page: inout Page) {
        var x = left
        for grade in Grade.allCases {
            page.rect(x, 6, 11, 11, "f-\(grade.rawValue)")
            page.label("\(grade.rawValue) (\(grade.range)): \(Words.digits(alerts[grade]))", x + 16, 15.5)
            x += 190
        }
    }

    private static func bars(_ timeline: Timeline, _ scale: TimeScale, _ page: inout Page) {
        let most = max(1, timeline.steps.map(\.total).max() ?? 1)
        let height = base - top - 6
        page.label(Words.digits(most), left - 6, top + 10, .end, soft: true)
        page.label("0", left - 6, base, .end, soft: true)
        for step in timeline.steps where step.total > 0 {
            let from = scale.x(step.from.nanoseconds)
            let to = scale.x(step.from.nanoseconds + timeline.length * 1_000_000_000)
            let gap = to - from > 4 ? 1.0 : 0
            var y = base
            // The gravest stand on the line, where the eye compares best.
            for grade in Grade.allCases where step[grade] > 0 {
                let part = max(2, Double(step[grade]) / Double(most) * height)
                y -= part
                page.rect(
                    from + gap / 2, y, max(1.5, to - from - gap), part, "f-\(grade.rawValue)",
                    says: "\(step.from.text): \(step[grade]) \(grade.rawValue)")
            }
        }
    }

    private static func coverage(
        _ coverage: CoverageChapter, _ scale: TimeScale, _ past: Period, _ page: inout Page
    ) {
        let y = base + 26
        page.rect(left, y, right - left, 16, "f-faint")
        for stretch in coverage.watched.first {
            let from = scale.x(stretch.from.nanoseconds)
            page.rect(
                from, y, max(0.8, scale.x(stretch.to.nanoseconds) - from), 16, "f-good",
                says: "watched from \(stretch.from.text) to \(stretch.to.text)")
        }
        for stretch in coverage.unwatched.first {
            let (from, to) = (scale.x(stretch.from.nanoseconds), scale.x(stretch.to.nanoseconds))
            // Also without colour: what nobody watched is crossed out.
            page.line(from, y + 16, max(to, from + 1), y, "hatch")
            page.line(from, y, max(to, from + 1), y + 16, "hatch")
        }
        for loss in coverage.losses.first {
            let from = scale.x(loss.from.nanoseconds)
            page.path("M\(number(from)) \(number(y + 18)) l4 7 h-8 z", "f-odd")
        }
        let x = left
        page.rect(x, y + 32, 11, 11, "f-good")
        page.label("watched", x + 16, y + 41.5)
        page.line(x + 90, y + 32, x + 101, y + 43, "hatch")
        page.line(x + 101, y + 32, x + 90, y + 43, "hatch")
        page.label("nobody watched", x + 107, y + 41.5)
        page.path("M\(number(x + 225)) \(number(y + 34)) l4 7 h-8 z", "f-odd")
        page.label("acts were lost, or the monitor was held up", x + 234, y + 41.5)
    }
}
