import Baselines
import Drift
import Events

/// Whose answers each workload's peers are named by: a resolver is believed as far as it is normal for the workload to
/// ask it. Else a program that was taken over could give any address the name of a known peer, by a resolver of its own.
struct KnownResolvers {
    private var asked: [String: Set<IPAddress>] = [:]
    /// Workloads in which someone opened the port of resolvers that should not have.
    private var impostors: Set<String> = []

    static let port: UInt16 = 53
    /// Workloads with a resolver of more than a few addresses have something else in mind.
    private static let mostAddresses = 64
    private static let mostWorkloads = 16_384

    /// Takes an act and whether it is what the workload normally does.
    mutating func judged(_ observation: Observation, isNormal: Bool) {
        let workload = observation.workload.id
        switch observation.event.act {
        case .connect(let connect):
            guard isNormal, case .ip(let address) = connect.peer, address.port == Self.port else { return }
            if asked[workload] == nil, asked.count >= Self.mostWorkloads { asked.removeAll() }
            if (asked[workload]?.count ?? 0) < Self.mostAddresses { asked[workload, default: []].insert(address.ip) }
        case .listen(let listen):
            guard listen.address.port == Self.port else { return }
            if isNormal { impostors.remove(workload) } else { impostors.insert(workload) }
        case .exec, .open: break
        }
    }

    func believes(_ resolver: IPAddress, for workload: String) -> Bool {
        guard asked[workload]?.contains(resolver) == true else { return false }
        // Who serves on another address of the machine is asked at another address.
        return resolver.scope != .loopback || !impostors.contains(workload)
    }

    /// What is normal has changed: all of it will be told again.
    mutating func forget() {
        asked.removeAll()
        impostors.removeAll()
    }
}
