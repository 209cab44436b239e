import Drift
import Events
import Workloads

/// What is in force, what waits for somebody, and what is to be done next: a state machine that does nothing by itself.
struct Docket: Sendable {
    /// Something done to an instance that is to be undone.
    struct Measure: Sendable, Equatable, Codable {
        var ticket: Ticket
        var step: StepKind
        var since: Int64
        /// Nanoseconds since boot, and since the epoch.
        var until: UInt64
        var untilWall: Int64
        /// Of a freeze: what was frozen.
        var hold: Hold?

        var home: UInt64 { ticket.target.home }

        func isSame(as other: Measure) -> Bool { ticket.id == other.ticket.id && step == other.step }
    }

    struct Waiting: Sendable {
        var ticket: Ticket
        var order: Order
        var since: Int64
        var until: UInt64
        var untilWall: Int64
    }

    /// Why something ends, and who wanted it to.
    struct Ending: Sendable, Equatable {
        var why: String
        var who: String?
    }

    enum Action: Sendable {
        case tell(Decision)
        case send(Errand)
        case restrict(Measure, Reach)
        case freeze(Measure)
        case kill(Ticket, Step.KillScope)
        case undo(Measure, Ending)
    }

    private let policy: ResponsePolicy
    private var guards: Guards
    private var ids: AlertIDs
    private(set) var measures: [Measure] = []
    private(set) var waiting: [Waiting] = []
    /// More than anybody will look at.
    static let mostWaiting = 256
    /// How long a workload that was killed is not killed again, in seconds.
    private static let patience = 60.0
    /// After how many seconds it is tried again to undo what could not be undone.
    private static let retry = 2.0

    init(_ policy: ResponsePolicy, guards: Guards, seed: UInt64) {
        self.policy = policy
        self.guards = guards
        ids = AlertIDs(seed: seed)
    }

    /// When `tick` has something to do, nanoseconds since boot.
    var due: UInt64? { (measures.map(\.until) + waiting.map(\.until)).min() }

    // MARK: What comes in

    mutating func take(_ order: Order, at now: Moment) -> [Action] {
        let policy = policy.policies[order.policy]
        let ticket = Ticket(
            id: ids.next(), policy: policy.name, mode: self.policy.mode, alert: order.alert, rule: order.rule.id,
            target: order.target)
        guard let patience = policy.approval else { return run(policy.steps, ticket, order, now) }
        // Who is to approve it has to know.
        let waits = waiting.contains { $0.ticket.policy == policy.name && $0.ticket.target.home == order.target.home }
        guard !waits else { return [] }
        var actions = run(policy.steps.filter { $0.kind == .notify }, ticket, order, now)
        let end = now.later(by: patience)
        guard waiting.count < Self.mostWaiting else {
            var decision = Decision(.refused, ticket, at: now.wall)
            decision.why = "\(Self.mostWaiting) responses wait for approval already"
            return actions + [.tell(decision)]
        }
        var decision = Decision(.queued, ticket, at: now.wall)
        decision.until = end.wall
        actions.append(.tell(decision))
        if ticket.mode == .enforce {
            waiting.append(Waiting(ticket: ticket, order: order, since: now.wall, until: end.boot, untilWall: end.wall))
        }
        return actions
    }

    /// Nil: nothing of that id waits.
    mutating func approve(_ id: UInt64, who: String, why: String, at now: Moment) -> [Action]? {
        guard let index = waiting.firstIndex(where: { $0.ticket.id == id }) else { return nil }
        let found = waiting.remove(at: index)
        var decision = Decision(.approved, found.ticket, at: now.wall)
        (decision.who, decision.why) = (who, why)
        let steps = policy.policies[found.order.policy].steps.filter { $0.kind != .notify }
        return [.tell(decision)] + run(steps, found.ticket, found.order, now)
    }

    /// Ends what is in force of a response or of a workload, and what of it waits.
    mutating func lift(_ name: String, _ ending: Ending, at now: Moment) -> [Action] {
        end(ending, at: now) { hex($0.id) == name || $0.target.workload.id == name }
    }

    /// An instance is over.
    mutating func ended(_ home: UInt64, at now: Moment) -> [Action] {
        end(Ending(why: "the instance ended"), at: now) { $0.target.home == home }
    }

    mutating func endAll(_ ending: Ending, at now: Moment) -> [Action] { end(ending, at: now) { _ in true } }

    /// What its time is over for.
    mutating func tick(_ now: Moment) -> [Action] {
        guard let due, now.boot >= due else { return [] }
        let over = measures.filter { now.boot >= $0.until }
        measures.removeAll { now.boot >= $0.until }
        let late = waiting.filter { now.boot >= $0.until }
        waiting.removeAll { now.boot >= $0.until }
        return undo(over, Ending(why: "its time is over"))
            + late.map { .tell(expired($0, Ending(why: "nobody approved it in time"), now)) }
    }

    /// It could not be done, so there is nothing to be undone.
    mutating func failed(_ measure: Measure) { measures.removeAll { $0.isSame(as: measure) } }

    /// What is about to be frozen.
    mutating func note(_ hold: Hold, of measure: Measure) -> Measure {
        guard let index = measures.firstIndex(where: { $0.isSame(as: measure) }) else { return measure }
        measures[index].hold = hold
        return measures[index]
    }

    /// It could not be undone: that is tried again.
    mutating func stays(_ measure: Measure, at now: Moment) {
        var measure = measure
        measure.until = now.later(by: Self.retry).boot
        measures.append(measure)
    }

    // MARK: What is to be done

    private mutating func run(_ steps: [Step], _ ticket: Ticket, _ order: Order, _ now: Moment) -> [Action] {
        steps.compactMap { step in
            // Once is enough: a workload that goes on is alerted of again, and nothing is prolonged by that.
            if step.kind.isForced, isInForce(step.kind, order.target.home) { return nil }
            if let why = guards.refusal(of: step.kind, on: order.target, at: now.boot) ?? impossible(step, order) {
                return .tell(refused(step.kind, ticket, why, now))
            }
            return ticket.mode == .dryRun ? rehearse(step, ticket, now) : action(step, ticket, order, now)
        }
    }

    private func impossible(_ step: Step, _ order: Order) -> String? {
        switch step {
        case .restrict where order.reach == nil:
            "there is no baseline that is armed or a candidate, so nobody knows where it may go"
        case .kill(.process) where order.target.pid == 0: "nobody knows which process it was"
        case .kill(.process) where !order.target.isInside: "the process is not in the workload"
        default: nil
        }
    }

    private mutating func action(_ step: Step, _ ticket: Ticket, _ order: Order, _ now: Moment) -> Action {
        switch step {
        case .notify(let outlet), .revoke(let outlet): return .send(Errand(ticket, step.kind, outlet, order))
        case .restrict(let seconds): return .restrict(hold(.restrict, ticket, seconds, now), order.reach!)
        case .freeze(let seconds): return .freeze(hold(.freeze, ticket, seconds, now))
        case .kill(let scope):
            if scope == .workload { _ = hold(.kill, ticket, Self.patience, now) }
            return .kill(ticket, scope)
        }
    }

    private mutating func rehearse(_ step: Step, _ ticket: Ticket, _ now: Moment) -> Action {
        switch step {
        case .notify(let outlet), .revoke(let outlet):
            var decision = Decision(step.kind == .notify ? .notified : .revoked, ticket, step.kind, at: now.wall)
            decision.outlet = outlet.name
            return .tell(decision)
        case .restrict(let seconds), .freeze(let seconds):
            var decision = Decision(step.kind == .restrict ? .restricted : .frozen, ticket, step.kind, at: now.wall)
            decision.until = hold(step.kind, ticket, seconds, now).untilWall
            return .tell(decision)
        case .kill(let scope):
            if scope == .workload { _ = hold(.kill, ticket, Self.patience, now) }
            return .tell(Decision(.killed, ticket, .kill, at: now.wall))
        }
    }

    /// In force from now on. Before it is done, so that a monitor which dies meanwhile has left word of it.
    private mutating func hold(_ step: StepKind, _ ticket: Ticket, _ seconds: Double, _ now: Moment) -> Measure {
        let end = now.later(by: seconds)
        let measure = Measure(ticket: ticket, step: step, since: now.wall, until: end.boot, untilWall: end.wall)
        measures.append(measure)
        return measure
    }

    private func isInForce(_ step: StepKind, _ home: UInt64) -> Bool {
        measures.contains { $0.step == step && $0.home == home }
    }

    private mutating func end(_ ending: Ending, at now: Moment, where applies: (Ticket) -> Bool) -> [Action] {
        let over = measures.filter { applies($0.ticket) }
        measures.removeAll { applies($0.ticket) }
        let late = waiting.filter { applies($0.ticket) }
        waiting.removeAll { applies($0.ticket) }
        return undo(over, ending) + late.map { .tell(expired($0, ending, now)) }
    }

    /// What was only rehearsed ends unsaid.
    private func undo(_ measures: [Measure], _ ending: Ending) -> [Action] {
        measures.filter { $0.ticket.mode == .enforce && $0.step != .kill }.map { .undo($0, ending) }
    }

    private func refused(_ step: StepKind, _ ticket: Ticket, _ why: String, _ now: Moment) -> Decision {
        var decision = Decision(.refused, ticket, step, at: now.wall)
        decision.why = why
        return decision
    }

    private func expired(_ waiting: Waiting, _ ending: Ending, _ now: Moment) -> Decision {
        var decision = Decision(.expired, waiting.ticket, at: now.wall)
        (decision.why, decision.who) = (ending.why, ending.who)
        return decision
    }
}
