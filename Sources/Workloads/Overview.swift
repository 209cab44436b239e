/// An instance of a workload as it runs now.
package struct Running: Sendable, Equatable {
    package var workload: Workload
    /// From the root of the hierarchy, the topmost first.
    package var cgroups: [String]
    /// Processes in all of its cgroups.
    package var processes: Int
}

extension Resolver {
    /// What runs here, from the tree and the runtimes' state alone; ordered by id, then instance. Waits for digests.
    package func all() -> [Running] {
        tree.read(old: true)
        believeState()
        hear()
        var found: [ObjectIdentifier: Running] = [:]
        var instances: [ObjectIdentifier: Instance] = [:]
        for id in tree.ids.sorted() {
            guard let path = tree.path(of: id) else { continue }
            let processes = tree.processes(in: id).count
            let instance = settledOwner(of: id)
            // Slices and parents that hold no process are no workload.
            guard processes > 0 else { continue }
            instance.waitForDigest(self)
            let key = ObjectIdentifier(instance)
            instances[key] = instance
            found[key, default: Running(workload: instance.workload, cgroups: [], processes: 0)].cgroups.append(path)
            found[key]!.processes += processes
        }
        return found.values.map { running in
            var running = running
            running.cgroups.sort()
            return running
        }.sorted { ($0.workload.id, $0.workload.instance) < ($1.workload.id, $1.workload.instance) }
    }

    private func settledOwner(of cgroup: UInt64) -> Instance {
        if let owner = resolve(cgroup) ?? owners[cgroup] { return owner }
        return plain(tree.lineage(of: cgroup))
    }
}
