import Events
import Sinks

/// When somebody watched, and what was lost while they did.
struct CoverageChapter: Encodable, Sendable {
    struct Stretch: Encodable, Sendable, Equatable {
        var from: Moment
        var to: Moment
        /// Why nobody watched.
        var why: String?
    }

    struct Loss: Encodable, Sendable {
        var from: Moment
        var to: Moment
        var why: String
        /// Acts; 0 where the monitor paused and nothing was lost.
        var lost: Int
        var workloads: [String]
        var line: UInt64
    }

    /// What the tier cannot see.
    struct Blindness: Encodable, Sendable {
        var id: String
        var text: String
    }

    /// Of runs that ended in the period and of the one that runs: acts, each counted once.
    struct Account: Encodable, Sendable {
        var seen: Int = 0
        var judged: Int = 0
        /// New acts that nobody looked at.
        var unseen: Int = 0

        mutating func add(_ ledger: JSONValue?) {
            for kind in Kind.allCases {
                let entry = ledger?[kind.rawValue]
                add { Int(entry?[$0]?.integer ?? 0) }
            }
        }

        mutating func add(_ ledger: [String: [String: UInt64]]) {
            for entry in ledger.values { add { Int(clamping: entry[$0] ?? 0) } }
        }

        private mutating func add(_ count: (String) -> Int) {
            seen &+= count("seen")
            // What is known already was judged when it was new.
            judged &+= count("judged") &+ count("known")
            unseen &+= count("lost") &+ count("over_quota") &+ count("undecodable")
        }
    }

    /// Of the part of the period that has gone by.
    var share: Double
    var seconds: Double
    /// Of the same part: that nobody watched.
    var unwatchedSeconds: Double
    var watched: Selection<Stretch>
    /// The longest.
    var unwatched: Selection<Stretch>
    var losses: Selection<Loss>
    /// Acts, as far as they could be counted.
    var lost: Int
    /// Times that the monitor was held up.
    var pauses: Int
    var account: Account
    var tiers: [String]
    var kernels: [String]
    var blind: [Blindness]
    var starts: Pointer
}

/// Where in the evidence something stands.
struct Pointer: Encodable, Sendable {
    var count: Int
    /// The first of them, by number.
    var lines: [UInt64]

    static let most = 5

    init(count: Int = 0, lines: [UInt64] = []) {
        self.count = count
        self.lines = lines
    }

    mutating func add(_ line: UInt64) {
        count += 1
        if lines.count < Self.most { lines.append(line) }
    }
}
