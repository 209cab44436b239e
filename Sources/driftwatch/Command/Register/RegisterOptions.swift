import ArgumentParser
import Baselines
import Evidence
import Foundation
import Workloads

/// Where the register is, and by what it is judged.
struct RegisterOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("Not seen for so long, it is dormant (default 30d).", valueName: "time"))
    var dormantAfter: Span?
    @Option(name: .long, help: ArgumentHelp("Gone for so long, it is retired (default 90d).", valueName: "time"))
    var retiredAfter: Span?
    @OptionGroup var identity: DossierOptions
    @OptionGroup var scans: ScanOptions
    @OptionGroup var stored: StateOptions

    static let keys = ["dormant-after", "retired-after"]

    func inventory(at now: Int64) throws -> Inventory {
        let settings = try Settings(config: stored.config)
        let directory = try stored.directory()
        let store = try stored.store()
        var limits = Inventory.Limits()
        if let span = try settings.value("dormant-after", flag: dormantAfter) {
            limits.dormant = Int64(span.seconds * 1e9)
        }
        if let span = try settings.value("retired-after", flag: retiredAfter) {
            limits.retired = Int64(span.seconds * 1e9)
        }
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
        return try failing {
            Inventory(
                try store.identities(), uses: try store.uses(), credentials: try store.credentials(), running: running,
                watched: heartbeat?.wall ?? now, now: now, limits: limits,
                facts: { kept in
                    IdentityFacts(
                        kept, dossiers.dossier(of: kept.workload), scan: scans?.status(of: kept.workload, at: now))
                })
        }
    }
}
