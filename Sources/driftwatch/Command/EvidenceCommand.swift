import ArgumentParser
import Drift
import Events
import Evidence
import Foundation
import Workloads

struct EvidenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evidence",
        abstract: "What was kept as proof, and whether it is as it was written.",
        discussion: """
            Example:
              driftwatch evidence verify
            """,
        subcommands: [EvidenceVerify.self, EvidenceShow.self, EvidenceCustody.self])

    /// Where a monitor keeps it, below its state directory.
    static func directory(in state: String) -> String { state + "/evidence" }
}

struct EvidenceOptions: ParsableArguments {
    @OptionGroup var state: StateOptions
    @Option(name: .long, help: ArgumentHelp("A copy of the evidence instead of the state's own.", valueName: "dir"))
    var evidence: String?

    func directory() throws -> String {
        let directory = try evidence ?? EvidenceCommand.directory(in: state.directory())
        try requireDirectory(directory, for: evidence == nil ? "the evidence directory" : "--evidence")
        return directory
    }

    /// Checkpoints that were kept elsewhere, a line each.
    static func read(_ checkpoints: [String]) throws(Failure) -> [UInt8] {
        var sent: [UInt8] = []
        for path in checkpoints {
            guard let data = FileManager.default.contents(atPath: path) else {
                throw Failure("cannot read the checkpoints \(path): \(reason(errno))")
            }
            sent += data + [0x0a]
        }
        return sent
    }
}

struct EvidenceVerify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Find any changed, missing, reordered or cut line; exit code 3 if there is one.",
        discussion: """
            The public key lies beside the evidence, where whoever can rewrite one can rewrite both: keep a copy of \
            it, and of the checkpoints, elsewhere.

            Example:
              driftwatch evidence verify --public-key node7.pub --checkpoints node7.checkpoints
            """)

    @OptionGroup var options: EvidenceOptions
    @Option(
        name: .long, help: ArgumentHelp("The key that must have signed; else that of the directory.", valueName: "file")
    )
    var publicKey: String?
    @Option(name: .long, help: ArgumentHelp("Checkpoints that were sent elsewhere (repeatable).", valueName: "file"))
    var checkpoints: [String] = []
    @Flag(name: .long, help: "For programs.")
    var json = false

    private struct Report: Encodable {
        var whole: Bool
        var findings: [Verification.Finding]
        var notes: [String]
        var proven: Verification.Proof?
        var segments: Int
        var lines: UInt64
    }

    func run() throws {
        let directory = try options.directory()
        let sent = try EvidenceOptions.read(checkpoints)
        let verification: Verification
        do {
            let key = try VerifyingKey(path: publicKey ?? directory + "/key.pub")
            verification = try Verification(directory: directory, key: key, checkpoints: sent)
        } catch { throw Failure("\(error)") }
        var report = Report(
            whole: verification.findings.isEmpty, findings: verification.findings, notes: verification.notes,
            proven: verification.proven, segments: verification.segments, lines: verification.lines)
        if publicKey == nil {
            report.notes.append("the key is the directory's own: give --public-key for one kept elsewhere")
        }
        if report.segments == 0, report.whole { throw Failure("there is no evidence in \(directory)") }
        print(json ? driftwatch.json(report) : Self.text(report))
        if !report.whole { throw ExitCode(Failure.Code.found.rawValue) }
    }

    private static func text(_ report: Report) -> String {
        var lines = report.findings.map { "CHANGED \($0.file): \($0.what)" }
        lines += report.notes.map { "note: \($0)" }
        lines.append(
            report.proven.map { "proven up to line \($0.line), of \($0.time)" } ?? "nothing is proven")
        lines.append(
            "\(report.lines) lines in \(report.segments) segment\(report.segments == 1 ? "" : "s"): \(report.whole ? "as they were written" : "NOT as they were written")"
        )
        return lines.map { printable($0) }.joined(separator: "\n")
    }
}

struct EvidenceShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print what was kept, as the lines of JSON that it was.",
        discussion: """
            Example:
              driftwatch evidence show --from 2026-11-20T00:00:00Z --workload 'container/*'
            """)

    @OptionGroup var options: EvidenceOptions
    @Option(name: .long, help: ArgumentHelp("Nothing before.", valueName: "time"))
    var from: String?
    @Option(name: .long, help: ArgumentHelp("Nothing from then on.", valueName: "time"))
    var to: String?
    @Option(name: .long, help: ArgumentHelp("Only workloads that match (repeatable).", valueName: "glob"))
    var workload: [String] = []

    private struct Line: Decodable {
        struct Own: Decodable {
            struct Workload: Decodable { var id: String? }
            var workload: Workload?
        }
        var time: String?
        var driftwatch: Own?

        enum CodingKeys: String, CodingKey {
            case time = "@timestamp"
            case driftwatch
        }
    }

    func run() throws {
        let directory = try options.directory()
        let (from, to) = (try Self.time(from, "--from") ?? .min, try Self.time(to, "--to") ?? .max)
        let filter = workload.isEmpty ? nil : WorkloadFilter(workload)
        do {
            try EvidenceReader.forEachRecord(in: directory) { record in
                if from != .min || to != .max || filter != nil {
                    guard let line = try? JSONDecoder().decode(Line.self, from: Data(record)) else { return }
                    let time = line.time.flatMap(Timestamp.nanoseconds) ?? 0
                    guard time >= from, time < to else { return }
                    if let filter { guard let id = line.driftwatch?.workload?.id, filter.admits(id) else { return } }
                }
                // Not by a FileHandle, which ends the process where a reader has gone.
                print(String(decoding: record, as: UTF8.self))
            }
        } catch { throw Failure("\(error)") }
    }

    private static func time(_ text: String?, _ flag: String) throws(Failure) -> Int64? {
        guard let text else { return nil }
        guard let time = Timestamp.nanoseconds(text) else {
            throw Failure("\(flag) \(text) is no time; write it as 2026-11-20T09:00:00Z", code: .usage)
        }
        return time
    }
}
