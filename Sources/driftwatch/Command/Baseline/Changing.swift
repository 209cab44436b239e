import ArgumentParser
import Baselines
import Drift
import Foundation

struct ApproveBaseline: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "End learning: what the baseline does not know is an anomaly from now on.",
        discussion: """
            What is in quarantine stays there; --quarantined lets it in, but for what is never normal, and leaves
            learning as it is. --entry lets in one, whatever it is.

            Example:
              driftwatch baseline approve container/web --reason 'two days of normal load'
              driftwatch baseline approve container/web --quarantined
              driftwatch baseline approve container/web --entry 3fa09c51
            """)

    @OptionGroup var state: StateOptions
    @OptionGroup var name: BaselineName
    @OptionGroup var reason: ReasonOptions
    @Flag(name: .long, help: "Let in what is in quarantine instead.") var quarantined = false
    @Option(
        name: .long,
        help: ArgumentHelp("Let in this of what is in quarantine (repeatable); show has the ids.", valueName: "id"))
    var entry: [String] = []

    func run() throws {
        let store = try state.store()
        let stored = try name.find(in: store)
        if quarantined || !entry.isEmpty {
            let released = try failing {
                try store.release(stored.key, ids: Set(entry), who: reason.who, why: reason.reason)
            }
            for row in released { print(printable("\(stored.key): let in \(row.entry)")) }
            let left = try failing { try store.quarantined(stored.key) }.count
            if released.isEmpty || left > 0 { print(printable("\(stored.key): \(left) left in quarantine")) }
            return
        }
        let baseline = try failing { try store.approve(stored.key, who: reason.who, why: reason.reason) }
        print("\(printable("\(stored.key)")): armed, \(baseline.spec.count) entries, \(baseline.checksum)")
    }
}

struct AllowAlert: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "allow", abstract: "Make what an alert told of normal, by the alert's own patch.",
        discussion: "Example:\n  driftwatch baseline allow 3fa09c51d2e87b44 --reason 'new backup job'")

    @OptionGroup var state: StateOptions
    @OptionGroup var reason: ReasonOptions
    @Argument(help: "The alert's event.id.") var alert: String

    func run() throws {
        let store = try state.store()
        guard let found = try failing({ try store.alert(alert) }) else {
            throw Failure("no alert \(alert) in this state; its id is the alert's event.id")
        }
        guard let patch = found.allow else {
            throw Failure("alert \(alert) (\(found.rule)) has no patch; nothing in a baseline can allow it")
        }
        let spec = try failing { try BaselineFile.parseSpec(patch, file: "alert \(alert)") }
        try failing {
            try store.allow(
                spec, for: found.key, who: reason.who, why: reason.reason.isEmpty ? "alert \(alert)" : reason.reason)
        }
        print("\(printable("\(found.key)")): allowed\n\(patch)", terminator: patch.hasSuffix("\n") ? "" : "\n")
    }
}

struct ResetBaseline: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset", abstract: "Forget a baseline and what was observed for it; learning begins anew.",
        discussion: "Example:\n  driftwatch baseline reset container/web")

    @OptionGroup var state: StateOptions
    @OptionGroup var name: BaselineName
    @OptionGroup var reason: ReasonOptions

    func run() throws {
        let store = try state.store()
        let stored = try name.find(in: store)
        try failing { try store.reset(stored.key, who: reason.who, why: reason.reason) }
        print("\(printable("\(stored.key)")): reset")
    }
}

struct MergeBaselines: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge", abstract: "Join baselines of one workload from several nodes, status too.",
        discussion: "Example:\n  driftwatch baseline merge node1.yaml node2.yaml > merged.yaml")

    @Argument(help: "Files, two or more.") var files: [String]
    @Option(name: .long, help: ArgumentHelp("Where the result goes, else to standard output.", valueName: "file"))
    var out: String?

    func run() throws {
        let documents = try loadBaselines(files)
        guard var result = documents.first?.baseline, documents.count > 1 else {
            throw Failure("merge wants two baselines or more, and was given \(documents.count)", code: .usage)
        }
        for document in documents.dropFirst() {
            let merged = result.merged(document.baseline)
            guard result.key.workload == document.baseline.key.workload else {
                throw Failure(
                    "\(document.file): \(merged.conflicts.joined(separator: "; ")): merge joins baselines of one workload"
                )
            }
            for conflict in merged.conflicts { Main.report("\(document.file): conflicts in \(conflict)") }
            result = merged.baseline
        }
        let text = BaselineWriter.file(result)
        if let out { try writeWhole(text, to: out) } else { print(text, terminator: "") }
    }
}
