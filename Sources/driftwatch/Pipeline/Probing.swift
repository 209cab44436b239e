import Drift
import Events
import Probes

/// Health checks, which come from outside like intruders, but at a regular beat.
extension Monitor {
    /// Whether a program that came in from outside is run at a regular beat, by nobody who logged in or types.
    func isProbe(_ observation: Observation) -> Bool {
        guard observation.origin == .injected, let family = observation.family, family.login == .nobody,
            let home = resolver.home(of: observation.event.actor, in: observation.workload)
        else { return false }
        switch beats.ran(observation, home: home) {
        case .irregular: return false
        case .becameRegular: judge?.detector.forgive(exec: observation.event.key.low)
        case .regular: break
        }
        return true
    }

    /// What has turned out to be a probe by its counts, and all that its container did, is told again: with what is
    /// known now it may be learned.
    func retell(_ probes: [(key: BehaviourKey, cgroup: UInt64)]) {
        guard !probes.isEmpty else { return }
        for probe in probes { judge?.detector.forgive(exec: probe.key.low) }
        let cgroups = Set(probes.map(\.cgroup))
        var keys: [NoveltyKey] = []
        try? probe.forEachNovelty { key, novelty in
            if cgroups.contains(novelty.cgroup) { keys.append(key) }
        }
        for key in keys { _ = try? probe.forget(key) }
    }
}
