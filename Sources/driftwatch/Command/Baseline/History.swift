import ArgumentParser
import Baselines
import Drift
import Foundation

struct BaselineHistory: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Who changed what is normal, when and why.",
        discussion: "Example:\n  driftwatch baseline history container/web")

    @OptionGroup var state: StateOptions
    @Argument(help: "Workload id; without one the changes of all.") var workload: String?
    @Option(name: .long, help: "Only so many of the latest.") var limit = 100
    @Flag(name: .long, help: "For programs.") var json = false

    struct Row: Encodable {
        var id: Int
        var time: String
        var who: String
        var reason: String
        var action: String
        var what: String
        var workload: String
        var digest: String?
        var undoes: Int?
        var undoneBy: Int?
    }

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit must be 1 or more, not \(limit)") }
    }

    func run() throws {
        let store = try state.store()
        let rows = try failing { try store.changes(of: workload, limit: limit) }.map { change in
            Row(
                id: change.id, time: timestamp(change.time), who: change.who, reason: change.why,
                action: change.action.rawValue, what: change.what, workload: change.key.workload,
                digest: change.key.digest, undoes: change.undoes, undoneBy: change.undoneBy)
        }
        if json {
            print(driftwatch.json(rows))
            return
        }
        var table = Table(columns: ["CHANGE", "TIME", "WHO", "WORKLOAD", "DIGEST", "WHAT", "REASON"])
        table.rows = rows.map { row in
            [
                String(row.id), row.time, row.who, row.workload, row.digest.map { String($0.prefix(19)) } ?? "-",
                row.summary + (row.undoneBy.map { " (undone by \($0))" } ?? ""), row.reason.isEmpty ? "-" : row.reason,
            ]
        }
        print(table.text())
    }

    /// To the second: people read it.
    private func timestamp(_ nanoseconds: Int64) -> String {
        ISO8601DateFormatter().string(from: Date(timeIntervalSince1970: Double(nanoseconds) / 1e9))
    }
}

extension BaselineHistory.Row {
    /// The entries of an `allow` on one line; of a checksum as much as tells it from others.
    fileprivate var summary: String {
        let lines = what.split(separator: "\n").map { line in
            let text = line.trimmingCharacters(in: .whitespaces)
            if text.hasPrefix("sha256:") { return String(text.prefix(19)) }
            return text.hasPrefix("- ") ? String(text.dropFirst(2)) : text
        }
        return ([action] + lines).joined(separator: " ")
    }
}

struct UndoChange: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo", abstract: "Take a change back; an undo too.",
        discussion: """
            With a workload id the latest change of it that still stands; said again, the one before.

            Example:
              driftwatch baseline undo 17 --reason 'not the backup job after all'
            """)

    @OptionGroup var state: StateOptions
    @OptionGroup var reason: ReasonOptions
    @Argument(help: "Workload id, or number of a change as history shows it.") var change: String
    @Option(name: .long, help: "Of which image or executable, where a workload has several; a beginning will do.")
    var digest: String?

    func run() throws {
        let store = try state.store()
        let undone = try failing {
            if let id = Int(change) { return try store.undo(id, who: reason.who, why: reason.reason) }
            return try store.undoLatest(
                of: change, digest: { has in digest.map { BaselineName.matches(has, $0) } ?? true }, who: reason.who,
                why: reason.reason)
        }
        print(printable("\(undone.key): change \(undone.id) (\(undone.action.rawValue) by \(undone.who)) is undone"))
    }
}
