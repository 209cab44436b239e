import Sinks

/// Draws into a page: pictures are markup like the rest, coloured by classes, so that they follow the style sheet.
struct Picture {
    let width: Double
    let height: Double

    /// A picture with a title and its words for those who do not see it.
    func draw(_ page: inout Page, id: String, title: String, says: String, _ body: (inout Page) -> Void) {
        page.open(
            "svg",
            [
                "viewBox": "0 0 \(number(width)) \(number(height))", "role": "img",
                "aria-labelledby": "\(id)-title \(id)-says",
            ])
        page.open("title", ["id": "\(id)-title"])
        page.write(title)
        page.close("title")
        page.open("desc", ["id": "\(id)-says"])
        page.write(says)
        page.close("desc")
        body(&page)
        page.close("svg")
        page.raw("\n")
    }
}

/// With as few digits as a picture needs.
func number(_ value: Double) -> String {
    let tenths = (value * 10).rounded()
    return tenths.truncatingRemainder(dividingBy: 10) == 0 ? String(Int(tenths / 10)) : String(tenths / 10)
}

extension Page {
    /// With words that a pointer finds.
    mutating func rect(
        _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ kind: String, says: String? = nil
    ) {
        open(
            "rect",
            [
                "x": number(x), "y": number(y), "width": number(max(0, width)), "height": number(max(0, height)),
                "class": kind,
            ])
        if let says { element("title", says) }
        close("rect")
    }

    mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ kind: String) {
        open(
            "line",
            ["x1": number(x1), "y1": number(y1), "x2": number(x2), "y2": number(y2), "class": kind])
        close("line")
    }

    mutating func path(_ path: String, _ kind: String) {
        open("path", ["d": path, "class": kind])
        close("path")
    }

    enum Anchor: String { case start, middle, end }

    mutating func label(
        _ text: String, _ x: Double, _ y: Double, _ anchor: Anchor = .start, soft: Bool = false, says: String? = nil
    ) {
        open(
            "text", ["x": number(x), "y": number(y), "text-anchor": anchor.rawValue, "class": soft ? "soft" : "plain"])
        write(text)
        if let says { element("title", says) }
        close("text")
    }
}

/// Time along the width of a picture.
struct TimeScale {
    let period: Period
    let left: Double
    let right: Double

    func x(_ time: Int64) -> Double {
        guard period.length > 0 else { return left }
        let share = Double(time - period.from) / Double(period.length)
        return left + min(max(share, 0), 1) * (right - left)
    }

    private static let steps: [Int64] = [
        1, 5, 15, 60, 300, 900, 3600, 10800, 21600, 43200, 86400, 172_800, 604_800, 2_592_000, 7_776_000, 31_536_000,
    ]

    /// At round times, at most seven.
    var marks: [Int64] {
        let seconds = period.length / 1_000_000_000
        let step = (Self.steps.first { seconds / $0 <= 7 } ?? 315_360_000) * 1_000_000_000
        let first = period.from + (step - (period.from % step + step) % step) % step
        return Array(stride(from: first, to: period.to, by: Int64.Stride(step)))
    }

    /// `20 Nov` where days are told, else with the time.
    func text(_ time: Int64) -> String {
        let text = Moment(time).text
        let day = Int(text.dropFirst(8).prefix(2)) ?? 0
        let month = Int(text.dropFirst(5).prefix(2)) ?? 1
        let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let date = "\(day) \(names[(month - 1) % 12])"
        let clock = text.dropFirst(11).prefix(period.length < 600_000_000_000 ? 8 : 5)
        return time % 86_400_000_000_000 == 0 ? date : String(clock)
    }

    func draw(_ page: inout Page, y: Double, top: Double) {
        for mark in marks {
            page.line(x(mark), top, x(mark), y, "axis")
            page.label(text(mark), x(mark), y + 13, .middle, soft: true)
        }
        page.line(left, y, right, y, "axis")
    }
}
