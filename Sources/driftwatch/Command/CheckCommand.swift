import ArgumentParser
import Baselines
import Drift
import Foundation
import Sinks
import Workloads

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Judge a recorded event stream against baselines, offline.",
        discussion: """
            Prints an alert for each behaviour that drifts. Exit code 3 if there was one. With --summary it prints instead
            how many alerts there would have been on each day and of which rule, which, and the lines that would silence
            most of them.

            Example:
              driftwatch events --for 1h > events.jsonl; driftwatch check --baselines baselines/ events.jsonl
              driftwatch check --summary --baselines baselines/ monday.jsonl tuesday.jsonl
            """)

    @Option(name: .long, help: "Settings file in YAML; default /etc/driftwatch/config.yaml if there.")
    var config: String?
    @Option(name: .long, help: ArgumentHelp("Reviewed baselines (repeatable).", valueName: "dir"))
    var baselines: [String] = []
    @Option(name: .long, help: ArgumentHelp("Only workloads that match (repeatable).", valueName: "glob"))
    var workload: [String] = []
    @Option(name: .long, help: ArgumentHelp("Where lines go; - is standard output.", valueName: "file"))
    var output = "-"
    @Option(name: .long, help: "Lines for programs (ecs) or for people (text).")
    var format: Format?
    @Flag(name: .long, help: "Print what all alerts come to instead of each.")
    var summary = false
    @Flag(name: .long, help: "The summary for programs.") var json = false
    @Argument(help: "Event files; - is standard input.")
    var events: [String]

    func validate() throws {
        if json, !summary { throw ValidationError("--json is for --summary; alerts are JSON as they are") }
    }

    func run() throws {
        let log = makeLog()
        // Not the output: that of the settings is where a monitor writes.
        let settings = try Settings(config: config)
        let reviewed = settings.values("baselines", flags: baselines)
        guard !reviewed.isEmpty else {
            throw Failure("no baselines to judge by; name a directory with --baselines", code: .usage)
        }
        let judge = try Judge(learn: .off, reviewed: reviewed, archive: nil, log: log)
        let printer = try Printer(output: output, format: settings.value("format", flag: format, else: .ecs))
        let filter = WorkloadFilter(settings.values("workload", flags: workload))
        var tally = Tally()
        for path in events { try check(path, judge, printer, filter, &tally) }
        if summary {
            print(json ? driftwatch.json(tally.backtest.report()) : text(of: tally.backtest.report(told: 20)))
        }
        let unwritten = printer.close()
        if let trouble = printer.trouble { throw Failure(trouble) }
        if unwritten > 0 { throw Failure("\(unwritten) lines could not be written; give the output more room") }
        for (workload, count) in tally.unjudged.sorted(by: { $0.key < $1.key }) {
            Main.report("no baseline of \(printable(workload)): \(count) of its events were not judged")
        }
        if tally.alerts > 0 { throw ExitCode(Failure.Code.found.rawValue) }
        if judge.refused > 0 { throw Failure("\(judge.refused) baseline files were left out; mend them as said above") }
        if tally.unreadable > 0 {
            throw Failure("\(tally.unreadable) lines could not be read; record them again with driftwatch events")
        }
    }

    private struct Tally {
        var backtest = Backtest()
        var alerts: Int { backtest.alerts }
        var unreadable = 0
        var unjudged: [String: Int] = [:]
    }

    private func check(
        _ path: String, _ judge: Judge, _ printer: Printer, _ filter: WorkloadFilter, _ tally: inout Tally
    ) throws {
        var reader: EventReader
        do { reader = try EventReader(path: path) } catch { throw Failure("\(error)") }
        while true {
            let observation: Observation?
            do { observation = try reader.next() } catch {
                Main.report("\(path): \(error)")
                tally.unreadable += 1
                continue
            }
            guard let observation else { return }
            guard filter.admits(observation.workload.id) else { continue }
            for alert in judge.detector.tick(observation.time) { tell(alert, printer, &tally) }
            let verdict = judge.judge(observation)
            if let alert = verdict.alert { tell(alert, printer, &tally) }
            let isJudged = judge.hasBaseline(of: observation.workload)
            if !isJudged { tally.unjudged[observation.workload.id, default: 0] += 1 }
            tally.backtest.saw(observation, judged: isJudged)
        }
    }

    private func tell(_ alert: Anomaly, _ printer: Printer, _ tally: inout Tally) {
        tally.backtest.told(alert)
        if !summary { printer.alert(alert) }
    }

    private func text(of report: Backtest.Report) -> String {
        let time = report.from.map { " from \($0.prefix(19))Z to \(report.until!.prefix(19))Z" } ?? ""
        var parts = [
            "\(report.alerts) alerts in \(report.events) events of \(report.workloads.count) workloads\(time)"
        ]
        if !report.days.isEmpty {
            let rules = Set(report.days.flatMap(\.rules.keys)).sorted()
            var days = Table(columns: ["DAY"] + rules + ["ALL"])
            days.rows = report.days.map { day in
                [day.day] + rules.map { String(day.rules[$0] ?? 0) } + [String(day.alerts)]
            }
            var told = Table(columns: ["ALERTS", "RULE", "WORKLOAD", "WHAT"])
            told.rows = report.told.map { [String($0.alerts), $0.rule, $0.workload, $0.entry ?? "-"] }
            parts += [days.text(), told.text()]
        }
        if !report.silences.isEmpty {
            var silences = Table(columns: ["WOULD SILENCE", "WORKLOAD", "KIND", "LINE"])
            silences.rows = report.silences.map { ["\($0.alerts)", $0.workload, $0.kind, $0.entry] }
            parts.append(silences.text())
        }
        return parts.joined(separator: "\n\n")
    }
}
