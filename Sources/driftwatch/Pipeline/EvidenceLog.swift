import Dispatch
import Events
import Evidence
import Foundation
import Logging
import Synchronization

/// Keeps each alert and each line of state as evidence, in the background: a slow disk never holds up the rings.
final class EvidenceLog: Sendable {
    /// What may wait while the disk does not take it; beyond that lines are lost, which is then said in the evidence.
    private static let mostBytes = 64 << 20
    /// Of lines that are written at once.
    private static let batch = 256
    /// How often a checkpoint is sent elsewhere, in nanoseconds, while there is news.
    private static let interval: Int64 = 60_000_000_000

    private struct Line {
        var bytes: [UInt8]
        /// To be signed by itself.
        var isCustody = false
    }

    private struct Waiting {
        var lines: [Line] = []
        var bytes = 0
        var lost = 0
        var isScheduled = false
    }

    private let waiting = Mutex(Waiting())
    private let queue = DispatchQueue(label: "driftwatch.evidence")
    /// Used on the queue alone.
    private nonisolated(unsafe) let journal: Journal
    private nonisolated(unsafe) var elsewhere: CheckpointSink?
    private nonisolated(unsafe) var sentAt: Int64 = 0
    private nonisolated(unsafe) var complaint: String?
    private let log: Logger

    init(_ journal: Journal, elsewhere: CheckpointSink?, log: Logger) {
        (self.journal, self.elsewhere, self.log) = (journal, elsewhere, log)
        for notice in journal.notices { log.error("\(notice)") }
    }

    /// Takes a line, with or without its newline; never waits.
    func keep(_ line: [UInt8], isCustody: Bool = false) {
        let schedules = waiting.withLock { waiting in
            guard waiting.bytes + line.count <= Self.mostBytes else {
                waiting.lost += 1
                return false
            }
            waiting.lines.append(Line(bytes: line, isCustody: isCustody))
            waiting.bytes += line.count
            defer { waiting.isScheduled = true }
            return !waiting.isScheduled
        }
        if schedules { queue.async { self.flush() } }
    }

    /// To be called about every second: what was kept becomes provable, and what the disk refused is tried again.
    func tick() { queue.async { self.prove() } }

    /// Seals what was kept; a disk that hangs is not waited for beyond a part of the five seconds that an end may take.
    func close() {
        let done = DispatchSemaphore(value: 0)
        queue.async {
            self.flush()
            self.attempt { () throws(EvidenceError) in
                if let checkpoint = try self.journal.end(at: Clock.wall()) { self.elsewhere?.send(checkpoint) }
            }
            done.signal()
        }
        if done.wait(timeout: .now() + .milliseconds(1000)) == .timedOut {
            log.error("the evidence could not be sealed before the end; the next start says how far it goes")
        }
    }

    private func flush() {
        var (lines, lost) = waiting.withLock { waiting in
            defer { waiting = Waiting() }
            return (waiting.lines, waiting.lost)
        }
        if lost > 0 {
            let time = Timestamp.text(Clock.wall())
            lines.append(
                Line(bytes: Array(#"{"@timestamp":"\#(time)","driftwatch":{"evidence":{"lost":\#(lost)}}}"#.utf8)))
        }
        var done = 0
        while done < lines.count {
            let next = lines[done..<min(done + Self.batch, lines.count)]
            let isKept = attempt { () throws(EvidenceError) in
                var records: [[UInt8]] = []
                for line in next { try records.append(line.isCustody ? journal.custody(line.bytes) : line.bytes) }
                try journal.append(records[...], at: Clock.wall())
            }
            guard isKept else { break }
            done += next.count
        }
        guard done < lines.count else { return }
        waiting.withLock { waiting in
            waiting.lines = lines[done...] + waiting.lines
            waiting.bytes = waiting.lines.reduce(0) { $0 + $1.bytes.count }
        }
    }

    private func prove() {
        if waiting.withLock({ !$0.lines.isEmpty }) { flush() }
        attempt { () throws(EvidenceError) in
            let now = Clock.wall()
            guard let checkpoint = try journal.checkpoint(at: now), now - sentAt >= Self.interval || now < sentAt
            else { return }
            sentAt = now
            elsewhere?.send(checkpoint)
        }
    }

    /// Says a trouble once, and when it is over.
    @discardableResult
    private func attempt(_ body: () throws(EvidenceError) -> Void) -> Bool {
        do {
            try body()
            if complaint != nil { log.notice("evidence is kept again") }
            complaint = nil
            return true
        } catch {
            if complaint != "\(error)" { log.error("\(error); it is tried again") }
            complaint = "\(error)"
            return false
        }
    }
}

/// Where checkpoints go that whoever rewrites this machine cannot reach.
enum CheckpointSink: Sendable {
    case syslog
    case file(String)

    init(_ text: String) { self = text == "syslog" ? .syslog : .file(text) }

    /// As good as it can be done: what is missed, a later one vouches for as well.
    func send(_ checkpoint: [UInt8]) {
        switch self {
        case .syslog:
            let text = String(decoding: checkpoint.dropLast(), as: UTF8.self)
            openlog("driftwatch", LOG_NDELAY, LOG_AUTHPRIV)
            text.withCString { text in withVaList([text]) { vsyslog(LOG_NOTICE, "%s", $0) } }
        case .file(let path):
            let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0o600)
            guard file >= 0 else { return }
            _ = write(file, checkpoint, checkpoint.count)
            Glibc.close(file)
        }
    }
}
