import Baselines
import Drift
import Events
import Evidence
import Sinks
import Workloads

/// Keeps the register while the monitor runs. Confined to the pipeline's thread; what it knows is stored elsewhere.
final class Registrar {
    var register: Register
    /// By which execs, and as which processes, people and health checks came into containers.
    private var sessions = Entries()
    private var probes = Entries()

    private struct Entries {
        private var execs: Set<ExecID> = []
        private var processes: Set<ProcessName> = []
        /// Far more than are in containers at a time.
        private static let most = 4096

        mutating func insert(_ actor: Actor) {
            if execs.count >= Self.most { execs.removeAll() }
            if processes.count >= Self.most { processes.removeAll() }
            if actor.exec != 0 { execs.insert(actor.exec) }
            processes.insert(actor.process)
        }

        func holds(_ exec: ExecID, _ process: ProcessName) -> Bool {
            execs.contains(exec) || processes.contains(process)
        }
    }

    init(_ store: Store, classes: CredentialClasses) throws(Failure) {
        do {
            register = Register(
                classes: classes, known: try store.identityNames(), credentials: try store.credentials(),
                mounts: (try? Files.read("/proc/self/mountinfo")).map { String(decoding: $0, as: UTF8.self) } ?? "",
                privileges: PrivilegeReader())
        } catch { throw Failure("\(error)") }
    }

    /// Of an exec: how it came in.
    func ran(_ observation: Observation) {
        switch observation.origin {
        case .injected: sessions.insert(observation.event.actor)
        case .probe: probes.insert(observation.event.actor)
        case .entrypoint, .child, .host: break
        }
    }

    /// Whether one of these came in from outside, and was no health check.
    func isSession(_ members: [(exec: ExecID, process: ProcessName)]) -> Bool {
        members.contains { sessions.holds($0.exec, $0.process) }
            && !members.contains { probes.holds($0.exec, $0.process) }
    }
}

extension Monitor {
    /// Identities whose news is handed over at a time: what is said of each is written as JSON, some 100 us.
    private static let mostWritten = 100

    /// Takes an act of an instance into the register, and says what is new.
    func register(_ observation: Observation, home: UInt64?) {
        guard let registrar else { return }
        if observation.event.kind == .exec { registrar.ran(observation) }
        let noted = registrar.register.acted(observation) { isByPerson(observation) }
        if let home, let read = noted.read { lives.read(read, home: home) }
        tell(noted.changes, at: observation.time)
    }

    func tell(_ changes: [Register.Change], at time: Int64) {
        for change in changes { printer.change(change, at: time) }
    }

    /// Hands over what is new. `all`: also when each was seen last, and however much it is.
    func keepRegister(all: Bool = false, isLast: Bool = false) {
        guard let registrar, let judge else { return }
        let now = Clock.wall()
        let most = isLast ? Int.max : Self.mostWritten
        let (writes, changes) = registrar.register.takeChanges(most: most, all: all, at: now) { workload in
            IdentityFacts(workload, printer.dossier(of: workload), scan: judge.scan(of: workload, at: now))
        }
        if !writes.isEmpty { judge.archive?.write(writes) }
        tell(changes, at: now)
    }

    /// Whether a person does it: in an exec session, or logged in.
    private func isByPerson(_ observation: Observation) -> Bool {
        let (event, workload) = (observation.event, observation.workload)
        switch workload.kind {
        case .user: return true
        case .unit: return false
        // What a person has started in a container is the container's all the same.
        case .host, .cgroup: return processes.above(event).login.uid != nil
        case .k8s, .compose, .container, .image, .oci: break
        }
        guard let registrar, let home = resolver.home(of: event.actor, in: workload) else { return false }
        let inside = processes.above(event).relatives.prefix {
            resolver.isInside(home, cgroup: $0.cgroup, exec: $0.exec)
        }
        var members: [(exec: ExecID, process: ProcessName)] = [(event.actor.exec, event.actor.process)]
        for relative in inside { members.append((relative.exec, relative.process)) }
        return registrar.isSession(members)
    }
}

extension Judge {
    /// What was known of an instance when it began.
    func custody(of observation: Observation) -> Custody {
        Custody(scan: scan(of: observation.workload, at: observation.time))
    }

    /// By what a workload is judged now.
    func policy(of workload: Workload) -> Custody.Policy? {
        guard let info = baselines.info(of: workload.baselineKey) else {
            guard let status = baselines.learner.status(workload.baselineKey, at: Clock.wall()) else { return nil }
            return Custody.Policy(state: status.state?.rawValue ?? BaselineStatus.State.learning.rawValue)
        }
        var policy = Custody.Policy(state: info.state.rawValue)
        policy.checksum = info.checksum
        policy.digest = info.key.digest
        policy.file = info.file
        if let approval = approvals[info.key] {
            policy.approvedBy = approval.who
            policy.approvedAt = approval.time
        }
        return policy
    }
}
