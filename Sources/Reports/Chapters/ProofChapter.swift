import Events
import Evidence

/// What the evidence is worth that the report was made from.
struct ProofChapter: Encodable, Sendable {
    /// Nothing was changed.
    var whole: Bool
    /// The first of what was changed, and how much more there is.
    var findings: [Verification.Finding]
    var moreFindings: Int
    var notes: [String]
    /// A signature vouches for every line up to this one.
    var proven: Verification.Proof?
    var segments: Int
    var lines: UInt64
    /// Of the period.
    var linesInPeriod: Int
    /// Lines that the monitor had no room to keep.
    var notKept: Int
    /// When the oldest line that is kept was written.
    var since: Moment?
    /// Whether the key was given, not taken from beside the evidence; whether checkpoints kept elsewhere were.
    var keyGiven: Bool
    var checkpointsGiven: Bool

    private static let most = 20

    init(_ verification: Verification, _ gathering: Gathering, keyGiven: Bool, checkpointsGiven: Bool) {
        whole = verification.findings.isEmpty
        findings = Array(verification.findings.prefix(Self.most))
        moreFindings = verification.findings.count - findings.count
        notes = verification.notes
        proven = verification.proven
        segments = verification.segments
        lines = verification.lines
        linesInPeriod = gathering.lines
        notKept = gathering.notKept
        since = gathering.first.map { Moment($0.time) }
        (self.keyGiven, self.checkpointsGiven) = (keyGiven, checkpointsGiven)
    }

    /// What it is worth, in words.
    var sentences: [String] {
        var sentences = [
            "\(Words.count(Int(clamping: lines), "line")) in \(Words.count(segments, "segment")), \(Words.digits(linesInPeriod)) of them of this time: \(whole ? "as they were written" : "NOT as they were written").",
            proven.map { "Proven up to line \($0.line), of \($0.time): driftwatch evidence verify." }
                ?? "Nothing is proven.",
        ]
        if let since { sentences.append("Kept since \(since.text).") }
        let given = [keyGiven ? "the public key" : nil, checkpointsGiven ? "checkpoints" : nil].compactMap(\.self)
        sentences.append(
            given.isEmpty
                ? "Held against the key that lies beside it: who is root on the node could have written another past. A key (--public-key) or checkpoints (--checkpoints) that were kept elsewhere find that out."
                : "Held against \(Words.list(given)) that was kept elsewhere.")
        if notKept > 0 {
            sentences.append("\(Words.count(notKept, "line")) could not be kept: the disk was too slow or full.")
        }
        return sentences + notes.map { $0.prefix(1).uppercased() + $0.dropFirst() + "." }
    }

    /// When the signature was made up to which all is proven.
    var provenAt: Int64? { proven.flatMap { Timestamp.nanoseconds($0.time) } }
}
