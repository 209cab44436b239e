import ArgumentParser
import Baselines
import Drift
import Events
import Foundation
import Responses

struct ResponseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "response",
        abstract: "What is done about alerts: see it, approve it, end it.",
        discussion: """
            Example:
              driftwatch response list
            """,
        subcommands: [ListResponses.self, ApproveResponse.self, LiftResponse.self])
}

struct ListResponses: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "What is in force, what waits for approval, and what was done lately.",
        discussion: """
            Example:
              driftwatch response list --json
            """)

    @OptionGroup var state: StateOptions
    @Option(name: .long, help: ArgumentHelp("Only workloads that match (repeatable).", valueName: "glob"))
    var workload: [String] = []
    @Flag(name: .long, help: "For programs.") var json = false

    private struct Row: Encodable {
        enum State: String, Encodable {
            case inForce = "in force"
            case waiting, done
        }
        var state: State
        var id: String
        var action: String
        var step: String?
        var outcome: String
        var workload: String
        var instance: String
        var policy: String
        var mode: String
        var alert: String
        var rule: String
        var time: String
        var until: String?
        var who: String?
        var why: String?
        var reason: String

        init(_ row: Book.Row, _ state: State) {
            self.state = state
            (id, action, step, outcome) = (row.id, "response-" + row.act, row.step, row.outcome)
            (workload, instance, policy, mode) = (row.workload, row.instance, row.policy, row.mode)
            (alert, rule, who, why, reason) = (row.alert, row.rule, row.who, row.why, row.reason)
            time = Timestamp.text(row.time)
            until = row.until.map { Timestamp.text($0) }
        }
    }

    func run() throws {
        let directory = try state.directory()
        try requireDirectory(directory, for: "--state")
        let book = try failing { try Book.read(in: directory) } ?? Book()
        let filter = WorkloadFilter(workload)
        let isRunning = try failing { try RunningMonitor.find(in: directory) }?.monitor.running == true
        // Restrictions end with the monitor; what was frozen stays so until the next one starts.
        let inForce = book.inForce.filter { isRunning || $0.step == StepKind.freeze.rawValue }
        let rows =
            (inForce.map { Row($0, .inForce) } + (isRunning ? book.waiting : []).map { Row($0, .waiting) }
            + book.recent.map { Row($0, .done) }).filter { filter.admits($0.workload) }
        if json {
            print(driftwatch.json(rows))
            return
        }
        if rows.isEmpty { Main.report("nothing was done about any alert") }
        guard !rows.isEmpty else { return }
        var table = Table(columns: ["STATE", "ID", "ACTION", "WORKLOAD", "POLICY", "TIME", "UNTIL", "WHAT"])
        table.rows = rows.map { row in
            [
                row.state.rawValue, row.id, row.action, row.workload, row.policy, Self.short(row.time),
                row.until.map(Self.short) ?? "-", Self.what(row),
            ]
        }
        if let width = Terminal.width { table.fit(within: width, columns: [3, 4, 7]) }
        print(table.text())
    }

    private static func short(_ time: String) -> String { time.prefix(19) + "Z" }

    private static func what(_ row: Row) -> String {
        var parts = [row.mode == ResponsePolicy.Mode.dryRun.rawValue ? "dry run" : row.outcome]
        if let who = row.who { parts.append("by \(who)") }
        if let why = row.why, !why.isEmpty { parts.append(why) }
        return parts.joined(separator: ", ")
    }
}

struct ApproveResponse: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Let what waits for approval be done.",
        discussion: """
            Example:
              driftwatch response approve 3fa09c51d2e87b44 --reason 'seen by the team on call'
            """)

    @OptionGroup var state: StateOptions
    @OptionGroup var reason: ReasonOptions
    @Argument(help: "The response's id, as in driftwatch response list.") var id: String

    func run() throws { try ask(.approve, id, reason, state) }
}

struct LiftResponse: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lift",
        abstract: "End what is in force, or waits, of a response or of a workload.",
        discussion: """
            Example:
              driftwatch response lift container/web --reason 'it was a deployment'
            """)

    @OptionGroup var state: StateOptions
    @OptionGroup var reason: ReasonOptions
    @Argument(help: "The response's id, or a workload's.") var name: String

    func run() throws { try ask(.lift, name, reason, state) }
}

private func ask(
    _ verb: ControlRequest.Verb, _ name: String, _ reason: ReasonOptions, _ state: StateOptions
) throws {
    let directory = try state.directory()
    try requireDirectory(directory, for: "--state")
    let request = ControlRequest(verb, name, who: reason.who, why: reason.reason)
    guard let reply = try failing({ try ControlSocket.ask(request, in: directory) }) else {
        throw Failure("no monitor that has responses runs on \(directory); start one, or name its state with --state")
    }
    for line in reply.lines.dropLast() { print(printable(line)) }
    guard let last = reply.lines.last else { return }
    guard reply.isDone else { throw Failure("\(last); see driftwatch response list") }
    print(printable(last))
}
