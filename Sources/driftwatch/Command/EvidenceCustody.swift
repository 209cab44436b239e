import ArgumentParser
import Drift
import Events
import Evidence
import Foundation

struct EvidenceCustody: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "custody",
        abstract: "One signed record of each instance that ended; exit code 3 if a signature is not the key's.",
        discussion: """
            Each record is proven by itself, so that it can be handed on; evidence verify says whether all are there.

            Example:
              driftwatch evidence custody --workload 'container/*'
              driftwatch evidence custody 4f6a9c --json > record.json
            """)

    @Argument(help: "An instance, or the beginning of its id, or a workload: all that is recorded of it.")
    var instance: String?
    @OptionGroup var options: EvidenceOptions
    @Option(name: .long, help: ArgumentHelp("Only workloads that match (repeatable).", valueName: "glob"))
    var workload: [String] = []
    @Option(
        name: .long, help: ArgumentHelp("The key that must have signed; else that of the directory.", valueName: "file")
    )
    var publicKey: String?
    @Flag(name: .long, help: "The records as they were kept, a line each.")
    var json = false

    func run() throws {
        let directory = try options.directory()
        let filter = WorkloadFilter(workload)
        var table = Table(columns: [
            "WORKLOAD", "INSTANCE", "BEGAN", "LIVED", "EXIT", "CREDENTIALS", "ALERTS", "POLICY", "SIGNED",
        ])
        var (found, forged) = (0, 0)
        do {
            let key = try VerifyingKey(path: publicKey ?? directory + "/key.pub")
            try EvidenceReader.forEachRecord(in: directory) { bytes in
                guard let record = CustodyRecord(bytes),
                    let line = try? JSONDecoder().decode(CustodyLine.self, from: Data(record.line)),
                    filter.admits(line.workload.id),
                    instance.map({ line.workload.instance.hasPrefix($0) || line.workload.id == $0 }) ?? true
                else { return }
                found += 1
                let isSigned = record.isSigned(by: key)
                if !isSigned { forged += 1 }
                if json {
                    print(String(decoding: bytes, as: UTF8.self))
                } else if instance != nil {
                    print((found > 1 ? "\n" : "") + line.card(isSigned: isSigned))
                } else {
                    table.rows.append(line.row(isSigned: isSigned))
                }
            }
        } catch { throw Failure("\(error)") }
        if found == 0 {
            throw Failure(
                "no custody record \(instance.map { "of \($0) " } ?? "")in \(directory); an instance has one once it ended"
            )
        }
        if !json, instance == nil { print(table.text()) }
        if forged > 0 { throw ExitCode(Failure.Code.found.rawValue) }
    }
}

/// Of the line what a person is shown.
private struct CustodyLine: Decodable {
    struct Workload: Decodable {
        var id, instance, kind: String
        var digest, spiffe_id: String?
    }
    struct Names: Decodable {
        var count: Int
        var first: [String]
    }
    struct Exit: Decodable { var code, signal: Int? }
    struct Life: Decodable {
        var acts: [String: Int]
        var alerts, lost: Int
        var asked_for_identity: String?
        var began, ended: String
        var credentials, destinations, programs: Names
        var exit: Exit?
    }
    struct Custody: Decodable {
        struct Alert: Decodable { var decision, id, rule, time: String }
        struct Read: Decodable {
            var by, first, last, path, program: String
            var `class`: String
        }
        struct Policy: Decodable {
            var approved_at, approved_by, checksum, file: String?
            var state: String
        }
        struct Scan: Decodable {
            var status: String
            var scanner, scanned_at: String?
        }
        var alerts: [Alert]
        var credentials: [Read]
        var policy: Policy
        var scan: Scan
    }
    struct Identity: Decodable { var confidence: String }
    struct Owner: Decodable { var name, contact, purpose: String? }
    struct Own: Decodable {
        var workload: Workload
        var life: Life
        var custody: Custody
        var identity: Identity
        var owner: Owner?
    }
    struct Container: Decodable {
        struct Image: Decodable { var name, tag: String? }
        var image: Image?
    }
    var driftwatch: Own
    var container: Container?

    var workload: Workload { driftwatch.workload }
    private var life: Life { driftwatch.life }
    private var custody: Custody { driftwatch.custody }

    private var lived: String {
        guard let from = Timestamp.nanoseconds(life.began), let to = Timestamp.nanoseconds(life.ended) else {
            return "-"
        }
        let milliseconds = max(0, to - from) / 1_000_000
        return milliseconds < 10_000 ? "\(milliseconds) ms" : Explanation.duration(to - from)
    }

    private var image: String? {
        guard let image = container?.image, let name = image.name else { return nil }
        return image.tag.map { "\(name):\($0)" } ?? name
    }

    private var exit: String {
        guard let exit = life.exit else { return "-" }
        return exit.code.map(String.init) ?? exit.signal.map { "signal \($0)" } ?? "-"
    }

    private var policy: String {
        let by = custody.policy.approved_by.map { " by \($0)" } ?? ""
        return custody.policy.state + by
    }

    func row(isSigned: Bool) -> [String] {
        [
            workload.id, String(workload.instance.prefix(12)), String(life.began.prefix(19)) + "Z", lived, exit,
            String(custody.credentials.count), String(life.alerts), policy, isSigned ? "yes" : "NO",
        ]
    }

    func card(isSigned: Bool) -> String {
        var lines: [(String, String?)] = [
            ("workload", workload.id), ("instance", workload.instance), ("digest", workload.digest),
            ("image", image),
            ("identity", "by \(driftwatch.identity.confidence)"), ("SPIFFE ID", workload.spiffe_id),
            ("owner", driftwatch.owner?.name ?? "unknown"), ("contact", driftwatch.owner?.contact),
            ("purpose", driftwatch.owner?.purpose),
            ("scan at start", custody.scan.scanner.map { "\(custody.scan.status), by \($0)" } ?? custody.scan.status),
            ("began", life.began), ("ended", life.ended), ("lived", lived), ("exit", exit),
            ("asked for id", life.asked_for_identity),
        ]
        let judged = [policy, custody.policy.checksum, custody.policy.approved_at, custody.policy.file]
        lines.append(("policy", judged.compactMap(\.self).joined(separator: ", ")))
        let acts = life.acts.sorted { $0.key < $1.key }
        lines.append(("acts", acts.map { "\($0.value) \($0.key)" }.joined(separator: ", ")))
        lines.append(("lost", String(life.lost)))
        lines += life.programs.first.map { ("program", $0) }
        lines += life.destinations.first.map { ("destination", $0) }
        for read in custody.credentials {
            var text = "\(read.path) (\(read.class)) by \(read.program)"
            if read.by == "person" { text += ", a person" }
            text += ", \(read.first)"
            if read.last != read.first { text += " to \(read.last)" }
            lines.append(("credential", text))
        }
        lines += custody.alerts.map { ("alert", "\($0.rule) \($0.id), \($0.time): \($0.decision)") }
        lines.append(("signed", isSigned ? "yes, by the key" : "NO, not by this key"))
        return lines.compactMap { name, value in
            value.map { name.padding(toLength: 15, withPad: " ", startingAt: 0) + printable($0, limit: 400) }
        }.joined(separator: "\n")
    }
}
