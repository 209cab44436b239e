import Events

/// How an act stands to what its workload is known to do.
package enum Standing: Sendable, Equatable {
    /// The workload is being learned; what it does is going to be its baseline.
    case learning(BaselineFacts)
    /// The armed baseline knows this very behaviour.
    case known(BaselineFacts)
    /// The armed baseline does not know it.
    case unknown(BaselineFacts)
    /// The workload is being learned, and none of so many peers of this instance did it.
    case departing(BaselineFacts, peers: Int)
    /// The content is a new release that is being learned, judged by the baseline of its predecessor.
    case release(BaselineFacts, isKnown: Bool)
    /// There is no baseline, and none is being learned.
    case unjudged

    package var facts: BaselineFacts? {
        switch self {
        case .learning(let facts), .known(let facts), .unknown(let facts), .release(let facts, _),
            .departing(let facts, _):
            facts
        case .unjudged: nil
        }
    }
}

/// What an alert says of the baseline that it was judged by.
package struct BaselineFacts: Sendable, Equatable {
    /// `learning`, `candidate`, `armed`.
    package var state: String
    package var checksum: String?
    /// 0 to 1.
    package var completeness: Double?
    /// Nanoseconds since the epoch.
    package var learnedSince: Int64?
    /// When learning ended; nil while it goes on.
    package var learnedUntil: Int64?
    package var digest: String?
    /// The content whose baseline judges, where that is another one's.
    package var predecessor: String?
    package var seen: UInt64
    package var lost: UInt64
    /// How often learning was interrupted: by losses, pauses and ends of the monitor.
    package var gaps: Int
    /// Instances from which it was learned; 0: not known.
    package var instances = 0

    package init(
        state: String, checksum: String? = nil, completeness: Double? = nil, learnedSince: Int64? = nil,
        learnedUntil: Int64? = nil, digest: String? = nil, predecessor: String? = nil,
        seen: UInt64 = 0, lost: UInt64 = 0,
        gaps: Int = 0
    ) {
        self.state = state
        self.checksum = checksum
        self.completeness = completeness
        self.learnedSince = learnedSince
        self.learnedUntil = learnedUntil
        self.digest = digest
        self.predecessor = predecessor
        self.seen = seen
        self.lost = lost
        self.gaps = gaps
    }
}

/// In what an unknown behaviour departs from the baseline, and how to let it in.
package struct Difference: Sendable, Equatable {
    /// `executable`, `parent`, `arguments`, `destination`, `port`, `path`, `access`, ...
    package var dimension: String
    /// The known behaviour that is most like it, as the baseline writes it.
    package var nearest: String?
    /// YAML of a baseline's `spec` that would know it.
    package var allow: String

    package init(dimension: String, nearest: String? = nil, allow: String) {
        self.dimension = dimension
        self.nearest = nearest
        self.allow = allow
    }
}
