import ArgumentParser
import Baselines
import Drift
import Events
import Foundation

struct ListBaselines: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "The baselines that are kept.",
        discussion: "Example:\n  driftwatch baseline list --json")

    @OptionGroup var state: StateOptions
    @Flag(name: .long, help: "For programs.") var json = false

    private struct Row: Encodable {
        var workload: String
        var digest: String?
        var image: String?
        var state: String
        var completeness: Double?
        var entries: Int
        var instances: Int
        var seen: Int
        var lost: Int
        var gaps: Int
        /// Of each kind, and of all as `all`: how much is known, at least and at most with a confidence of 95 %.
        var known: [String: Completion.Estimate]
        /// Starts of instances that were watched, and minutes after them in which something was done.
        var starts: Int
        var units: Int
        /// Behaviours known after so many of these.
        var curve: [DiscoveryCurve.Point]
        /// What keeps it from being armed.
        var missing: [String]
        /// Seconds of learning that are left at the pace so far.
        var forecast: Double?
        /// Behaviours that were seen, but are not learned.
        var quarantined: Int
        /// Why it may lack what is normal.
        var doubt: String?
        var learnedFrom: Date?
        var learnedUntil: Date?
        var checksum: String
    }

    func run() throws {
        let store = try state.store()
        let rows = try failing { try store.baselines() }.map { stored in
            let baseline = try failing { try store.current(stored.key) } ?? stored.baseline
            let completion = try failing { try store.completion(stored.key) }
            return Row(
                workload: stored.key.workload, digest: stored.key.digest, image: stored.image,
                state: stored.state.rawValue, completeness: stored.completeness, entries: baseline.spec.count,
                instances: stored.instances, seen: stored.seen, lost: stored.lost,
                gaps: stored.gaps, known: completion.map(Self.known) ?? [:], starts: stored.starts, units: stored.units,
                curve: completion?.curve ?? [], missing: completion?.missing ?? [], forecast: completion?.forecast,
                quarantined: try failing { try store.quarantined(stored.key) }.count,
                doubt: stored.status.doubt,
                learnedFrom: stored.learnedFrom.map(date), learnedUntil: stored.learnedUntil.map(date),
                checksum: baseline.checksum)
        }
        if json {
            print(driftwatch.json(rows))
            return
        }
        var table = Table(columns: [
            "WORKLOAD", "DIGEST", "STATE", "COMPLETE", "ENTRIES", "QUARANTINED", "INSTANCES", "LEARNED SINCE",
            "READY IN", "DOUBT",
        ])
        table.rows = rows.map { row in
            [
                row.workload, row.digest.map { String($0.prefix(19)) } ?? "-", row.state,
                row.completeness.map { String(format: "%.1f %%", $0 * 100) } ?? "-", String(row.entries),
                String(row.quarantined),
                String(row.instances), row.learnedFrom.map { ISO8601DateFormatter().string(from: $0) } ?? "-",
                row.forecast.map { Explanation.duration(seconds: $0) } ?? "-",
                row.missing.isEmpty ? row.doubt ?? "-" : row.missing.joined(separator: ", "),
            ]
        }
        print(table.text())
    }

    private static func known(_ completion: Completion) -> [String: Completion.Estimate] {
        var known = Dictionary(uniqueKeysWithValues: completion.kinds.map { ($0.key.rawValue, $0.value) })
        known["all"] = completion.all
        return known
    }
}

private func date(_ nanoseconds: Int64) -> Date { Date(timeIntervalSince1970: Double(nanoseconds) / 1e9) }

struct ShowBaseline: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "One baseline, as its file would be; also while it is being learned.",
        discussion: """
            How far it is known and what is missing stands below it, as comments; so does what was seen but is not
            learned, with the reason; --quarantined shows only that.

            Example:
              driftwatch baseline show container/web
            """)

    @OptionGroup var state: StateOptions
    @OptionGroup var name: BaselineName
    @Flag(name: .long, help: "What is in quarantine: seen, but not learned, and why.") var quarantined = false
    @Flag(name: .long, help: "With --quarantined: for programs.") var json = false

    private struct Row: Encodable {
        var id: String
        var reason: String
        var why: String
        var kind: String
        var entry: String
        var count: Int
        var first: Date
        var last: Date
    }

    func validate() throws {
        if json, !quarantined { throw ValidationError("--json is for --quarantined; a baseline is YAML as it is") }
    }

    func run() throws {
        let store = try state.store()
        let stored = try name.find(in: store)
        let held = try failing { try store.quarantined(stored.key) }
        if quarantined { return show(held) }
        let baseline = try failing { try store.current(stored.key) } ?? stored.baseline
        print(BaselineWriter.file(baseline), terminator: "")
        let progress = try failing { try store.completion(stored.key) }?.lines ?? []
        for line in progress + BaselineWriter.quarantine(held, of: stored.key.workload) { print(printable(line)) }
    }

    private func show(_ held: [StoredBehaviour]) {
        let rows = held.map { row in
            Row(
                id: row.id, reason: row.quarantine?.text ?? "", why: row.quarantine?.reason ?? "",
                kind: row.shape.kind.rawValue, entry: row.entry, count: row.count, first: date(row.first),
                last: date(row.last))
        }
        if json {
            print(driftwatch.json(rows))
            return
        }
        var table = Table(columns: ["ID", "WHY", "COUNT", "LAST", "ENTRY"])
        table.rows = rows.map { row in
            [row.id, row.why, String(row.count), ISO8601DateFormatter().string(from: row.last), row.entry]
        }
        print(table.text())
    }
}

struct DiffBaselines: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "What the second baseline knows more and less than the first.",
        discussion: "Example:\n  driftwatch baseline diff baselines/container_web.yaml container/web")

    @OptionGroup var state: StateOptions
    @Argument(help: "Workload id, workload@digest, or file.") var first: String
    @Argument(help: "Workload id, workload@digest, or file.") var second: String
    @Flag(name: .long, help: "For programs.") var json = false

    private struct Difference: Encodable {
        var added: [BaselineDifference.Entry]
        var removed: [BaselineDifference.Entry]
    }

    func run() throws {
        let difference = try load(first).difference(to: load(second))
        if json {
            print(driftwatch.json(Difference(added: difference.added, removed: difference.removed)))
        } else {
            print(difference.text, terminator: "")
        }
    }

    private func load(_ text: String) throws -> Baseline {
        if FileManager.default.fileExists(atPath: text) {
            let documents = try loadBaselines([text])
            guard documents.count == 1 else {
                throw Failure("\(text) holds \(documents.count) baselines; name a file with one")
            }
            return documents[0].baseline
        }
        let store = try state.store()
        var words = [text]
        // `unit/getty@.service` is a workload, too.
        if try !failing({ try store.baselines() }).contains(where: { $0.key.workload == text }),
            let at = text.lastIndex(of: "@")
        {
            words = [String(text[..<at]), "--digest", String(text[text.index(after: at)...])]
        }
        let stored = try BaselineName.parse(words).find(in: store)
        return try failing { try store.current(stored.key) } ?? stored.baseline
    }
}

struct LintBaselines: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint", abstract: "Find entries that are too broad, and say why.",
        discussion: "Example:\n  driftwatch baseline lint baselines/ container/web")

    @OptionGroup var state: StateOptions
    @Argument(help: "Files, directories and workload ids.") var names: [String]
    @Flag(name: .long, help: "For programs.") var json = false

    private struct Row: Encodable {
        var file: String
        var line: Int
        var reason: String
        var entry: String
    }

    func run() throws {
        var documents: [BaselineFile.Document] = []
        var refusals: [FileRefusal] = []
        for name in names {
            if FileManager.default.fileExists(atPath: name) || isMeantAsFile(name) {
                let found = try findBaselines([name])
                documents += found.documents
                refusals += found.refusals
            } else {
                let store = try state.store()
                let stored = try BaselineName.parse([name]).find(in: store)
                let baseline = try failing { try store.current(stored.key) } ?? stored.baseline
                documents += try failing { try BaselineFile.parse(BaselineWriter.file(baseline), file: name) }
            }
        }
        let findings = documents.flatMap { $0.lint() }
        if json {
            print(
                driftwatch.json(findings.map { Row(file: $0.file, line: $0.line, reason: $0.reason, entry: $0.entry) }))
        } else {
            for finding in findings { print(printable("\(finding)")) }
        }
        for refusal in findings.isEmpty ? [] : refusals { Main.report("\(refusal)") }
        guard findings.isEmpty else {
            throw Failure("\(findings.count) of the entries are too broad; narrow them, or leave them out")
        }
        try fail(with: refusals)
    }

    /// No workload is called so: most likely its name was mistyped.
    private func isMeantAsFile(_ name: String) -> Bool {
        name.hasPrefix("/") || name.hasPrefix(".") || name.hasSuffix(".yaml") || name.hasSuffix(".yml")
            || name.hasSuffix("/")
    }
}
