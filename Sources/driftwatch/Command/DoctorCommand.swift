import ArgumentParser
import Drift
import Engines
import Events
import Foundation
import Probes
import Sinks
import Workloads

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "What this kernel offers, which tier is active, and what that tier cannot see.",
        discussion: """
            Example:
              driftwatch doctor --json
            """)

    @OptionGroup var state: StateOptions
    @Option(name: .long, help: "Examine this tier instead of the best one.")
    var tier = TierChoice.auto
    @Flag(name: .long, help: "For programs.")
    var json = false

    private struct Report: Encodable {
        struct Hook: Encodable {
            var name: String
            var purpose: String
            var attached: Bool
            var error: String?
        }
        struct Gap: Encodable {
            var id: String
            var text: String
        }
        var version = Driftwatch.version
        var kernel: String
        var btf: Bool
        var root: Bool
        var cgroups: String
        var tier: String?
        var hooks: [Hook] = []
        var gaps: [Gap] = []
        struct Engine: Encodable {
            var language: String
            var path: String
            var answers: Bool
            /// Whether `run` and `record` ask it.
            var isAsked: Bool
        }
        /// Sockets of container engines that are there.
        var engines: [Engine] = []
        /// Why a better tier is not active.
        var refusals: [String] = []
        /// The monitor that runs, or ran, on this state directory; nil: none ever did.
        var monitor: RunningMonitor?
        var ledger: [String: [String: UInt64]]?
        /// Records that it could not decode.
        var undecodable: UInt64?
        /// Its worst covered workloads.
        var workloads: [Vitals.Workload]?
        /// Why nothing is known of it.
        var stateError: String?
        var error: String?
    }

    func run() throws {
        var report = Report(
            kernel: Sinks.Host.current().kernel, btf: FileManager.default.fileExists(atPath: "/sys/kernel/btf/vmlinux"),
            root: geteuid() == 0, cgroups: Self.cgroups())
        do {
            let probe = try Probe(tier: tier)
            report.tier = probe.tier.rawValue
            report.hooks = probe.hooks.map {
                .init(name: $0.name, purpose: $0.purpose, attached: $0.attached, error: $0.error)
            }
            report.gaps = probe.gaps.map { .init(id: $0.id, text: $0.text) }
            report.refusals = probe.refusals.map { "\($0)" }
        } catch {
            report.error = "\(error)"
        }
        report.engines = Self.engines()
        let directory = try state.directory()
        do {
            if let found = try RunningMonitor.find(in: directory) {
                report.monitor = found.monitor
                report.ledger = found.vitals?.ledger
                report.undecodable = found.vitals?.undecodable
                report.workloads = found.vitals?.workloads
            }
        } catch { report.stateError = "\(error)" }
        print(json ? driftwatch.json(report) : Self.text(report, directory))
        if let error = report.error { throw Failure(error) }
    }

    private static func cgroups() -> String {
        guard let hierarchy = try? Hierarchy.current() else { return "none mounted" }
        let controller = hierarchy.controller.map { ", controller \($0)" } ?? ""
        return "\(hierarchy.version.rawValue) at \(hierarchy.mountPoint)\(controller)"
    }

    private static func engines() -> [Report.Engine] {
        guard let hierarchy = try? Hierarchy.current() else { return [] }
        let resolver = Resolver(hierarchy: hierarchy, words: { _ in nil }, warn: { _ in })
        let engines = RuntimeEngines(warn: { _ in }, wake: {})
        resolver.engines = engines
        engines.waitForFirst(milliseconds: 1000)
        return engines.present().map { socket, answers, user in
            // A monitor gives up the right to connect to what is another user's.
            .init(language: socket.language.rawValue, path: socket.path, answers: answers, isAsked: user == 0)
        }
    }

    /// What the monitor saw, and what of it nobody looked at.
    private static func coverage(
        _ ledger: [String: [String: UInt64]], _ undecodable: UInt64, _ workloads: [Vitals.Workload]
    ) -> String {
        var table = Table(columns: ["  KIND", "SEEN", "KNOWN", "TOLD", "OVER QUOTA", "LOST", "UNDECODABLE"])
        table.rows = Kind.allCases.map { kind in
            ["  " + kind.rawValue]
                + ["seen", "known", "emitted", "over_quota", "lost", "undecodable"].map {
                    "\(ledger[kind.rawValue]?[$0] ?? 0)"
                }
        }
        var lines = ["\nledger", table.text(), "  \(undecodable) records of any kind could not be decoded"]
        let unseen = workloads.map { ($0.id, $0.unseen) }.filter { $0.1 > 0 }.prefix(10)
        lines += unseen.map { "  \(printable($0.0)): \($0.1) acts were not looked at" }
        return lines.joined(separator: "\n")
    }

    private static func text(_ report: Report, _ directory: String) -> String {
        var lines = [
            "driftwatch  \(report.version)", "kernel      \(report.kernel)",
            "BTF         \(report.btf ? "yes" : "no: a kernel with CONFIG_DEBUG_INFO_BTF is needed")",
            "root        \(report.root ? "yes" : "no: run as root")", "cgroups     \(report.cgroups)",
            "tier        \(report.tier ?? "none")",
            "monitor     \(report.stateError ?? report.monitor?.words ?? "none has run on \(directory) yet")",
        ]
        if let ledger = report.ledger {
            lines.append(coverage(ledger, report.undecodable ?? 0, report.workloads ?? []))
        }
        if !report.engines.isEmpty {
            lines.append("\nengines")
            lines += report.engines.map { engine in
                let state = engine.answers ? "answers" : "does not answer: its containers are known by its files"
                let whose = "not asked by run, which may not connect to a user's socket: known by its files"
                return "  \(engine.language) at \(printable(engine.path)): \(engine.isAsked ? state : whose)"
            }
        }
        if !report.hooks.isEmpty {
            lines.append("\nhooks")
            var table = Table(columns: ["  HOOK", "PURPOSE", "STATE"])
            table.rows = report.hooks.map {
                ["  " + $0.name, $0.purpose, $0.attached ? "attached" : $0.error ?? "absent"]
            }
            lines.append(table.text())
        }
        if !report.refusals.isEmpty {
            lines.append("\nwhy not a better tier")
            lines += report.refusals.map { "  " + printable($0) }
        }
        if !report.gaps.isEmpty {
            lines.append("\nwhat this tier cannot see")
            lines += report.gaps.map { "  \($0.id): \($0.text)" }
        }
        return lines.joined(separator: "\n")
    }
}
