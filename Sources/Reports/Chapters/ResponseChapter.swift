/// What was done about alerts, or would have been.
struct ResponseChapter: Encodable, Sendable {
    struct Response: Encodable, Sendable {
        var line: UInt64
        /// The same in all lines of one response.
        var id: String
        var time: Moment
        var action: String
        var outcome: String
        var mode: String
        var workload: String
        var policy: String
        var step: String
        var alert: String
        var until: Moment?
        var who: String?
        var reason: String
    }

    private(set) var count = 0
    /// Lines by what was done, of those that were not only said.
    private(set) var done: [String: Pointer] = [:]
    private(set) var failed = Pointer()
    /// What a guard forbade.
    private(set) var refused = Pointer()
    /// What would have been done had it been enforced.
    private(set) var dry = Pointer()
    /// Connects that restrictions refused, as far as they have ended.
    private(set) var refusedConnects = 0
    /// The latest.
    private(set) var latest = Selection<Response>(40) { $0.line > $1.line }
    /// What waits for an approval, by its id: until when.
    private var queued: [String: Int64] = [:]

    static let prefix = "response-"
    static let dryRun = "dry-run"
    /// More than a queue holds.
    private static let mostQueued = 1024

    mutating func take(_ line: Line) {
        count += 1
        let action = String(line.action.dropFirst(Self.prefix.count))
        let told = line.value.at("driftwatch", "response")
        let response = Response(
            line: line.number, id: told?["id"]?.string ?? "", time: Moment(line.time), action: action,
            outcome: line.value.at("event", "outcome")?.string ?? "", mode: told?["mode"]?.string ?? "",
            workload: line.workload, policy: told?["policy"]?.string ?? "", step: told?["step"]?.string ?? "",
            alert: told?["alert"]?.string ?? "", until: line.time(told?["until"]).map { Moment($0) },
            who: told?["who"]?.string, reason: line.reason)
        refusedConnects &+= Int(told?["refused"]?.integer ?? 0)
        count(response)
        latest.add(response)
    }

    private mutating func count(_ response: Response) {
        if response.mode == Self.dryRun {
            dry.add(response.line)
        } else if response.action == "refused" {
            refused.add(response.line)
        } else if response.outcome == "failure" {
            failed.add(response.line)
        } else {
            done[Self.known.contains(response.action) ? response.action : "other", default: Pointer()].add(
                response.line)
        }
        if response.action == "queued", queued.count < Self.mostQueued {
            queued[response.id] = response.until?.nanoseconds ?? .max
        } else {
            queued[response.id] = nil
        }
    }

    /// Those that make less of an incident.
    static let containing: Set<String> = ["restricted", "frozen", "killed", "revoked"]
    private static let known = containing.union([
        "lifted", "thawed", "notified", "queued", "approved", "expired",
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

    func waiting(at now: Int64) -> Int { queued.values.count { $0 > now } }

    private enum CodingKeys: CodingKey { case count, done, failed, refused, dry, refusedConnects, latest }
}
