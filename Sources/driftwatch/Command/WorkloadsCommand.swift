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
    @OptionGroup var identity: IdentityOptions
    @OptionGroup var scans: ScanOptions
    @OptionGroup var stored: StateOptions

    func run() throws {
        let settings = try Settings(config: stored.config)
        let log = makeLog()
        let identity = try identity.choice(settings)
        let scans = try scans.choice(settings)?.open(log)
        scans?.read()
        let resolver: Resolver
        do {
            resolver = Resolver(
                hierarchy: try Hierarchy.current(), environment: identity.environment, words: { _ in nil },
                warn: { log.warning("\($0)") })
        } catch { throw Failure("\(error)") }
        let engines = RuntimeEngines(
            cluster: identity.cluster, environment: identity.environment, warn: { log.warning("\($0)") }, wake: {})
        resolver.engines = engines
        engines.waitForFirst(milliseconds: 500)
        let overview = WorkloadOverview(
            running: resolver.all(), store: try? Store.attach(directory: stored.directory()),
            dossiers: Dossiers(identity.sources, packages: UnitPackages(waits: true)), scans: scans)

        let filter = WorkloadFilter(id.map { [$0] } ?? workload)
        let rows = overview.rows.filter { filter.admits($0.id) }
        if rows.isEmpty, let id { throw Failure("no workload \(id) here; driftwatch workloads shows those that are") }
        if json || output == .json {
            print(driftwatch.json(rows.flatMap(\.perInstance)))
        } else if id != nil {
            print(rows.map(\.details).joined(separator: "\n\n"))
        } else {
            print(Self.table(rows, wide: output == .wide))
            let unowned = rows.count { $0.findings.contains(.unowned) }
            if unowned > 0, isatty(STDERR_FILENO) == 1 {
                log.notice(
                    "nobody answers for \(unowned) of \(rows.count): say who does in a file, and name it with --owners")
            }
        }
    }

    private static func table(_ rows: [WorkloadRow], wide: Bool) -> String {
        var table = Table(
            columns: ["WORKLOAD", "IMAGE", "OWNER", "IDENTITY", "SCAN", "BASELINE", "RUN", "LAST SEEN"]
                + (wide ? ["DIGEST", "PROCESSES", "PURPOSE"] : []))
        table.rows = rows.map { row in
            let identity = row.identities.first?.id.description
            return [
                row.id, wide ? row.image ?? "-" : row.image.map(Self.short) ?? "-", row.owner.owner ?? "unknown",
                wide ? identity ?? "-" : identity.map { String($0.dropFirst("spiffe://".utf8.count)) } ?? "-",
                row.scanText, row.baselineText, String(row.instances.count), row.lastSeenText,
            ]
                + (wide
                    ? [
                        row.digest.map { String($0.prefix(19)) } ?? "-", String(row.processes),
                        row.owner.purpose ?? "-",
                    ]
                    : [])
        }
        // An id is what the next command is given; the rest may be looked up.
        if !wide { table.fit(within: Terminal.width ?? 120, columns: [1, 2, 3]) }
        return table.text()
    }

    /// As `docker ps` shows it: without the registry that goes without saying.
    private static func short(_ image: String) -> String {
        for prefix in ["docker.io/library/", "docker.io/", "localhost/"] where image.hasPrefix(prefix) {
            return String(image.dropFirst(prefix.count))
        }
        return image
    }
}
