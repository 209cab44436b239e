import ArgumentParser
import Baselines
import Drift
import Evidence
import Foundation
import Sinks
import Workloads

struct RegisterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "register",
        abstract: "The non-human identities of this node, what they really used, and the credentials they read.",
        discussion: """
            Read from what a monitor leaves in its state, whether or not it runs. What asks for somebody comes first.

            Example:
              driftwatch register --owners owners.yaml
              driftwatch register container/web
              driftwatch register -o html > register.html
            """)

    enum Output: String, CaseIterable, ExpressibleByArgument { case table, wide, json, csv, html }

    @Argument(help: "One workload, with all that is registered of it.")
    var id: String?
    @Option(name: .long, help: ArgumentHelp("Only workloads that match (repeatable).", valueName: "glob"))
    var workload: [String] = []
    @Option(name: .shortAndLong, help: "A table, a wider one, JSON, CSV, or a page of HTML.")
    var output = Output.table
    @Flag(name: .long, help: "The same as -o json.")
    var json = false
    @Option(name: .long, help: ArgumentHelp("Not seen for so long, it is dormant (default 30d).", valueName: "time"))
    var dormantAfter: Span?
    @Option(name: .long, help: ArgumentHelp("Gone for so long, it is retired (default 90d).", valueName: "time"))
    var retiredAfter: Span?
    @OptionGroup var identity: DossierOptions
    @OptionGroup var scans: ScanOptions
    @OptionGroup var stored: StateOptions

    static let keys = ["dormant-after", "retired-after"]

    func run() throws {
        let settings = try Settings(config: stored.config)
        let inventory = try inventory(settings)
        if inventory.identities.isEmpty, let id {
            throw Failure("no identity \(id) is registered; driftwatch register shows those that are")
        }
        switch json ? .json : output {
        case .json: print(driftwatch.json(RegisterRow.rows(of: inventory)))
        case .csv: print(RegisterCSV.text(inventory), terminator: "")
        case .html: print(RegisterPage.html(inventory, host: Sinks.Host.current().name), terminator: "")
        case .table where id != nil:
            print(inventory.identities.map(RegisterCard.text).joined(separator: "\n\n"))
        case .table, .wide:
            print(RegisterTable.text(inventory, wide: output == .wide))
            if isatty(STDERR_FILENO) == 1 { makeLog().notice("\(RegisterTable.summary(inventory))") }
        }
    }

    private func inventory(_ settings: Settings) throws -> Inventory {
        let directory = try stored.directory()
        let store = try stored.store()
        var limits = Inventory.Limits()
        if let span = try settings.value("dormant-after", flag: dormantAfter) {
            limits.dormant = Int64(span.seconds * 1e9)
        }
        if let span = try settings.value("retired-after", flag: retiredAfter) {
            limits.retired = Int64(span.seconds * 1e9)
        }
        let now = Clock.wall()
        let heartbeat = try failing { try store.meta(StoreWrite.heartbeatName) }.flatMap(Heartbeat.init)
        // What runs is known of a monitor that runs.
        var running: [String: Int] = [:]
        if try failing({ try RunningMonitor.find(in: directory) })?.monitor.running == true {
            for row in try failing({ try store.lives() }) {
                guard let kept = try? JSONDecoder().decode(KeptLife.self, from: Data(row.json.utf8)) else { continue }
                running[kept.life.workload.id, default: 0] += 1
            }
        }
        let dossiers = Dossiers(try identity.sources(settings), packages: UnitPackages(waits: true))
        let scans = try scans.choice(settings)?.open(makeLog())
        scans?.read()
        let inventory = try failing {
            Inventory(
                try store.identities(), uses: try store.uses(), credentials: try store.credentials(), running: running,
                watched: heartbeat?.wall ?? now, now: now, limits: limits,
                facts: { kept in
                    IdentityFacts(
                        kept, dossiers.dossier(of: kept.workload), scan: scans?.status(of: kept.workload, at: now))
                })
        }
        let filter = WorkloadFilter(id.map { [$0] } ?? workload)
        return id == nil && workload.isEmpty ? inventory : inventory.filtered(filter.admits)
    }
}
