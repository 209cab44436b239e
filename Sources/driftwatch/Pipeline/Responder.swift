import Baselines
import Drift
import Events
import Foundation
import Logging
import Probes
import Responses
import Workloads

/// Joins alerts and what is done about them: matches here, and leaves the doing to the actuator. Confined to the
/// pipeline's thread.
final class Responder {
    fileprivate var matcher: Matcher
    fileprivate let actuator: Actuator
    private let policies: [Policy]
    /// Instances of which something is in force or waits, by their topmost cgroups.
    private var concerned: Set<UInt64> = []
    /// Those that are restricted.
    private var restricted: Set<UInt64> = []

    /// `left`: what an earlier monitor left in force.
    init(
        _ policy: ResponsePolicy, left: Book?, directory: String, restricting: any Restricting, log: Logger
    ) throws(Failure) {
        policies = policy.policies
        matcher = Matcher(policy.policies)
        let hierarchy = try? Hierarchy.current()
        let configuration = Actuator.Configuration(
            policy: policy, directory: directory, ownCgroup: hierarchy?.cgroup(ofProcess: UInt32(getpid())) ?? "/",
            seed: .random(in: .min ... .max), now: { Moment(boot: Clock.boot(), wall: Clock.wall()) },
            wake: { Wakeup.wake() }, warn: { log.error("\($0)") })
        do { actuator = try Actuator(configuration, kernel: restricting, left: left) } catch {
            throw Failure("\(error)")
        }
    }

    func stop() { actuator.stop() }

    func ended(home: UInt64) {
        guard concerned.remove(home) != nil else { return }
        restricted.remove(home)
        actuator.ended(home: home)
    }

    fileprivate func isRestricted(_ home: UInt64) -> Bool { restricted.contains(home) }
    fileprivate var restrictsAny: Bool { !restricted.isEmpty }

    fileprivate func needsReach(_ found: [Int]) -> Bool {
        found.contains { policies[$0].steps.contains { $0.kind == .restrict } }
    }

    /// What became of orders since the last call.
    fileprivate func takeDecisions() -> [Decision] {
        let decisions = actuator.takeDecisions()
        for decision in decisions where decision.outcome == .success {
            let home = decision.ticket.target.home
            switch decision.act {
            case .restricted:
                concerned.insert(home)
                restricted.insert(home)
            case .lifted: restricted.remove(home)
            case .frozen, .queued, .killed: concerned.insert(home)
            case .notified, .revoked, .thawed, .approved, .expired, .refused: break
            }
        }
        return decisions
    }
}

extension Monitor {
    /// Does about an alert what policies say. `line`: the alert's.
    func respond(to alert: Anomaly, line: [UInt8]?) {
        guard let responder else { return }
        let found = responder.matcher.matches(alert, at: Clock.boot())
        guard !found.isEmpty, !isOwnDoing(alert) else { return }
        let target = target(of: alert)
        let reach = responder.needsReach(found) ? reach(of: alert) : nil
        let act = alert.observation?.event
        var file: String?
        if case .open(let open) = act?.act { file = open.path.text }
        for policy in found {
            responder.actuator.take(
                Order(
                    policy: policy, alert: alert.id, rule: alert.rule, severity: alert.severity, target: target,
                    line: (line ?? []).dropLast(), file: file, executable: act?.actor.executable.text ?? "",
                    reach: reach))
        }
    }

    /// Tells what was done.
    func tellDecisions() {
        guard let responder else { return }
        for decision in responder.takeDecisions() {
            printer.decision(decision)
            let word = (decision.isDryRun ? "dry run: " : "") + decision.word
            lives.decided(word, about: decision.ticket.alert, home: decision.ticket.target.home)
        }
    }

    /// A restricted workload may have been told a new address of a name that it may reach.
    func heard(_ answer: Answer) {
        guard let responder, responder.restrictsAny, let resolution = answer.resolution,
            let home = resolver.home(of: answer.cgroup), responder.isRestricted(home),
            let workload = resolver.workload(of: answer.cgroup),
            judge?.believes(answer.resolver, for: workload) == true
        else { return }
        for address in resolution.addresses {
            responder.actuator.heard(home: home, name: resolution.name, address: address.ip)
        }
    }

    private func target(of alert: Anomaly) -> Target {
        let actor = alert.observation?.event.actor
        let home = actor.flatMap { resolver.home(of: alert.workload, actingIn: $0.cgroup) }
        var target = Target(
            workload: alert.workload, home: home?.cgroup ?? 0,
            path: home.flatMap { resolver.tree.path(of: $0.cgroup) } ?? "")
        if let actor {
            (target.pid, target.start) = (actor.process.pid, actor.process.start)
            target.isInside = home?.isOwn == true
        }
        return target
    }

    private func reach(of alert: Anomaly) -> Reach? {
        guard let judge, let spec = judge.reachable(alert) else { return nil }
        let names = names.all(of: alert.workload.id, at: Clock.boot()).filter {
            judge.believes($0.name.resolver, for: alert.workload)
        }
        return Reach(spec: spec, names: names.map { ($0.name.text, $0.address) })
    }

    /// What a command of a policy does must not call for a response: that would call for the next.
    private func isOwnDoing(_ alert: Anomaly) -> Bool {
        guard let act = alert.observation else { return false }
        let own = UInt32(getpid())
        return act.event.actor.parent.pid == own || act.family?.ancestors.contains { $0.process.pid == own } == true
    }
}

extension Judge {
    /// What of the workload's baseline says where it may go; nil where there is none that is armed or a candidate.
    fileprivate func reachable(_ alert: Anomaly) -> BaselineSpec? {
        let key = alert.workload.baselineKey
        if let info = baselines.info(of: key) { return spec(info) }
        guard alert.baseline?.state == BaselineStatus.State.candidate.rawValue else { return nil }
        return (try? archive?.store.current(key))?.spec
    }
}

extension Decision {
    /// As a custody record has it.
    fileprivate var word: String {
        if act == .refused { return "\(step?.rawValue ?? "response") refused" }
        return outcome == .failure ? "\(act.rawValue) in vain" : act.rawValue
    }
}

/// Restricts by the kernel half.
struct KernelRestricting: Restricting {
    let probe: Probe

    func restrict(_ target: Target, to reach: Reach, until: UInt64) throws(ActionError) -> [String] {
        let destinations = Destinations(reach.spec, names: reach.names)
        do {
            try probe.restrict(
                target.home, to: destinations.reachable.compactMap { Probe.Destination($0) }, until: until)
        } catch { throw ActionError("\(error)") }
        return destinations.unresolved.map { "\($0) leads nowhere until the workload asks for it" }
    }

    func allow(_ target: Target, _ name: String, at address: IPAddress, in reach: Reach) throws(ActionError) {
        let more = Destinations.destinations(of: name, at: address, in: reach.spec)
        guard !more.isEmpty else { return }
        do { try probe.allow(more.compactMap { Probe.Destination($0) }, for: target.home) } catch {
            throw ActionError("\(error)")
        }
    }

    func lift(_ target: Target) throws(ActionError) -> UInt64 {
        do { return try probe.lift(target.home) ?? 0 } catch { throw ActionError("\(error)") }
    }
}
