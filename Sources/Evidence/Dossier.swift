import Drift
import Events
import Workloads

/// What is known of a workload beside what it does: whose it is, and which cryptographic identity it has.
package struct Dossier: Sendable, Hashable {
    /// What a SPIFFE ID rests on.
    package enum Source: String, Sendable {
        /// A registration entry of a SPIRE server.
        case entry
        /// The certificate that the workload read.
        case svid
        case template
    }

    package struct Identity: Sendable, Hashable {
        package var id: SPIFFEID
        package var source: Source

        package init(_ id: SPIFFEID, _ source: Source) {
            self.id = id
            self.source = source
        }
    }

    package var ownership = Ownership()
    /// Every SPIFFE ID that it can have, the surest first, then the most specific.
    package var identities: [Identity] = []
    /// The certificate that it read last.
    package var svid: SVID?
    /// Those of the acting process, where entries speak of processes and give it others than the workload.
    package var processIDs: [SPIFFEID]?

    package init() {}
}

/// Makes dossiers out of what people and servers have written down. Confined to one thread.
package final class Dossiers {
    package struct Sources: Sendable {
        package var owners = OwnerFile()
        package var registrations = Registrations()
        package var template: SPIFFETemplate?
        /// Whose certificates are believed; nil: any that a workload reads, and it is said that nobody vouches for it.
        package var bundle: SVID.Bundle?

        package init() {}
    }

    private let sources: Sources
    private let packages: UnitPackages
    private let svids: SVIDs
    /// Nil where no entry speaks of processes.
    private let processes: ProcessReader?
    private var known: [Workload: Dossier] = [:]
    /// Instances of a busy node; what was forgotten is computed again.
    private static let capacity = 1024

    package init(_ sources: Sources, packages: UnitPackages = UnitPackages()) {
        self.sources = sources
        self.packages = packages
        svids = SVIDs(bundle: sources.bundle)
        let asked = sources.registrations.asked
        processes = asked.isEmpty ? nil : ProcessReader(asked: asked)
    }

    /// Of the workload, and of the process that acts where one is named.
    package func dossier(of workload: Workload, actor: Actor? = nil) -> Dossier {
        dossier(of: workload, process: actor.flatMap { processes?.facts(of: $0) })
    }

    func dossier(of workload: Workload, process: ProcessFacts?) -> Dossier {
        var dossier = known[workload] ?? make(workload)
        if let svid = svids.svid(of: workload) { dossier.add(svid) }
        if let process {
            let ids = sources.registrations.ids(for: Selectors(workload, process: process))
            if ids != dossier.identities.filter({ $0.source == .entry }).map(\.id) { dossier.processIDs = ids }
        }
        return dossier
    }

    /// Kept per instance, since nothing of it changes while that lives.
    private func make(_ workload: Workload) -> Dossier {
        var dossier = Dossier()
        dossier.ownership = sources.owners.ownership(of: workload)
        let labels = workload.labels.merging(workload.podLabels) { own, _ in own }
        // What OCI's keys say of an image, some tools write as annotations.
        dossier.ownership.fill(from: Ownership(labels: labels.merging(workload.annotations) { own, _ in own }))
        var isWhole = true
        if let unit = workload.unit {
            let package = unit.file.map { packages.package(ofUnit: $0) } ?? .none
            dossier.ownership.fill(from: Ownership(unit, package))
            isWhole = package != .pending
        }
        let entries = sources.registrations.ids(for: Selectors(workload, process: nil))
        dossier.identities = entries.map { Dossier.Identity($0, .entry) }
        if let id = sources.template?.id(workload.templateFields), !entries.contains(id) {
            dossier.identities.append(Dossier.Identity(id, .template))
        }
        if isWhole {
            if known.count >= Self.capacity { known.removeAll(keepingCapacity: true) }
            known[workload] = dossier
        }
        return dossier
    }

    /// Takes note of an act by which a workload may have read who it is. `others`: more processes of its cgroup.
    package func notice(_ observation: Observation, others: () -> [UInt32]) {
        if SVIDs.mayBe(observation) { svids.read(observation, others: others) }
    }
}

extension Dossier {
    /// What nobody vouches for comes last.
    fileprivate mutating func add(_ svid: SVID) {
        self.svid = svid
        if svid.isVerified {
            identities.removeAll { $0.id == svid.id }
            identities.insert(Identity(svid.id, .svid), at: 0)
        } else if !identities.contains(where: { $0.id == svid.id }) {
            identities.append(Identity(svid.id, .svid))
        }
    }
}

extension Workload {
    fileprivate var podLabels: [String: String] { pod?.labels ?? [:] }

    fileprivate var templateFields: [String: String] {
        var fields = ["workload": id]
        fields["ns"] = orchestrator?.namespace
        fields["sa"] = pod?.serviceAccount
        fields["pod"] = pod?.name
        fields["container"] = container?.name
        fields["image"] = container?.image?.name
        fields["unit"] = unit?.name
        fields["name"] = id.split(separator: "/").last.map(String.init)
        return fields
    }
}
