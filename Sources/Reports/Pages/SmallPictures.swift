import Baselines
import Sinks

/// How much was known of a workload after how much watching, and how sure that is.
enum CurvePicture {
    private static let frame = Picture(width: 300, height: 132)
    private static let (left, right, top, base) = (30.0, 292.0, 8.0, 84.0)

    static func draw(_ row: BaselineChapter.Row, _ index: Int, _ page: inout Page) {
        let says =
            "\(row.state); known: \(Grids.known(row)); by \(Words.count(row.starts, "start")) and \(Words.count(row.units, "minute"))."
        frame.draw(&page, id: "curve-\(index)", title: "What was discovered of \(row.workload)", says: says) { page in
            page.line(left, base, right, base, "axis")
            page.line(left, top, left, base, "axis")
            let points = row.curve
            let units = Double(max(1, points.last?.units ?? 1))
            let most = Double(max(1, points.map(\.behaviours).max() ?? 1))
            func x(_ point: DiscoveryCurve.Point) -> Double { left + Double(point.units) / units * (right - left) }
            func y(_ point: DiscoveryCurve.Point) -> Double { base - Double(point.behaviours) / most * (base - top) }
            if points.isEmpty {
                page.label("not learned here", (left + right) / 2, (top + base) / 2, .middle, soft: true)
            } else {
                let steps = points.map { "\(number(x($0))) \(number(y($0)))" }
                page.path("M\(number(left)) \(number(base)) L" + steps.joined(separator: " L"), "curve")
                page.label(String(Int(most)), left - 4, top + 9, .end, soft: true)
                page.label("\(Words.digits(Int(units))) starts and minutes", right, base + 12, .end, soft: true)
                page.label("behaviours", right, base - 4, .end, soft: true)
            }
            interval(row.known, &page)
        }
    }

    /// From nothing to all that it does: what is known, and between what bounds.
    private static func interval(_ known: Completion.Estimate?, _ page: inout Page) {
        let y = base + 24
        page.rect(left, y, right - left, 8, "f-faint")
        page.label("0 %", left, y + 20, soft: true)
        page.label("100 %", right, y + 20, .end, soft: true)
        guard let known else { return }
        let width = right - left
        page.rect(left, y, known.share * width, 8, "f-ink")
        page.line(left + known.atLeast * width, y + 4, left + known.atMost * width, y + 4, "hatch")
        for bound in [known.atLeast, known.atMost] {
            page.line(left + bound * width, y - 3, left + bound * width, y + 11, "hatch")
        }
        page.label("known: \(Words.percent(known.share))", (left + right) / 2, y + 20, .middle)
    }
}

/// Identities by state, as parts of a bar.
enum StatePicture {
    private static let frame = Picture(width: 900, height: 66)

    static func draw(_ register: RegisterChapter, _ page: inout Page) {
        let total = Double(max(1, register.states.reduce(0) { $0 + $1.count }))
        let says = Words.list(register.states.map { "\($0.count) \($0.state)" })
        frame.draw(&page, id: "states", title: "Identities by state", says: says) { page in
            var x = 0.0
            var legend = 0.0
            for state in register.states {
                let width = Double(state.count) / total * 900
                let kind = kinds[state.state] ?? "f-soft"
                if state.count > 0 {
                    page.rect(x, 4, max(1, width - 1.5), 26, kind, says: "\(state.count) \(state.state)")
                }
                page.rect(legend, 44, 11, 11, kind)
                page.label("\(state.state): \(Words.digits(state.count))", legend + 16, 53.5)
                x += width
                legend += 170
            }
        }
    }

    private static let kinds = [
        "expired": "f-bad", "orphaned": "f-odd", "dormant": "f-medium", "active": "f-good", "retired": "f-soft",
    ]
}

/// Who reads which credential: readers on the left, credentials on the right.
enum CredentialPicture {
    private static let most = 24
    private static let step = 24.0
    private static let (left, right) = (330.0, 570.0)

    static func draw(_ register: RegisterChapter, _ page: inout Page) {
        let credentials = Array(register.credentials.prefix(most))
        var readers: [String] = []
        for credential in credentials {
            for reader in credential.readers where !readers.contains(reader.workload) && readers.count < most {
                readers.append(reader.workload)
            }
        }
        let rows = max(readers.count, credentials.count)
        let picture = Picture(width: 900, height: Double(rows) * step + 46)
        let says =
            "\(Words.count(readers.count, "workload")) and \(Words.count(credentials.count, "credential")); the table below has who reads what."
        picture.draw(&page, id: "credentials", title: "Who reads which credential", says: says) { page in
            func y(_ index: Int, of count: Int) -> Double {
                30 + (Double(index) + 0.5) * Double(rows) / Double(max(1, count)) * step
            }
            page.label("read by", left, 14, .end, soft: true)
            page.label("credential", right, 14, soft: true)
            for (index, credential) in credentials.enumerated() {
                for reader in credential.readers {
                    guard let from = readers.firstIndex(of: reader.workload) else { continue }
                    let (y1, y2) = (y(from, of: readers.count), y(index, of: credentials.count))
                    page.path(
                        "M\(number(left + 8)) \(number(y1)) C\(number(left + 120)) \(number(y1)) \(number(right - 120)) \(number(y2)) \(number(right - 8)) \(number(y2))",
                        reader.by == "person" ? "edge person" : "edge")
                }
            }
            for (index, name) in readers.enumerated() {
                let y = y(index, of: readers.count)
                page.rect(left, y - 4, 8, 8, "f-ink")
                page.label(Words.shortened(name, 46), left - 6, y + 4, .end, says: name)
            }
            for (index, credential) in credentials.enumerated() {
                let y = y(index, of: credentials.count)
                let kind = credential.findings.isEmpty ? "f-soft" : "f-bad"
                page.path("M\(number(right - 8)) \(number(y)) l5 -5 l5 5 l-5 5 z", kind)
                let findings = credential.findings.isEmpty ? "" : " · " + credential.findings.joined(separator: ", ")
                page.label(
                    Words.shortened(credential.path, 46 - findings.count / 2) + findings, right + 6, y + 4,
                    says: credential.path)
            }
            page.label("dashed: read by a person", left, picture.height - 4, .end, soft: true)
        }
    }
}
