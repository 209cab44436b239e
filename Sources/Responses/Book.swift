import Drift
import Events
import Foundation

/// What `driftwatch response list` shows, and what the next monitor has to undo: a small file in the state directory.
package struct Book: Sendable, Equatable, Codable {
    /// A file of a later version is not read.
    private static let latest = 1
    package static let fileName = "driftwatch.responses"
    /// Decisions that are kept to be looked at; all of them are in the evidence.
    private static let mostRecent = 200

    package struct Row: Sendable, Equatable, Codable {
        package var id: String
        /// As in `response-restricted`; of what waits `queued`.
        package var act: String
        package var step: String?
        package var outcome: String
        package var workload: String
        package var instance: String
        package var policy: String
        package var mode: String
        package var alert: String
        package var rule: String
        package var time: Int64
        package var until: Int64?
        package var who: String?
        package var why: String?
        package var reason: String

        package init(_ decision: Decision) {
            let ticket = decision.ticket
            id = hex(ticket.id)
            act = decision.act.rawValue
            step = decision.step?.rawValue
            outcome = decision.outcome.rawValue
            workload = ticket.target.workload.id
            instance = ticket.target.workload.instance
            policy = ticket.policy
            mode = ticket.mode.rawValue
            alert = hex(ticket.alert)
            rule = ticket.rule
            time = decision.time
            until = decision.until
            who = decision.who
            why = decision.why
            reason = decision.reason
        }
    }

    private var version = Book.latest
    private(set) var measures: [Docket.Measure] = []
    /// Of what waits for approval.
    private(set) var tickets: [Ticket] = []
    /// In force, and waiting for approval, as lines would tell of them.
    package private(set) var inForce: [Row] = []
    package private(set) var waiting: [Row] = []
    /// The latest first.
    package private(set) var recent: [Row] = []

    package init() {}

    /// Nil where there is none; one that cannot be read is refused.
    package static func read(in directory: String) throws(ActionError) -> Book? {
        let path = directory + "/" + fileName
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        struct Header: Decodable { var version: Int }
        if let header = try? JSONDecoder().decode(Header.self, from: data), header.version > latest {
            throw ActionError("\(path) was written by a newer driftwatch; use that one")
        }
        guard let book = try? JSONDecoder().decode(Book.self, from: data) else {
            throw ActionError("\(path) cannot be read; what was frozen by it has to be thawed by hand")
        }
        return book
    }

    /// Whether a monitor that died has left something in force.
    package var hasLeftovers: Bool { !measures.isEmpty || !tickets.isEmpty }

    /// Whether processes are frozen.
    package var hasFrozen: Bool { measures.contains { $0.step == .freeze && $0.ticket.mode == .enforce } }

    mutating func note(_ decision: Decision) {
        recent.insert(Row(decision), at: 0)
        if recent.count > Self.mostRecent { recent.removeLast() }
    }

    mutating func note(_ docket: Docket) {
        measures = docket.measures
        inForce = docket.measures.filter { $0.step != .kill }.map { measure in
            let act: Decision.Act = measure.step == .freeze ? .frozen : .restricted
            var decision = Decision(act, measure.ticket, measure.step, at: measure.since)
            decision.until = measure.untilWall
            return Row(decision)
        }
        tickets = docket.waiting.map(\.ticket)
        waiting = docket.waiting.map { waiting in
            var decision = Decision(.queued, waiting.ticket, at: waiting.since)
            decision.until = waiting.untilWall
            return Row(decision)
        }
    }

    /// Beside its place, then moved there, so that a reader never sees half of it. `isSure`: it is on the disk by then.
    func write(in directory: String, isSure: Bool) throws(ActionError) {
        let path = directory + "/" + Self.fileName
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(self) else { throw ActionError("\(path) cannot be encoded") }
        let beside = path + ".new"
        let file = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw Self.failure(path) }
        let isWritten = data.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) } == data.count
        let isKept = isWritten && (!isSure || fsync(file) == 0)
        let failure = Self.failure(path)
        close(file)
        guard isKept, rename(beside, path) == 0 else { throw failure }
        guard isSure else { return }
        let parent = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if parent >= 0 {
            fsync(parent)
            close(parent)
        }
    }

    private static func failure(_ path: String) -> ActionError {
        ActionError("cannot write \(path): \(String(cString: strerror(errno)).lowercased())")
    }
}
