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
            Prints an alert for each behaviour that drifts. Exit code 3 if there was one.

            Example:
              driftwatch events --for 1h > events.jsonl; driftwatch check --baselines baselines/ events.jsonl
            """)

    @Option(name: .long, help: ArgumentHelp("Reviewed baselines (repeatable).", valueName: "dir"))
    var baselines: [String]
    @Option(name: .long, help: ArgumentHelp("Only workloads that match (repeatable).", valueName: "glob"))
    var workload: [String] = []
    @Option(name: .long, help: ArgumentHelp("Where lines go; - is standard output.", valueName: "file"))
    var output = "-"
    @Option(name: .long, help: "Lines for programs (ecs) or for people (text).")
    var format = Format.ecs
    @Argument(help: "Event files; - is standard input.")
    var events: [String]

    func run() throws {
        let log = makeLog()
        let judge = try Judge(learn: .off, reviewed: baselines, archive: nil, log: log)
        let printer = try Printer(output: output, format: format)
        let filter = WorkloadFilter(workload)
        var tally = Tally()
        for path in events { try check(path, judge, printer, filter, &tally) }
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
        var alerts = 0
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
            if !judge.hasBaseline(of: observation.workload) { tally.unjudged[observation.workload.id, default: 0] += 1 }
        }
    }

    private func tell(_ alert: Anomaly, _ printer: Printer, _ tally: inout Tally) {
        tally.alerts += 1
        printer.alert(alert)
    }
}
