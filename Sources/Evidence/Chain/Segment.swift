import Foundation

/// The files of a directory of evidence, and what the first and the last record of a segment say.
enum EvidenceFiles {
    static let manifest = "manifest.jsonl"
    static let checkpoint = "checkpoint.json"
    static let publicKey = "key.pub"

    /// More segments and lines than a node writes in its life: a number beyond was made up, and nothing counts on from
    /// there.
    static let mostSegments = 1 << 32
    static let mostLines: UInt64 = 1 << 48

    static func name(of segment: Int) -> String {
        let digits = String(segment)
        return String(repeating: "0", count: max(0, 8 - digits.count)) + digits + ".jsonl"
    }

    static func path(of segment: Int, in directory: String) -> String { directory + "/" + name(of: segment) }

    /// The numbers of the segments that are there, in order.
    static func segments(in directory: String) throws(EvidenceError) -> [Int] {
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: directory) } catch {
            throw EvidenceError("cannot read the evidence in \(directory): \(EvidenceError.reason(errno))")
        }
        return names.compactMap { name in
            guard name.hasSuffix(".jsonl"), let number = Int(name.dropLast(6)), (1..<mostSegments).contains(number),
                self.name(of: number) == name
            else { return nil }
            return number
        }.sorted()
    }

    /// What it holds now, once in memory; nil where it is not there.
    static func contents(_ path: String) throws(EvidenceError) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw EvidenceError("cannot read \(path): \(EvidenceError.reason(errno))")
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw EvidenceError("cannot read \(path): it is no file")
        }
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: Int(status.st_size)) { buffer, count in
            while count < buffer.count {
                let read = Glibc.read(file, buffer.baseAddress! + count, buffer.count - count)
                if read < 0, errno == EINTR { continue }
                if read < 0 { failure = errno }
                guard read > 0 else { break }
                count += read
            }
        }
        guard failure == 0 else { throw EvidenceError("cannot read \(path): \(EvidenceError.reason(failure))") }
        return bytes
    }

    /// Whole lines without their newlines, and what follows the last of them.
    static func lines(_ bytes: [UInt8]) -> (whole: [ArraySlice<UInt8>], torn: ArraySlice<UInt8>) {
        var lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
        let torn = lines.popLast() ?? []
        return (lines, torn)
    }

    /// The checkpoint that the monitor itself keeps; nil where there is none that the key signed.
    static func keptCheckpoint(in directory: String, key: VerifyingKey) throws(EvidenceError) -> Checkpoint? {
        guard let bytes = try contents(directory + "/" + checkpoint), bytes.last == 0x0a else { return nil }
        return Checkpoint(bytes.dropLast(), key: key)
    }
}

/// The first record of a segment: ties it to the one before.
struct SegmentHeader: Codable, Equatable {
    /// Raised when lines are written in another way.
    static let currentFormat = 1

    var evidence = "segment"
    var format = Self.currentFormat
    var host: String
    /// Of the last line of the segment before.
    var previous: ChainDigest
    var publicKey: String
    var segment: Int
    var time: String

    var record: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings and numbers: nothing that could not be encoded.
        return Array((try? encoder.encode(self)) ?? Data())
    }

    init(host: String, previous: ChainDigest, publicKey: String, segment: Int, time: String) {
        (self.host, self.previous, self.publicKey) = (host, previous, publicKey)
        (self.segment, self.time) = (segment, time)
    }

    private static let opening = Array(#"{"evidence":"segment","#.utf8)

    static func isHeader(_ record: ArraySlice<UInt8>) -> Bool { record.starts(with: opening) }

    init?(_ record: ArraySlice<UInt8>) {
        guard Self.isHeader(record), let header = try? JSONDecoder().decode(Self.self, from: Data(record)),
            header.evidence == "segment"
        else {
            return nil
        }
        self = header
    }
}

/// The last record of a segment that ended as it should: a checkpoint of the line before.
enum SegmentSeal {
    private static let opening = Array(#"{"evidence":"seal","checkpoint":"#.utf8)

    static func record(_ statement: [UInt8]) -> [UInt8] { opening + statement + [UInt8(ascii: "}")] }

    static func isSeal(_ record: ArraySlice<UInt8>) -> Bool { record.starts(with: opening) }

    static func checkpoint(_ record: ArraySlice<UInt8>, key: VerifyingKey) -> Checkpoint? {
        guard isSeal(record) else { return nil }
        return Checkpoint(record.dropFirst(opening.count).dropLast(), key: key)
    }
}

/// The list of all segments that were ended, each line signed and tied to the one before.
struct Manifest {
    var entries: [ManifestEntry] = []
    /// Of its last line.
    var digest = ChainDigest.start
    /// Of each line, oldest first.
    var digests: [ChainDigest] = []
    /// What is wrong with it, a phrase each.
    var faults: [String] = []
    /// Bytes of whole lines, and of one that a crash had cut.
    var size = 0
    var torn = 0

    /// As every line begins, also one that was cut.
    private static let opening = Array(#"{"body":{"#.utf8)

    init(in directory: String, key: VerifyingKey) throws(EvidenceError) {
        let bytes = try EvidenceFiles.contents(directory + "/" + EvidenceFiles.manifest) ?? []
        let (lines, tail) = EvidenceFiles.lines(bytes)
        torn = tail.count
        size = bytes.count - tail.count
        for (index, line) in lines.enumerated() {
            if let entry = ManifestEntry(line, key: key) {
                if entry.previous != digest { faults.append("line \(index + 1) does not follow the line before it") }
                entries.append(entry)
            } else {
                faults.append("line \(index + 1) is not what was signed")
            }
            digest = ChainDigest(of: line)
            digests.append(digest)
        }
        if !Self.opening.starts(with: tail.prefix(Self.opening.count)) {
            faults.append("there is something behind line \(lines.count) that was never written")
        }
    }

    /// The latest word on each segment.
    var fates: [Int: ManifestEntry] { Dictionary(entries.map { ($0.segment, $0) }) { $1 } }
}
