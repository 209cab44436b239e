import Evidence

/// What the lines of the evidence come to, gathered line by line: it holds what is shown, not what is read.
struct Gathering {
    private(set) var coverage: CoverageTally
    private(set) var alerts: AlertChapter
    private(set) var changes = RegisterChanges()
    private(set) var instances = InstanceChapter()
    private(set) var responses = ResponseChapter()
    /// Of whom the evidence is.
    private(set) var host: String?
    /// Lines that the monitor had no room to keep.
    private(set) var notKept = 0
    /// The first line of all that are kept, and the last.
    private(set) var first: (number: UInt64, time: Int64)?
    private(set) var last: (number: UInt64, time: Int64)?
    /// Those of the period.
    private(set) var lines = 0
    private let period: Period
    private let key: VerifyingKey

    init(_ period: Period, key: VerifyingKey) {
        self.period = period
        self.key = key
        coverage = CoverageTally(period)
        alerts = AlertChapter(period)
    }

    mutating func take(_ number: UInt64, _ record: ArraySlice<UInt8>) {
        let time = Line.time(of: record)
        let isWithin = time.map(period.contains) ?? true
        // Of what was before and after only the monitor's own words count: since when it watched.
        guard isWithin || record.contains(subsequence: Self.ofMonitor) else {
            if let time { note(number, time) }
            return
        }
        guard let line = Line(number, record) else { return }
        // First what it says: a monitor that begins is no sign of life of the one before.
        coverage.take(line)
        note(number, line.created)
        host = line.value.at("host", "name")?.string ?? host
        guard isWithin else { return }
        lines += 1
        notKept += Int(line.value.at("driftwatch", "evidence", "lost")?.integer ?? 0)
        switch (line.kind, line.action) {
        case ("alert", _): alerts.take(line)
        case (_, "workload-ended"): instances.take(line, record, key)
        case (_, let action) where action.hasPrefix("response-"): responses.take(line)
        case (_, let action) where RegisterChanges.actions.contains(action): changes.take(line)
        default: break
        }
    }

    private mutating func note(_ number: UInt64, _ time: Int64) {
        if first == nil { first = (number, time) }
        last = (number, max(time, last?.time ?? time))
        coverage.live(until: time)
    }

    private static let ofMonitor = Array(#""dataset":"driftwatch.state""#.utf8)
}

extension ArraySlice<UInt8> {
    /// Whether the bytes occur in it. The dataset stands near the end of a line, so the search begins there.
    fileprivate func contains(subsequence wanted: [UInt8]) -> Bool {
        guard count >= wanted.count, let head = wanted.first else { return false }
        var index = endIndex - wanted.count
        while index >= startIndex {
            if self[index] == head, self[index..<index + wanted.count].elementsEqual(wanted) { return true }
            index -= 1
        }
        return false
    }
}
