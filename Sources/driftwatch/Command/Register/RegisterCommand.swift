import ArgumentParser
import Evidence
import Foundation
import Sinks

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
    @OptionGroup var register: RegisterOptions

    func run() throws {
        let inventory = try inventory()
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

    private func inventory() throws -> Inventory {
        let inventory = try register.inventory(at: Clock.wall())
        let filter = WorkloadFilter(id.map { [$0] } ?? workload)
        return id == nil && workload.isEmpty ? inventory : inventory.filtered(filter.admits)
    }
}
