import Events
import Foundation

/// What a directory of evidence is worth: what was changed in it, and up to when it is proven.
package struct Verification: Sendable, Equatable {
    package struct Finding: Sendable, Equatable, Codable {
        /// A file of the directory.
        package var file: String
        /// The first line that it is about, by its number over all segments.
        package var line: UInt64?
        package var what: String
    }

    /// A line up to which a signature vouches for everything.
    package struct Proof: Sendable, Equatable, Codable {
        package var line: UInt64
        /// RFC 3339.
        package var time: String
    }

    /// Empty: nothing was changed.
    package private(set) var findings: [Finding] = []
    /// What is as it should be but worth knowing: crashes, what was retired, what is not signed yet.
    package private(set) var notes: [String] = []
    package private(set) var proven: Proof?
    package private(set) var segments = 0
    package private(set) var lines: UInt64 = 0

    private var proofs: [Proof] = []
    private var last: (number: UInt64, digest: ChainDigest) = (0, .start)

    /// Reads all that is there. `checkpoints`: those that were sent elsewhere, a line each; they find out also who has
    /// the key. `each`: is given every record with its line's number, oldest first, but for the beginnings and seals of
    /// segments; changed or not, as that is known only at the end.
    package init(
        directory: String, key: VerifyingKey, checkpoints: [UInt8] = [],
        each: (UInt64, ArraySlice<UInt8>) -> Void = { _, _ in }
    ) throws(EvidenceError) {
        let elsewhere = take(checkpoints, key)
        let kept = try EvidenceFiles.keptCheckpoint(in: directory, key: key)
        var watched = Dictionary(elsewhere.map { ($0.n, $0.chain) }) { first, _ in first }
        for (checkpoint, other) in zip(elsewhere, elsewhere.dropFirst())
        where checkpoint.n == other.n && checkpoint.chain != other.chain {
            find(EvidenceFiles.checkpoint, checkpoint.n, "two checkpoints of line \(checkpoint.n) differ")
        }
        if let kept { watched[kept.n] = watched[kept.n] ?? kept.chain }

        let manifest = try Manifest(in: directory, key: key)
        for fault in manifest.faults { find(EvidenceFiles.manifest, nil, fault) }
        if manifest.torn > 0 { notes.append("the monitor was stopped while it wrote the manifest") }
        try readSegments(directory, manifest, key, watched, kept, each)
        judge(manifest, kept, elsewhere)
        settle()
    }

    package static func == (left: Verification, right: Verification) -> Bool {
        left.findings == right.findings && left.notes == right.notes && left.proven == right.proven
    }

    private mutating func find(_ file: String, _ line: UInt64?, _ what: String) {
        findings.append(Finding(file: file, line: line, what: what))
    }

    /// Statements among the lines of a log: each begins where its first byte stands, whatever a logger wrote before it.
    private mutating func take(_ bytes: [UInt8], _ key: VerifyingKey) -> [Checkpoint] {
        var foreign = 0
        let taken = bytes.split(separator: 0x0a).compactMap { line -> Checkpoint? in
            let statement = line.firstIndex(of: UInt8(ascii: "{")).map { line[$0...] } ?? []
            if let checkpoint = Checkpoint(statement, key: key) { return checkpoint }
            foreign += 1
            return nil
        }
        if foreign > 0 { notes.append("\(foreign) lines of the checkpoints are none of this key's") }
        return taken.sorted { $0.n < $1.n }
    }

    private mutating func readSegments(
        _ directory: String, _ manifest: Manifest, _ key: VerifyingKey, _ watched: [UInt64: ChainDigest],
        _ kept: Checkpoint?, _ each: (UInt64, ArraySlice<UInt8>) -> Void
    ) throws(EvidenceError) {
        let fates = manifest.fates
        let found = Set(try EvidenceFiles.segments(in: directory))
        var expected = 1
        for segment in found.union(fates.keys).union([kept?.segment].compactMap(\.self)).sorted() {
            let name = EvidenceFiles.name(of: segment)
            // Of whatever number a file claims to be: what is missing before it is one finding.
            if segment > expected {
                let and = segment - expected > 1 ? ", and so is all before \(name)" : ""
                find(EvidenceFiles.name(of: expected), last.number + 1, "it is missing\(and)")
            }
            expected = segment + 1
            let entry = fates[segment]
            if let entry, entry.fate == .retired {
                last = (entry.last, entry.chain)
                continue
            }
            guard found.contains(segment), let bytes = try EvidenceFiles.contents(directory + "/" + name) else {
                find(name, last.number + 1, "it is missing")
                if let entry { last = (entry.last, entry.chain) }
                continue
            }
            let reading = SegmentReading(bytes, segment: segment, after: last, key: key, watched: watched) { line in
                if !SegmentSeal.isSeal(line.record), !SegmentHeader.isHeader(line.record) {
                    each(line.number, line.record)
                }
            }
            if let format = reading.header?.format, format > SegmentHeader.currentFormat {
                throw EvidenceError("\(directory)/\(name) was written by a newer driftwatch; verify it with that one")
            }
            for fault in reading.faults { find(name, fault.line, fault.what) }
            if let entry {
                compare(reading, entry, name)
            } else {
                compareOpen(reading, kept, name)
            }
            segments += 1
            lines += reading.last.number - min(reading.last.number, last.number)
            last = entry.map { ($0.last, $0.chain) } ?? reading.last
        }
        let retired = fates.values.filter { $0.fate == .retired }
        if let latest = retired.max(by: { $0.segment < $1.segment }) {
            notes.append("\(retired.count) segments, up to \(latest.to), were kept for long enough and removed")
        }
    }

    /// A segment that has ended against what the manifest says of it.
    private mutating func compare(_ reading: SegmentReading, _ entry: ManifestEntry, _ name: String) {
        if reading.last.number != entry.last || reading.last.digest != entry.chain || reading.size != entry.bytes
            || reading.torn > 0
        {
            let what = reading.size < entry.bytes ? "its end is missing" : "it is not what the manifest says of it"
            find(name, min(reading.last.number, entry.last) + 1, what)
        }
        if let doubt = entry.doubt { find(name, entry.last, "when the monitor was started again, \(doubt)") }
        if entry.fate == .sealed {
            if reading.seal == nil { find(name, entry.last, "it has no seal") }
        } else {
            let torn = entry.torn.map { ", in the middle of a line (\($0) bytes)" } ?? ""
            notes.append("\(name): the monitor ended without a goodbye\(torn)")
        }
        proofs.append(Proof(line: entry.last, time: entry.to))
    }

    /// The segment that is written now, or was when the monitor ended.
    private mutating func compareOpen(_ reading: SegmentReading, _ kept: Checkpoint?, _ name: String) {
        guard let kept else { return }
        if reading.last.number > kept.n {
            notes.append("lines \(kept.n + 1) to \(reading.last.number) are chained, but not signed yet")
        }
        if reading.torn > 0 { notes.append("\(name) ends within a line: it is being written, or a crash has cut it") }
    }

    private mutating func judge(_ manifest: Manifest, _ kept: Checkpoint?, _ elsewhere: [Checkpoint]) {
        if kept == nil, segments > 0 {
            find(EvidenceFiles.checkpoint, nil, "it is missing, or not what was signed")
        }
        for checkpoint in [kept].compactMap(\.self) + elsewhere {
            if checkpoint.manifest != .start, !manifest.digests.contains(checkpoint.manifest) {
                find(EvidenceFiles.manifest, nil, "it lacks what it had at \(checkpoint.time)")
            }
            if checkpoint.n > last.number {
                find(
                    EvidenceFiles.name(of: checkpoint.segment), last.number + 1,
                    "the evidence ends at line \(last.number), but at \(checkpoint.time) there was a line \(checkpoint.n)"
                )
            } else {
                proofs.append(Proof(line: checkpoint.n, time: checkpoint.time))
            }
        }
    }

    private mutating func settle() {
        let first = findings.compactMap(\.line).min() ?? .max
        proven = proofs.filter { $0.line < first }.max { $0.line < $1.line }
    }
}
