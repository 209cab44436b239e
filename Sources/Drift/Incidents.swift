import Baselines
import Events

/// Which alerts belong to one story: bounded memory of what descends from an anomalous exec.
struct Incidents {
    private struct Thread {
        /// Nil until an alert has been raised in it.
        var first: UInt64?
        /// What is to be thought of acts in it.
        var quarantine: Quarantine
    }

    private struct Membership {
        var incident: UInt64
        /// The process's exec was told, or would have been but for repetition.
        var alerted: Bool
        var since: Int64
    }

    private var threads: LRU<UInt64, Thread>
    private var processes: LRU<ProcessName, Membership>
    /// Repeats of an exec never leave the kernel; their acts still name the exec.
    private var execs: LRU<ExecID, Membership>
    /// A repeat of an exec tells its story on for this long; after it a new one begins.
    static let memory: Int64 = 600 * 1_000_000_000

    init(capacity: Int) {
        threads = LRU(capacity: capacity)
        processes = LRU(capacity: capacity)
        execs = LRU(capacity: capacity)
    }

    /// The incident that the actor acts in, if any.
    mutating func current(_ event: Event, at time: Int64) -> UInt64? {
        let actor = event.actor
        if actor.incident != 0 { return actor.incident }
        if actor.process.pid != 0, let own = processes.value(actor.process) { return own.incident }
        if actor.parent.pid != 0, let parent = processes.value(actor.parent) { return parent.incident }
        for exec in [actor.exec, actor.parentExec] where exec != 0 {
            guard let known = execs.value(exec), abs(time - known.since) < Self.memory else { continue }
            return known.incident
        }
        return nil
    }

    /// The incident that the actor or its parent was ever part of, also one that has long been over: repeats of an exec
    /// never leave the kernel, and what they do must not be learned after an hour either.
    mutating func past(_ actor: Actor) -> UInt64? {
        if actor.incident != 0 { return actor.incident }
        if actor.process.pid != 0, let own = processes.value(actor.process) { return own.incident }
        if actor.parent.pid != 0, let parent = processes.value(actor.parent) { return parent.incident }
        for exec in [actor.exec, actor.parentExec] where exec != 0 {
            if let known = execs.value(exec) { return known.incident }
        }
        return nil
    }

    /// Why what is done in the incident is not to be learned.
    func quarantine(of incident: UInt64) -> Quarantine { threads.peek(incident)?.quarantine ?? .session }

    /// Whether what the process last executed was an anomaly itself.
    mutating func hasAlertedExec(_ actor: Actor) -> Bool {
        if actor.process.pid != 0, let own = processes.value(actor.process), own.alerted { return true }
        return actor.exec != 0 && execs.value(actor.exec)?.alerted == true
    }

    /// The process now acts in the incident, and what it starts does; `wholeExec`: and so does every repeat of its exec.
    mutating func join(_ actor: Actor, _ incident: UInt64, alerted: Bool, wholeExec: Bool, at time: Int64) {
        let membership = Membership(incident: incident, alerted: alerted, since: time)
        if actor.process.pid != 0 { processes.insert(actor.process, membership) }
        if wholeExec, actor.exec != 0 { execs.insert(actor.exec, membership) }
    }

    /// The alert that opened the incident: this one, where none did before.
    mutating func first(of incident: UInt64, alert: UInt64, rule: Rule) -> UInt64 {
        // Forgotten: its number is the id of its first alert, unless it began without one.
        let first =
            threads.value(incident)?.first ?? (threads.peek(incident) == nil && incident != alert ? incident : alert)
        // A session stays one, whatever it leads to.
        let quarantine = threads.peek(incident)?.quarantine ?? (rule == .execInjected ? .session : .follows(rule.id))
        threads.insert(incident, Thread(first: first, quarantine: quarantine))
        return first
    }

    /// The repeats of an exec are no part of its incident from now on.
    mutating func forgive(_ exec: ExecID) { execs.remove(exec) }

    /// Begins an incident of which no alert speaks yet.
    mutating func open(_ incident: UInt64, _ quarantine: Quarantine) {
        threads.insert(incident, Thread(first: nil, quarantine: quarantine))
    }
}
