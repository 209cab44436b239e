/// What was done about alerts, or would have been.
struct ResponseChapter: Encodable, Sendable {
    struct Response: Encodable, Sendable {
        var line: UInt64
        var time: Moment
        var action: String
        var outcome: String
        var mode: String
        var workload: String
        var policy: String
        var step: String
        var alert: String
        var until: Moment?
        var why: String
    }

    private(set) var count = 0
    /// Lines by what was done, of those that were not only said.
    private(set) var done: [String: Pointer] = [:]
    private(set) var failed = Pointer()
    /// What would have been done had it been enforced.
    private(set) var dry = Pointer()
    /// The latest.
    private(set) var latest = Selection<Response>(40) { $0.line > $1.line }

    static let prefix = "response-"
    static let dryRun = "dry-run"

    mutating func take(_ line: Line) {
        count += 1
        let action = String(line.action.dropFirst(Self.prefix.count))
        let response = line.value.at("driftwatch", "response")
        let mode = response?["mode"]?.string ?? ""
        let outcome = line.value.at("event", "outcome")?.string ?? ""
        if mode == Self.dryRun {
            dry.add(line.number)
        } else if outcome == "failure" {
            failed.add(line.number)
        } else {
            done[Self.known.contains(action) ? action : "other", default: Pointer()].add(line.number)
        }
        latest.add(
            Response(
                line: line.number, time: Moment(line.time), action: action, outcome: outcome, mode: mode,
                workload: line.workload, policy: response?["policy"]?.string ?? "",
                step: response?["step"]?.string ?? response?["step"]?.integer.map { String($0) } ?? "",
                alert: response?["alert"]?.string ?? "", until: line.time(response?["until"]).map { Moment($0) },
                why: response?["why"]?.string ?? line.reason))
    }

    /// Those that make less of an incident.
    static let containing: Set<String> = ["restricted", "frozen", "killed", "revoked"]
    static let ending: Set<String> = ["lifted", "thawed"]
    private static let known = containing.union(ending).union([
        "notified", "queued", "approved", "refused",
    ])

    func pointer(_ wanted: Set<String>) -> Pointer {
        var sum = Pointer()
        for (_, pointer) in done.filter({ wanted.contains($0.key) }).sorted(by: { $0.key < $1.key }) {
            sum.count += pointer.count
            sum.lines += pointer.lines
        }
        sum.lines = Array(sum.lines.sorted().prefix(Pointer.most))
        return sum
    }
}
