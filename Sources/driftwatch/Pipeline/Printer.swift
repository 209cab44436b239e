import Drift
import Evidence
import Foundation
import Responses
import Sinks
import Workloads

/// Turns what the pipeline finds into lines, and hands them to the writer.
final class Printer {
    private var ecs: ECSFormat
    /// Set where lines are for people.
    private let text: TextFormat?
    private let writer: LineWriter
    /// Where alerts and states are kept, whatever becomes of the output.
    private let evidence: EvidenceLog?
    private let dossiers: Dossiers?
    /// Called before a line reaches the terminal that a picture of the progress is drawn on.
    var willPrint: () -> Void = {}
    private var toldDropped: UInt64 = 0
    private var droppedSince: Int64?
    private var toldFailure: String?

    init(output: String, format: Format, dossiers: Dossiers? = nil, evidence: EvidenceLog? = nil) throws(Failure) {
        self.evidence = evidence
        do { writer = try LineWriter(path: output) } catch { throw Failure("\(error)") }
        self.dossiers = dossiers
        ecs = ECSFormat(host: Sinks.Host.current(), seed: .random(in: .min ... .max)) {
            dossiers?.dossier(of: $0, actor: $1) ?? Dossier()
        }
        let color = TextFormat.wantsColor(
            isTerminal: output == "-" && isatty(STDOUT_FILENO) == 1,
            noColor: ProcessInfo.processInfo.environment["NO_COLOR"])
        text = format == .text ? TextFormat(color: color) : nil
    }

    /// Takes note of what an act may tell of its workload; `others`: more processes of its cgroup.
    func notice(_ observation: Observation, others: () -> [UInt32]) { dossiers?.notice(observation, others: others) }

    func behaviour(_ observation: Observation) {
        write(text?.behaviour(observation) ?? ecs.behaviour(observation, created: Clock.wall()))
    }

    /// Gives back the line of JSON, where one was made.
    @discardableResult
    func alert(_ anomaly: Anomaly) -> [UInt8]? {
        write(text?.alert(anomaly)) { ecs.alert(anomaly, created: Clock.wall()) }
    }

    func decision(_ decision: Decision) {
        write(text?.decision(decision)) { ecs.decision(decision, created: Clock.wall()) }
    }

    func state(_ state: StateEvent, at time: Int64) {
        var isCustody = false
        if case .ended(let life, _) = state { isCustody = life.custody != nil }
        write(text?.state(state, at: time), isCustody: isCustody) { ecs.state(state, at: time, created: Clock.wall()) }
    }

    func change(_ change: Register.Change, at time: Int64) {
        write(text?.change(change, at: time)) { ecs.change(change, at: time, created: Clock.wall()) }
    }

    func dossier(of workload: Workload) -> Dossier { dossiers?.dossier(of: workload) ?? Dossier() }

    /// To be called about every second: what was kept becomes provable.
    func prove() { evidence?.tick() }

    /// For log rotation: the output is opened anew by its name.
    func reopen() { writer.reopen() }

    /// Lines that a slow or missing reader has cost, and since when, once there is room again to tell of them.
    func takeDropped(at time: Int64) -> (since: Int64, lines: UInt64)? {
        let status = writer.current
        guard status.dropped > toldDropped else { return nil }
        let since = droppedSince ?? time
        guard status.waitingBytes < LineWriter.capacity / 2 else {
            droppedSince = since
            return nil
        }
        defer { (toldDropped, droppedSince) = (status.dropped, nil) }
        return (since, status.dropped - toldDropped)
    }

    /// What is new about the output, for the log: lines that have to wait, and the end of it.
    func takeNews() -> String? {
        let failure = writer.current.failure.map { "\($0)" }
        guard failure != toldFailure else { return nil }
        defer { toldFailure = failure }
        return failure.map { "\($0); lines wait for it" } ?? "lines are written again"
    }

    /// Why nothing can be written any more, once that is so.
    var trouble: String? {
        let status = writer.current
        return status.isBroken ? status.failure.map { "\($0)" } : nil
    }

    /// Writes what waits, for at most a part of the five seconds that an end may take; gives back how many lines were
    /// not written since the last that was told.
    func close() -> UInt64 {
        evidence?.close()
        writer.close(within: .milliseconds(1500))
        return writer.current.dropped - toldDropped
    }

    /// Writes what a person reads, else the line of JSON; what is kept is always the latter.
    @discardableResult
    private func write(_ text: [UInt8]?, isCustody: Bool = false, json: () -> [UInt8]) -> [UInt8]? {
        let line = text == nil || evidence != nil ? json() : nil
        if let line { evidence?.keep(line, isCustody: isCustody) }
        if let shown = text ?? line { write(shown) }
        return line
    }

    private func write(_ line: [UInt8]) {
        willPrint()
        writer.write(line)
    }
}

extension Sinks.Host {
    static func current() -> Sinks.Host {
        var names = utsname()
        uname(&names)
        let field = { (bytes: UnsafeRawBufferPointer) in String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }
        return Sinks.Host(
            name: withUnsafeBytes(of: names.nodename, field), bootID: Boot.id,
            kernel: withUnsafeBytes(of: names.release, field))
    }
}
