import ArgumentParser
import Baselines
import Evidence
import Foundation
import Reports
import Sinks

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "What is known of this node in a time, for whoever has to rely on it.",
        discussion: """
            Read from the evidence, which is verified on the way, the register and the baselines; whether or not a \
            monitor runs. Exit code 3 if the evidence was changed: the report is written all the same, and says so first.

            Example:
              driftwatch report --from 30d -o html > report.html
              driftwatch report --from 2026-10-01 --to 2026-12-31 -o md
            """)

    enum Output: String, CaseIterable, ExpressibleByArgument { case html, json, md }

    @Option(
        name: .long,
        help: ArgumentHelp(
            "From when on: a time, a day, or how long ago (default the seven days before).", valueName: "time"))
    var from: NamedTime?
    @Option(name: .long, help: ArgumentHelp("Up to when, a day with all of it (default now).", valueName: "time"))
    var to: NamedTime?
    @Option(name: .shortAndLong, help: "One page of HTML, JSON, or Markdown.")
    var output = Output.md
    @Flag(name: .long, help: "The same as -o json.")
    var json = false
    @Option(
        name: .long, help: ArgumentHelp("The key that must have signed; else that of the directory.", valueName: "file")
    )
    var publicKey: String?
    @Option(name: .long, help: ArgumentHelp("Checkpoints that were sent elsewhere (repeatable).", valueName: "file"))
    var checkpoints: [String] = []
    @OptionGroup var register: RegisterOptions

    func run() throws {
        let now = Clock.wall()
        let period = try period(now)
        let directory = try register.stored.directory()
        let evidence = EvidenceCommand.directory(in: directory)
        guard FileManager.default.fileExists(atPath: evidence) else {
            throw Failure(
                "there is no evidence in \(directory): run driftwatch first, or name its directory with --state")
        }
        let store = try register.stored.store()
        let found = try failing { try RunningMonitor.find(in: directory) }
        let heartbeat = try failing { try store.meta(StoreWrite.heartbeatName) }.flatMap(Heartbeat.init)
        let sources = Report.Sources(
            store: store, inventory: try register.inventory(at: now), alive: heartbeat?.wall,
            account: found?.monitor.running == true ? found?.vitals?.ledger : nil)
        let sent = try checkpoints.isEmpty ? nil : EvidenceOptions.read(checkpoints)
        let report = try failing {
            let key = try VerifyingKey(path: publicKey ?? evidence + "/key.pub")
            let proof = Report.Proof(
                directory: evidence, key: key, keyGiven: publicKey != nil, checkpoints: sent)
            return try Report(
                of: period, from: proof, sources, host: Sinks.Host.current().name, version: Driftwatch.version, now: now
            )
        }
        guard report.hasEvidence else { throw Failure("there is no evidence in \(evidence)") }
        switch json ? .json : output {
        case .html: print(ReportPage.html(report), terminator: "")
        case .json: print(driftwatch.json(report))
        case .md: print(MarkdownReport.text(report), terminator: "")
        }
        guard report.isWhole else {
            throw Failure(
                "the evidence was changed; see the top of the report, and driftwatch evidence verify", code: .found)
        }
    }

    private func period(_ now: Int64) throws(Failure) -> Period {
        let end = to?.end(now) ?? now
        let period = Period(from: from?.begin(now) ?? max(0, end - 7 * NamedTime.length), to: end)
        guard period.from < period.to else {
            throw Failure(
                "--from is not before --to; driftwatch report --help shows how times are written", code: .usage)
        }
        guard period.from < now else {
            throw Failure("--from lies in the future; nothing is known of that", code: .usage)
        }
        return period
    }
}
