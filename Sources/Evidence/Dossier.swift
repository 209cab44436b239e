import Workloads

/// What is known of a workload beside what it does: whose it is, and which cryptographic identity it has.
package struct Dossier: Sendable, Hashable {
    package var ownership = Ownership()
    /// Every SPIFFE ID that it can get, the most specific first.
    package var spiffeIDs: [SPIFFEID] = []

    package init() {}
}

/// Makes dossiers out of what people and servers have written down. Confined to one thread.
package final class Dossiers {
    package struct Sources: Sendable {
        package var owners = OwnerFile()
        package var registrations = Registrations()
        package var template: SPIFFETemplate?

        package init() {}
    }

    private let sources: Sources
    private let packages: UnitPackages
    private var known: [Workload: Dossier] = [:]
    /// Instances of a busy node; what was forgotten is computed again.
    private static let capacity = 1024

    package init(_ sources: Sources, packages: UnitPackages = UnitPackages()) {
        self.sources = sources
        self.packages = packages
    }

    /// Kept per instance, since nothing of it changes while that lives.
    package func dossier(of workload: Workload, process: ProcessFacts? = nil) -> Dossier {
        if process == nil, let dossier = known[workload] { return dossier }
        var dossier = Dossier()
        dossier.ownership = sources.owners.ownership(of: workload)
        dossier.ownership.fill(from: Ownership(labels: workload.labels))
        if let unit = workload.unit { dossier.ownership.fill(from: Ownership(unit, packages)) }
        dossier.spiffeIDs = sources.registrations.ids(for: Selectors(workload, process: process))
        if let id = sources.template?.id(workload.templateFields), !dossier.spiffeIDs.contains(id) {
            dossier.spiffeIDs.append(id)
        }
        if process == nil {
            if known.count >= Self.capacity { known.removeAll(keepingCapacity: true) }
            known[workload] = dossier
        }
        return dossier
    }
}

extension Workload {
    fileprivate var templateFields: [String: String] {
        var fields = ["workload": id]
        fields["ns"] = orchestrator?.namespace
        fields["sa"] = orchestrator?.serviceAccount
        fields["pod"] = labels["io.kubernetes.cri.sandbox-name"] ?? labels["io.kubernetes.pod.name"]
        fields["container"] = container?.name
        fields["image"] = container?.image?.name
        fields["unit"] = unit?.name
        fields["name"] = id.split(separator: "/").last.map(String.init)
        return fields
    }
}
