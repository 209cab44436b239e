import ArgumentParser
import Baselines
import Drift
import Engines
import Evidence
import Foundation
import Logging
import Workloads

struct WorkloadsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workloads",
        abstract: "What runs here, and who it is.",
        discussion: """
            Example:
              driftwatch workloads -o wide
              driftwatch workloads container/web
            """)

    enum Output: String, CaseIterable, ExpressibleByArgument { case table, wide, json }

    @Argument(help: "One workload, with all that is known of it.")
    var id: String?
    @Option(name: .long, help: ArgumentHelp("Only workloads that match (repeatable).", valueName: "glob"))
    var workload: [String] = []
    @Option(name: .shortAndLong, help: "A table, a wider one, or JSON.")
    var output = Output.table
    @Flag(name: .long, help: "The same as -o json.")
    var json = false
    @Option(name: .long, help: ArgumentHelp("Results of image scanners.", valueName: "dir"))
    var scans: String?
    @OptionGroup var dossiers: DossierOptions
    @OptionGroup var stored: StateOptions

    func run() throws {
        let settings = try Settings(config: stored.config)
        let log = makeLog()
        let resolver: Resolver
        do {
            resolver = Resolver(hierarchy: try Hierarchy.current(), words: { _ in nil }, warn: { log.warning("\($0)") })
        } catch { throw Failure("\(error)") }
        let engines = RuntimeEngines(warn: { log.warning("\($0)") }, wake: {})
        resolver.engines = engines
        engines.waitForFirst(milliseconds: 500)
        let overview = WorkloadOverview(
            running: resolver.all(), store: try? Store.attach(directory: stored.directory()),
            dossiers: Dossiers(try dossiers.sources(settings)), scans: try scanDirectory(settings, log))

        let filter = WorkloadFilter(id.map { [$0] } ?? workload)
        let rows = overview.rows.filter { filter.admits($0.id) }
        if rows.isEmpty, let id { throw Failure("no workload \(id) here; driftwatch workloads shows those that are") }
        if json || output == .json {
            print(driftwatch.json(rows.flatMap(\.perInstance)))
        } else if id != nil {
            print(rows.map(\.details).joined(separator: "\n\n"))
        } else {
            print(Self.table(rows, wide: output == .wide))
        }
    }

    private func scanDirectory(_ settings: Settings, _ log: Logger) throws -> ScanDirectory? {
        guard let path: String = try settings.value("scans", flag: scans) else { return nil }
        try requireDirectory(path, for: "--scans")
        let directory = ScanDirectory(path: path, warn: { log.warning("\($0)") })
        directory.read()
        return directory
    }

    private static func table(_ rows: [WorkloadRow], wide: Bool) -> String {
        var table = Table(
            columns: ["WORKLOAD", "IMAGE", "OWNER", "IDENTITY", "SCAN", "BASELINE", "INSTANCES", "LAST SEEN"]
                + (wide ? ["DIGEST", "PROCESSES", "PURPOSE"] : []))
        table.rows = rows.map { row in
            [
                row.id, row.image ?? "-", row.owner.owner ?? "unknown", row.spiffeIDs.first ?? "-", row.scanText,
                row.baselineText, String(row.instances.count), row.lastSeenText,
            ]
                + (wide
                    ? [
                        row.digest.map { String($0.prefix(19)) } ?? "-", String(row.processes),
                        row.owner.purpose ?? "-",
                    ]
                    : [])
        }
        return table.text()
    }
}
