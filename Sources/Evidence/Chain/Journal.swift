import Events
import Foundation

/// Writes evidence: lines in segments, each chained to the line before, segments sealed and named in a manifest.
///
/// Confined to one thread, which may have to wait for the disk. All times are nanoseconds since the epoch.
package final class Journal {
    package struct Limits: Sendable, Equatable {
        /// When a segment ends: at 64 MiB or after a day.
        package var segmentBytes = 64 << 20
        package var segmentAge: Int64 = 86_400_000_000_000
        /// What is kept: 4 GiB, and all of the last 400 days, so that a yearly audit finds a year.
        package var keptBytes = 4 << 30
        package var keptAge: Int64 = 400 * 86_400_000_000_000

        package init() {}
    }

    /// What was found at the start that somebody should know, a line each.
    package private(set) var notices: [String] = []
    private let directory: String
    let key: SigningKey
    private let host: String
    private let limits: Limits
    private var manifest: Manifest
    /// Of a segment that has its seal but no line in the manifest, as the disk was full just then: without one the next
    /// start would take what follows for forged.
    private var unnoted: ManifestEntry?

    private var file: Int32 = -1
    private var segment = 0
    private var size = 0
    private var first: UInt64 = 1
    private var opened: Int64 = 0
    /// The last line that was written.
    private var number: UInt64 = 0
    private var digest = ChainDigest.start
    private var checkpointed: UInt64 = 0

    /// Goes on in a new segment behind whatever is there. `keyFile`: instead of a key that is made in the directory.
    package init(directory: String, keyFile: String? = nil, host: String, limits: Limits = Limits(), at time: Int64)
        throws(EvidenceError)
    {
        self.directory = directory
        self.host = host
        self.limits = limits
        if mkdir(directory, 0o700) != 0, errno != EEXIST {
            throw EvidenceError("cannot keep evidence in \(directory): \(EvidenceError.reason(errno))")
        }
        if let keyFile { key = try SigningKey(path: keyFile) } else { key = try SigningKey.kept(in: directory) }
        try Self.claim(directory, key.publicKey)
        manifest = try Manifest(in: directory, key: key.publicKey)
        try mendManifest()
        try resume(at: time)
        try begin(at: time)
    }

    deinit { if file >= 0 { close(file) } }

    // MARK: Writing

    /// Writes records, each one JSON object in one line; none of them where it throws.
    package func append(_ records: ArraySlice<[UInt8]>, at time: Int64) throws(EvidenceError) {
        try noteSealed()
        if file < 0 { try begin(at: time) }
        if size >= limits.segmentBytes || time - opened >= limits.segmentAge {
            try seal(at: time)
            try retire(at: time)
            try begin(at: time)
        }
        try write(records)
    }

    /// Makes what was written so far provable: on the disk, and signed; what to keep elsewhere, if there is news.
    package func checkpoint(at time: Int64) throws(EvidenceError) -> [UInt8]? {
        guard number != checkpointed, file >= 0 else { return nil }
        guard fdatasync(file) == 0 else { throw failure("write", EvidenceFiles.name(of: segment), errno) }
        return try keepCheckpoint(at: time)
    }

    /// Seals the segment; nothing can be written afterwards.
    package func end(at time: Int64) throws(EvidenceError) -> [UInt8]? {
        try noteSealed()
        guard file >= 0 else { return nil }
        try seal(at: time)
        return try keepCheckpoint(at: time)
    }

    private func write(_ records: ArraySlice<[UInt8]>) throws(EvidenceError) {
        var (next, last) = (number, digest)
        var batch: [UInt8] = []
        for record in records {
            let record = record.last == 0x0a ? record.dropLast() : record[...]
            next += 1
            last = last.next(number: next, record: record)
            batch += ChainedLine.bytes(last, next, record)
        }
        try put(batch)
        (number, digest) = (next, last)
    }

    /// All of it or nothing: a part that a full disk had room for is taken back.
    private func put(_ bytes: [UInt8]) throws(EvidenceError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress! + done, bytes.count - done) }
            if count < 0 {
                let code = errno
                if code == EINTR { continue }
                if done > 0, ftruncate(file, off_t(size)) != 0 {
                    // What is cut stays; the next segment says so.
                    close(file)
                    file = -1
                }
                throw failure("write", EvidenceFiles.name(of: segment), code)
            }
            done += count
        }
        size += bytes.count
    }

    // MARK: Segments

    private func begin(at time: Int64) throws(EvidenceError) {
        let path = EvidenceFiles.path(of: segment + 1, in: directory)
        let new = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard new >= 0 else { throw failure("make", EvidenceFiles.name(of: segment + 1), errno) }
        file = new
        segment += 1
        (size, opened, first) = (0, time, number + 1)
        let header = SegmentHeader(
            host: host, previous: digest, publicKey: key.publicKey.text, segment: segment, time: Timestamp.text(time))
        do { try write([header.record][...]) } catch {
            // An empty file would be a segment without a beginning.
            close(file)
            file = -1
            unlink(path)
            segment -= 1
            throw error
        }
        syncDirectory()
        _ = try checkpoint(at: time)
    }

    private func seal(at time: Int64) throws(EvidenceError) {
        let statement = Checkpoint(
            chain: digest, manifest: manifest.digest, n: number, segment: segment, time: Timestamp.text(time))
        try write([SegmentSeal.record(try statement.signed(by: key))][...])
        guard fdatasync(file) == 0 else { throw failure("write", EvidenceFiles.name(of: segment), errno) }
        close(file)
        file = -1
        unnoted = ManifestEntry(
            bytes: size, chain: digest, fate: .sealed, first: first, from: Timestamp.text(opened), last: number,
            previous: manifest.digest, segment: segment, to: Timestamp.text(time))
        try noteSealed()
    }

    private func noteSealed() throws(EvidenceError) {
        guard let entry = unnoted else { return }
        try note(entry)
        unnoted = nil
    }

    /// Removes the oldest of what has been kept for long enough, and says so first.
    private func retire(at time: Int64) throws(EvidenceError) {
        var kept = manifest.fates.values.filter { $0.fate != .retired }.sorted { $0.segment < $1.segment }
        var bytes = kept.reduce(0) { $0 + $1.bytes }
        while let oldest = kept.first, kept.count > 1,
            bytes > limits.keptBytes || time - (Timestamp.nanoseconds(oldest.to) ?? time) > limits.keptAge
        {
            var entry = oldest
            entry.fate = .retired
            entry.previous = manifest.digest
            try note(entry)
            unlink(EvidenceFiles.path(of: oldest.segment, in: directory))
            bytes -= oldest.bytes
            kept.removeFirst()
        }
    }

    private func note(_ entry: ManifestEntry) throws(EvidenceError) {
        let line = try entry.signed(by: key)
        let path = directory + "/" + EvidenceFiles.manifest
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw failure("open", EvidenceFiles.manifest, errno) }
        defer { close(file) }
        let bytes = line + [0x0a]
        let count = Glibc.write(file, bytes, bytes.count)
        guard count == bytes.count, fdatasync(file) == 0 else {
            let code = count < 0 ? errno : ENOSPC
            ftruncate(file, off_t(manifest.size))
            throw failure("write", EvidenceFiles.manifest, code)
        }
        manifest.size += bytes.count
        manifest.digest = ChainDigest(of: line)
        manifest.entries.append(entry)
    }

    private func keepCheckpoint(at time: Int64) throws(EvidenceError) -> [UInt8] {
        let checkpoint = Checkpoint(
            chain: digest, manifest: manifest.digest, n: number, segment: segment, time: Timestamp.text(time))
        let line = try checkpoint.signed(by: key) + [0x0a]
        let path = directory + "/" + EvidenceFiles.checkpoint
        // By its new name only when it is whole.
        guard Self.replace(path, with: line) else { throw failure("write", EvidenceFiles.checkpoint, errno) }
        checkpointed = number
        return line
    }

    // MARK: Going on

    /// The directory is this key's, or nobody's yet.
    private static func claim(_ directory: String, _ key: VerifyingKey) throws(EvidenceError) {
        let path = directory + "/" + EvidenceFiles.publicKey
        if access(path, F_OK) == 0 {
            guard try VerifyingKey(path: path) == key else {
                throw EvidenceError(
                    "the evidence in \(directory) was signed by another key; give that one, or move the directory aside"
                )
            }
        } else if !replace(path, with: Array((key.text + "\n").utf8)) {
            throw EvidenceError("cannot write \(path): \(EvidenceError.reason(errno))")
        }
    }

    private func mendManifest() throws(EvidenceError) {
        notices += manifest.faults.map { "the evidence was changed: in the manifest, \($0)" }
        guard manifest.torn > 0 else { return }
        guard truncate(directory + "/" + EvidenceFiles.manifest, off_t(manifest.size)) == 0 else {
            throw failure("mend", EvidenceFiles.manifest, errno)
        }
        manifest.torn = 0
    }

    /// Finds the last line of all, and says of a segment that was not sealed how far it goes.
    private func resume(at time: Int64) throws(EvidenceError) {
        let fates = manifest.fates
        if let last = fates.values.max(by: { $0.segment < $1.segment }) {
            (segment, number, digest) = (last.segment, last.last, last.chain)
        }
        let kept = try EvidenceFiles.keptCheckpoint(in: directory, key: key.publicKey)
        for found in try EvidenceFiles.segments(in: directory) {
            if fates[found]?.fate == .retired {
                // A crash came between the word and the deed.
                unlink(EvidenceFiles.path(of: found, in: directory))
            } else if fates[found] == nil {
                try abandon(found, kept, at: time)
            }
        }
        if let kept, kept.n > number {
            notices.append("the evidence was cut: it ends at line \(number), but there was a line \(kept.n) before")
            // What follows must not take the numbers of what is missing.
            number = kept.n
            segment = max(segment, kept.segment)
        }
    }

    private func abandon(_ found: Int, _ kept: Checkpoint?, at time: Int64) throws(EvidenceError) {
        let path = EvidenceFiles.path(of: found, in: directory)
        let reading = SegmentReading(
            try EvidenceFiles.contents(path) ?? [], segment: found, after: (number, digest), key: key.publicKey,
            watched: kept.map { [$0.n: $0.chain] } ?? [:])
        var doubt = reading.faults.first?.what
        if doubt == nil, let kept, kept.segment == found, kept.n > reading.last.number { doubt = "its end is missing" }
        if let doubt {
            notices.append("the evidence was changed: in \(EvidenceFiles.name(of: found)), \(doubt)")
        }
        if reading.torn > 0, truncate(path, off_t(reading.size)) != 0 {
            throw failure("mend", EvidenceFiles.name(of: found), errno)
        }
        let from = reading.header?.time ?? Timestamp.text(time)
        try note(
            ManifestEntry(
                bytes: reading.size, chain: reading.last.digest, fate: reading.isSealed ? .sealed : .abandoned,
                first: number + 1, from: from, last: reading.last.number, previous: manifest.digest, segment: found,
                to: kept?.time ?? from, torn: reading.torn > 0 ? reading.torn : nil, doubt: doubt))
        (segment, number, digest) = (found, reading.last.number, reading.last.digest)
    }

    // MARK: Files

    private static func replace(_ path: String, with bytes: [UInt8]) -> Bool {
        let part = path + ".part"
        let file = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { return false }
        let isWritten = Glibc.write(file, bytes, bytes.count) == bytes.count
        close(file)
        return isWritten && rename(part, path) == 0
    }

    private func syncDirectory() {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private func failure(_ verb: String, _ name: String, _ code: Int32) -> EvidenceError {
        EvidenceError("cannot \(verb) evidence in \(directory)/\(name): \(EvidenceError.reason(code))")
    }
}
