import Foundation

/// A segment as it is found: line by line against the chain.
struct SegmentReading {
    struct Fault: Equatable {
        var line: UInt64
        /// A phrase that goes on from the name of the segment.
        var what: String
    }

    private(set) var faults: [Fault] = []
    private(set) var header: SegmentHeader?
    /// Its last line, by its own word.
    private(set) var last: (number: UInt64, digest: ChainDigest)
    /// The statement at its end.
    private(set) var seal: Checkpoint?
    private(set) var isSealed = false
    /// Bytes of whole lines, and of one that a crash had cut.
    private(set) var size = 0
    private(set) var torn = 0

    /// The line before could not be read: there is nothing to hold the next one against.
    private var isBlind = false

    /// More would not be read by anybody.
    private static let mostFaults = 100

    /// `after`: the line before the segment. `watched`: the digests that lines must have, by number. `each`: is given
    /// every line that can be read, changed or not.
    init(
        _ bytes: [UInt8], segment: Int, after: (number: UInt64, digest: ChainDigest), key: VerifyingKey,
        watched: [UInt64: ChainDigest] = [:], each: (ChainedLine) -> Void = { _ in }
    ) {
        last = after
        let (lines, tail) = EvidenceFiles.lines(bytes)
        torn = tail.count
        size = bytes.count - tail.count
        for (index, bytes) in lines.enumerated() {
            guard let line = ChainedLine(bytes) else {
                fault(last.number + 1, "line \(last.number + 1) is not one that was written")
                // Whatever stood there, a line did.
                last.number += 1
                isBlind = true
                continue
            }
            follow(line)
            each(line)
            isBlind = false
            if isSealed { fault(line.number, "line \(line.number) comes after the end") }
            if index == 0 { open(line, segment, after.digest, key) }
            if let expected = watched[line.number], expected != line.digest {
                fault(line.number, "line \(line.number) is not the one that a checkpoint vouches for")
            }
            if SegmentSeal.isSeal(line.record) { close(line, before: last, key) }
            last = (line.number, line.digest)
        }
        if !ChainedLine.isBeginning(tail) {
            fault(last.number + 1, "there is something behind line \(last.number) that was never written")
        }
        if lines.isEmpty { fault(after.number + 1, "nothing is left") }
    }

    private mutating func fault(_ line: UInt64, _ what: String) {
        if faults.count < Self.mostFaults { faults.append(Fault(line: line, what: what)) }
    }

    /// One fault a change: what follows is held against what the line itself claims.
    private mutating func follow(_ line: ChainedLine) {
        let expected = last.number + 1
        if line.number > expected {
            let missing = line.number - expected
            fault(
                expected,
                missing == 1 ? "line \(expected) is missing" : "lines \(expected) to \(line.number - 1) are missing")
        } else if line.number < expected {
            fault(line.number, "line \(line.number) stands behind line \(last.number)")
        } else if !isBlind, last.digest.next(number: line.number, record: line.record) != line.digest {
            fault(line.number, "line \(line.number) was changed, or the line before it")
        }
    }

    private mutating func open(_ line: ChainedLine, _ segment: Int, _ previous: ChainDigest, _ key: VerifyingKey) {
        guard let header = SegmentHeader(line.record) else {
            fault(line.number, "line \(line.number) is not the beginning of a segment")
            return
        }
        self.header = header
        if header.segment != segment { fault(line.number, "it is segment \(header.segment) by its first line") }
        if header.previous != previous { fault(line.number, "it does not follow the segment before") }
        if header.publicKey != key.text { fault(line.number, "it was signed by another key") }
    }

    private mutating func close(
        _ line: ChainedLine, before: (number: UInt64, digest: ChainDigest), _ key: VerifyingKey
    ) {
        isSealed = true
        seal = SegmentSeal.checkpoint(line.record, key: key)
        if seal == nil || seal?.n != before.number || seal?.chain != before.digest {
            fault(line.number, "the seal in line \(line.number) is not of these lines")
        }
    }
}
