import Baselines
import Events
import Probes
import Workloads

/// By which names peers are known.
extension Monitor {
    /// Takes what resolvers answered. An answer is in its ring before the act that it led to is in another: called before
    /// each such act.
    func drainAnswers() {
        do {
            try probe.answers.consume { bytes in
                take(bytes, beforeAct: {})
                return .continue
            }
        } catch { fail("\(error)") }
    }

    /// The name of an act's peer; of several that share an address, one by which it is normal.
    ///
    /// A resolver has none: it is what the others' names rest on.
    func domain(of event: Event, in workload: Workload) -> String? {
        guard case .connect(let connect) = event.act, case .ip(let address) = connect.peer,
            address.port != KnownResolvers.port
        else { return nil }
        let known = names.names(of: address.ip, for: workload.id, in: event.actor.cgroup, at: event.time)
            .filter { judge?.believes($0.resolver, for: workload) ?? true }
        guard let latest = known.first else { return nil }
        let time = clock.epoch(event.time)
        let chosen =
            known.count == 1
            ? latest
            : known.first { judge?.knows(Behaviour(event, domain: $0.text), of: workload, at: time) ?? true } ?? latest
        names.keep(chosen, of: address.ip, for: workload.id)
        return chosen.text
    }
}
