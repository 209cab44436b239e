import Drift
import Sinks

/// How much an alert asks of somebody, of its severity of 1 to 100.
enum Grade: String, Encodable, Sendable, CaseIterable {
    case critical, high, medium, low

    init(severity: Int) {
        self =
            switch severity {
            case 80...: .critical
            case 60...: .high
            case 40...: .medium
            default: .low
            }
    }

    /// As a legend says it.
    var range: String {
        switch self {
        case .critical: "80 to 100"
        case .high: "60 to 79"
        case .medium: "40 to 59"
        case .low: "1 to 39"
        }
    }
}

/// What was found.
struct AlertChapter: Encodable, Sendable {
    struct Alert: Encodable, Sendable {
        var line: UInt64
        var id: String
        var incident: String
        var time: Moment
        var rule: String
        var severity: Int
        var workload: String
        /// Of the baseline by which it was judged.
        var baseline: String
        var reason: String
    }

    private(set) var count = 0
    /// Stories: alerts that follow from one another are one.
    private(set) var incidents = 0
    private(set) var grades: [String: Int] = [:]
    private(set) var rules = Tally()
    private(set) var workloads = Tally(shown: 15)
    private(set) var techniques = Tally(shown: 12)
    /// States of baselines by which was judged.
    private(set) var baselines = Tally()
    private(set) var worst: Selection<Alert>
    private(set) var timeline: Timeline
    /// Of the rules, where in the evidence they stand.
    private(set) var pointers: [String: Pointer] = [:]

    init(_ period: Period) {
        timeline = Timeline(period)
        worst = Selection(25) { ($1.severity, $0.line) < ($0.severity, $1.line) }
    }

    mutating func take(_ line: Line) {
        let severity = Int(line.value.at("event", "severity")?.integer ?? 0)
        let grade = Grade(severity: severity)
        let rule = line.value.at("rule", "id")?.string ?? ""
        let incident = line.value.at("driftwatch", "incident", "id")?.string ?? ""
        let baseline = line.value.at("driftwatch", "baseline", "state")?.string ?? "none"
        count += 1
        if line.value.at("driftwatch", "incident", "first")?.string ?? line.id == line.id { incidents += 1 }
        grades[grade.rawValue, default: 0] += 1
        rules.add(rule, line: line.number)
        pointers[Rule(rawValue: rule)?.rawValue ?? "other", default: Pointer()].add(line.number)
        workloads.add(line.workload, line: line.number)
        baselines.add(baseline, line: line.number)
        if let id = line.value.at("threat", "technique", "id")?.string {
            techniques.add("\(id) \(line.value.at("threat", "technique", "name")?.string ?? "")", line: line.number)
        }
        timeline.add(grade, at: line.time)
        worst.add(
            Alert(
                line: line.number, id: line.id, incident: incident, time: Moment(line.time), rule: rule,
                severity: severity, workload: line.workload, baseline: baseline, reason: line.reason))
    }

    subscript(grade: Grade) -> Int { grades[grade.rawValue] ?? 0 }

    func pointer(_ wanted: [Rule]) -> Pointer {
        var sum = Pointer()
        for rule in wanted {
            guard let pointer = pointers[rule.rawValue] else { continue }
            sum.count += pointer.count
            sum.lines += pointer.lines
        }
        sum.lines = Array(sum.lines.sorted().prefix(Pointer.most))
        return sum
    }
}

/// How many alerts of each grade came when, in at most 64 steps of a length that people use.
struct Timeline: Encodable, Sendable {
    struct Step: Encodable, Sendable {
        var from: Moment
        var critical = 0
        var high = 0
        var medium = 0
        var low = 0

        subscript(grade: Grade) -> Int {
            get {
                switch grade {
                case .critical: critical
                case .high: high
                case .medium: medium
                case .low: low
                }
            }
            set {
                switch grade {
                case .critical: critical = newValue
                case .high: high = newValue
                case .medium: medium = newValue
                case .low: low = newValue
                }
            }
        }

        var total: Int { critical + high + medium + low }
    }

    /// Seconds.
    let length: Int64
    private(set) var steps: [Step]
    private let period: Period

    private static let lengths: [Int64] = [
        1, 5, 15, 60, 300, 900, 1800, 3600, 7200, 21600, 43200, 86400, 172_800, 604_800, 1_209_600, 2_592_000,
        7_776_000, 31_536_000, 315_360_000,
    ]

    init(_ period: Period) {
        let seconds = period.length / 1_000_000_000
        length = Self.lengths.first { seconds / $0 < 63 } ?? 3_153_600_000
        self.period = period
        let step = length * 1_000_000_000
        // On round times, so that a step is an hour or a day as a clock has it.
        let first = period.from - (period.from % step + step) % step
        steps = stride(from: first, to: max(period.to, first + 1), by: Int(step)).map { Step(from: Moment($0)) }
    }

    mutating func add(_ grade: Grade, at time: Int64) {
        guard period.contains(time), let first = steps.first?.from.nanoseconds else { return }
        let index = Int((time - first) / (length * 1_000_000_000))
        if steps.indices.contains(index) { steps[index][grade] += 1 }
    }

    private enum CodingKeys: CodingKey { case length, steps }
}
