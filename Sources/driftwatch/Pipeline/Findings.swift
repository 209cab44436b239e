import Baselines
import Drift
import Events
import Workloads

/// Judges what was so before the monitor started.
extension Judge {
    /// Nil: nothing is to be said of it. It is never learned, since nobody saw it being done.
    ///
    /// What is normal for nobody is told of every program. What ran when an earlier monitor last lived was judged by
    /// that one; of a process that began while nobody watched, the program, its ports and the secrets that it holds
    /// open are judged by the baseline. Not its words and parent: both may have changed since.
    func judge(found observation: Observation, isGone: Bool) -> Verdict? {
        // It began somewhere within the tick that its start is known by: in doubt while nobody watched.
        let began = observation.event.actor.process.start + ProcessSnapshot.tick
        let isNew = watchedUntil.map { began > $0 } ?? false
        var observation = observation
        switch observation.event.act {
        case .exec(var exec):
            // Programs lose their names to upgrades; without another in the place, and while nobody looked, it is odd.
            if !(isNew && isGone) { exec.flags.remove(.deleted) }
            observation.event.act = .exec(exec)
            guard isNew || !exec.flags.isDisjoint(with: [.fileless, .stdinSocket]) else { return nil }
        case .listen: guard isNew else { return nil }
        case .open(let open): guard isNew, Credential.opened(by: open) != nil else { return nil }
        case .connect: return nil
        }
        let workload = observation.workload
        let verdict = baselines.verdict(
            for: observation.behaviour, workload: workload.id, digest: workload.digest, at: observation.time)
        var standing = Standing.unjudged
        if isNew, case .unknown(let info) = verdict {
            let facts = BaselineFacts(info)
            standing = isKnown(observation, info) ? .known(facts) : .unknown(facts)
        }
        let judged = detector.judge(
            observation, standing,
            difference: { self.difference(of: observation.behaviour, by: workload.baselineKey, from: verdict) },
            scan: { self.scan(of: observation) })
        return judged.alert == nil && judged.mark == nil ? nil : judged
    }

    private func isKnown(_ observation: Observation, _ info: Baselines.Info) -> Bool {
        guard case .exec = observation.event.act, let spec = spec(info) else { return false }
        let executable = observation.event.actor.executable.text
        let known =
            spec.exec.flatMap { [$0.executable] + [$0.parent].compactMap(\.self) } + spec.connect.map(\.executable)
            + spec.listen.map(\.executable) + spec.open.map(\.executable)
        return known.contains { $0 != "*" && Glob.matchesPath($0, executable) }
    }
}
