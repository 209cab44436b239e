import ArgumentParser
import Workloads

struct WorkloadsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workloads",
        abstract: "What runs here, and who it is.",
        discussion: """
            Example:
              driftwatch workloads --json
            """)

    @Option(name: .long, help: ArgumentHelp("Only workloads that match (repeatable).", valueName: "glob"))
    var workload: [String] = []
    @Flag(name: .long, help: "For programs.")
    var json = false

    private struct Row: Encodable {
        var id: String
        var kind: String
        var instance: String
        var name: String?
        var runtime: String?
        var image: String?
        var digest: String?
        var labels: [String: String]
        var cgroups: [String]
        var processes: Int
    }

    func run() throws {
        let filter = WorkloadFilter(workload)
        let log = makeLog()
        let resolver: Resolver
        do {
            resolver = Resolver(hierarchy: try Hierarchy.current(), words: { _ in nil }, warn: { log.warning("\($0)") })
        } catch { throw Failure("\(error)") }
        let running = resolver.all().filter { filter.admits($0.workload.id) }
        if json {
            let rows = running.map { entry in
                Row(
                    id: entry.workload.id, kind: entry.workload.kind.rawValue, instance: entry.workload.instance,
                    name: entry.workload.container?.name, runtime: entry.workload.container?.runtime,
                    image: entry.workload.container?.image?.reference, digest: entry.workload.digest,
                    labels: entry.workload.labels, cgroups: entry.cgroups, processes: entry.processes)
            }
            print(driftwatch.json(rows))
            return
        }
        var table = Table(columns: ["WORKLOAD", "INSTANCE", "IMAGE", "DIGEST", "PROCESSES"])
        table.rows = running.map { entry in
            [
                entry.workload.id, String(entry.workload.instance.prefix(12)),
                entry.workload.container?.image?.reference ?? "-",
                entry.workload.digest.map { String($0.prefix(19)) } ?? "-",
                String(entry.processes),
            ]
        }
        print(table.text())
    }
}
