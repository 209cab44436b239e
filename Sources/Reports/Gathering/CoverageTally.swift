import Evidence
import Sinks

/// Finds out when a monitor watched, from what monitors said of themselves.
struct CoverageTally {
    /// From one moment to another, nanoseconds since the epoch.
    struct Span: Equatable {
        var from: Int64
        var to: Int64
        var line: UInt64
        var tier = ""
    }

    private let period: Period
    private var spans: [Span] = []
    /// Of a monitor that has not said goodbye; it ends with its last sign of life.
    private var open: Span?
    private var downtimes: [(from: Int64, to: Int64, why: String)] = []
    private var losses = Selection<CoverageChapter.Loss>(20) { ($1.lost, $0.line) < ($0.lost, $1.line) }
    private var lost = 0
    private var pauses = 0
    private var tiers = Tally()
    private var kernels = Tally()
    private var blind: [CoverageChapter.Blindness] = []
    private var account = CoverageChapter.Account()
    private var starts: [UInt64] = []
    private var startCount = 0

    init(_ period: Period) { self.period = period }

    mutating func live(until time: Int64) {
        if let open { self.open?.to = max(open.to, time) }
    }

    mutating func take(_ line: Line) {
        switch line.action {
        case "monitor-started": start(line)
        case "monitor-stopped":
            live(until: line.time)
            close()
            if period.contains(line.time) { account.add(line.value.at("driftwatch", "ledger")) }
        case "coverage-gap": gap(line)
        default: break
        }
    }

    private mutating func start(_ line: Line) {
        close()
        let tier = line.value.at("driftwatch", "tier")?.string ?? ""
        open = Span(from: line.time, to: line.time, line: line.number, tier: tier)
        if case .array(let gaps)? = line.value.at("driftwatch", "gaps") {
            blind = gaps.compactMap { gap in
                gap["id"]?.string.map { .init(id: $0, text: gap["text"]?.string ?? "") }
            }
        }
        if let kernel = line.value.at("driftwatch", "kernel")?.string { kernels.add(kernel, line: line.number) }
        guard period.contains(line.time) else { return }
        startCount += 1
        if starts.count < Pointer.most { starts.append(line.number) }
    }

    private mutating func close() {
        if let span = open, span.to > span.from { keep(span) }
        open = nil
    }

    /// Only what touches the period is kept.
    private mutating func keep(_ span: Span) {
        if span.to > period.from, span.from < period.to { spans.append(span) }
    }

    private mutating func gap(_ line: Line) {
        guard let gap = line.value.at("driftwatch", "gap"), let from = line.time(gap["from"]),
            let to = line.time(gap["to"])
        else { return }
        let why = gap["why"]?.string ?? ""
        let count = Int(gap["lost"]?.integer ?? 0)
        if Self.isDowntime(why) {
            // A monitor that was killed leaves a sign of life later than its last line.
            if let last = spans.indices.last, from > spans[last].to, from <= open?.from ?? from {
                spans[last].to = from
            }
            if to > period.from, from < period.to { downtimes.append((from, to, why)) }
        } else if to >= period.from, from < period.to {
            if count == 0 { pauses += 1 }
            lost += count
            losses.add(
                .init(
                    from: Moment(from), to: Moment(to), why: why, lost: count,
                    workloads: Array((gap["workloads"]?.strings ?? []).prefix(5)), line: line.number))
        }
    }

    /// Told by a monitor of the time before it; a pause of its own goes on with how long it was.
    private static func isDowntime(_ why: String) -> Bool {
        why.hasPrefix("the monitor did not run") && !why.hasPrefix("the monitor did not run for ")
    }

    /// `alive`: the last sign of life of the latest monitor, and its account where it runs.
    func chapter(alive: Int64?, account running: [String: [String: UInt64]]?, first: Int64?, now: Int64)
        -> CoverageChapter
    {
        var tally = self
        if let alive { tally.live(until: alive) }
        tally.close()
        var account = account
        if let running { account.add(running) }
        let past = period.past(now)
        let watched = tally.merged(within: past)
        let length = watched.reduce(0) { $0 + $1.to - $1.from }
        var unwatched = Selection<CoverageChapter.Stretch>(50) {
            $0.to.nanoseconds - $0.from.nanoseconds > $1.to.nanoseconds - $1.from.nanoseconds
        }
        var next = past.from
        for span in watched + [Span(from: past.to, to: past.to, line: 0)] {
            if span.from > next { unwatched.add(stretch(next, span.from, first)) }
            next = max(next, span.to)
        }
        for span in tally.spans where !span.tier.isEmpty { tally.tiers.add(span.tier, line: span.line) }
        return CoverageChapter(
            share: past.length == 0 ? 0 : Double(length) / Double(past.length), seconds: Double(length) / 1e9,
            unwatchedSeconds: Double(past.length - length) / 1e9,
            watched: shown(watched),
            unwatched: unwatched, losses: losses, lost: lost, pauses: pauses, account: account,
            tiers: tally.tiers.sorted.map(\.name), kernels: kernels.sorted.map(\.name), blind: blind,
            starts: Pointer(count: startCount, lines: starts))
    }

    private func shown(_ watched: [Span]) -> Selection<CoverageChapter.Stretch> {
        var selection = Selection<CoverageChapter.Stretch>(500) { $0.from.nanoseconds < $1.from.nanoseconds }
        for span in watched { selection.add(.init(from: Moment(span.from), to: Moment(span.to), why: nil)) }
        return selection
    }

    private func merged(within past: Period) -> [Span] {
        var merged: [Span] = []
        for span in spans.sorted(by: { $0.from < $1.from }) {
            let from = max(span.from, past.from)
            let to = min(span.to, past.to)
            guard to > from else { continue }
            if let last = merged.last, from <= last.to {
                merged[merged.count - 1].to = max(last.to, to)
            } else {
                merged.append(Span(from: from, to: to, line: span.line, tier: span.tier))
            }
        }
        return merged
    }

    private func stretch(_ from: Int64, _ to: Int64, _ first: Int64?) -> CoverageChapter.Stretch {
        var why = "no monitor ran"
        if let first, to <= first {
            why = "no evidence is kept of that time"
        } else if let told = downtimes.first(where: { $0.from < to && $0.to > from }) {
            why = told.why
        }
        return .init(from: Moment(from), to: Moment(to), why: why)
    }
}
