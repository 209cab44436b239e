import Drift
import Events
import Workloads

/// Where a process comes from, as far as its workload has to do with it.
extension Monitor {
    func family(of observation: Observation) -> Family {
        let event = observation.event
        var (chain, login) = processes.above(event)
        var family = Family()
        family.login = login
        family.loginName = login.uid.flatMap(resolver.userName)
        if observation.workload.isContainer, let home = resolver.home(of: event.actor, in: observation.workload) {
            let inside = chain.prefix { resolver.isInside(home, cgroup: $0.cgroup, exec: $0.exec) }.count
            let top = inside > 0 ? chain[inside - 1].process : event.actor.process
            if observation.origin == .injected || resolver.wasInjected(top) {
                family.entrant = chain.dropFirst(inside).first
            } else {
                family.leader = inside > 0 ? chain[inside - 1] : nil
                chain.removeSubrange(inside...)
            }
        }
        family.ancestors = Array(chain.dropFirst())
        return family
    }
}
