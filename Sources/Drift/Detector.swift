import Baselines
import Events
import Workloads

/// Judges acts one after another; pure but for its memory of incidents and repeats, and confined to one task.
package struct Detector {
    /// Of a minute: the same anomaly is told at most this often.
    package static let window: Int64 = 60 * 1_000_000_000
    /// What is new in a release is told once, and then at most so often.
    package static let releaseWindow: Int64 = 3600 * 1_000_000_000

    private var ids: AlertIDs
    private var incidents: Incidents
    private var repetition: Repetition
    private var saturation: Saturation
    /// Hashes of programs that were the image's own when they were run: thousands of names would be worth no memory.
    private var genuine: LRU<Int, Void>

    /// `seed` must differ at each start; `capacity` bounds each of its memories.
    package init(seed: UInt64, window: Int64 = Detector.window, capacity: Int = 4096) {
        ids = AlertIDs(seed: seed)
        incidents = Incidents(capacity: capacity)
        repetition = Repetition(window: window, capacity: capacity)
        saturation = Saturation(window: window, capacity: capacity)
        genuine = LRU(capacity: capacity)
    }

    /// Acts of anomalies that were counted, but forgotten before a line could tell of them.
    package var forgotten: UInt64 { repetition.forgotten }

    /// Acts of anomalies that were counted and wait for their minute to be over.
    package var untold: UInt64 { repetition.untold }

    /// Judges one act; `difference` and `scan` are asked only where an alert is told, and the first may have no answer.
    package mutating func judge(
        _ observation: Observation, _ standing: Standing, difference: () -> Difference? = { nil },
        scan: () -> ScanStatus = { .unscanned }
    ) -> Verdict {
        let event = observation.event
        let finding = Suspicion.of(observation, standing, isReplaced: isReplaced(observation))
        let current = incidents.current(event, at: observation.time)
        switch finding {
        case .fine: return fine(observation, standing, in: current)
        case .foreign:
            // What someone does in a session of their own is no part of the workload: nothing below is learned.
            let quarantine: Quarantine = event.kind == .open ? .outside : .session
            guard event.kind == .exec || current != nil else { return Verdict(.quiet, quarantine: quarantine) }
            let incident = current ?? ids.next()
            if current == nil { incidents.open(incident, quarantine) }
            return Verdict(
                .quiet, mark: join(observation, incident, alerted: false, wholeExec: event.kind == .exec),
                quarantine: quarantine)
        case .anomaly(let rule, let credential):
            if rule == .openUnexpected, case .open(let open) = event.act, StartupFiles.contains(open),
                incidents.hasAlertedExec(event.actor)
            {
                return Verdict(.quiet)
            }
            if rule.isReleaseDifference, case .release = standing, current == nil, incidents.past(event.actor) == nil {
                return released(rule, observation, standing, credential, scan, difference)
            }
            var verdict = alert(rule, observation, standing, credential, in: current, scan, difference)
            // One replica alone is no part of what is learned; if another does the same, both are.
            verdict.isLearned = rule.isReleaseDifference && standing.isDeparting && current == nil
            if !verdict.isLearned { verdict.quarantine = quarantine(rule, in: current) }
            return verdict
        }
    }

    /// What came in from outside turned out to be a probe: what it does is no part of an incident any more.
    package mutating func forgive(exec: ExecID) { incidents.forgive(exec) }

    /// Takes the kernel's count of a behaviour (all acts since its key was new); an alert that is due by it.
    package mutating func repeated(key: BehaviourKey, count: UInt64, at time: Int64) -> Anomaly? {
        guard let key = repetition.counted(key, total: count, at: time) else { return nil }
        return repetition.due(key, at: time) { ids.next() }
    }

    /// Behaviours that the kernel is to tell anew: they are anomalies of which too much came since to be kept.
    package mutating func takeStale(at now: Int64) -> [BehaviourKey] { repetition.takeStale(at: now) }

    /// The lines that are due about acts counted so far; to be called every second or so.
    package mutating func tick(_ now: Int64) -> [Anomaly] { repetition.due(at: now) { ids.next() } }

    /// Takes the acts of one cgroup over its quota since it was made, in the order of `Kind`.
    package mutating func turnedAway(_ acts: [UInt64], by workload: Workload, cgroup: UInt64) {
        saturation.counted(workload, cgroup: cgroup, turnedAway: acts)
    }

    /// The lines that are due about acts over quota; `all`: there will be no later call.
    package mutating func saturated(
        at time: Int64, all: Bool = false, facts: (Workload) -> BaselineFacts? = { _ in nil }
    ) -> [Anomaly] {
        saturation.due(at: time, all: all, id: { ids.next() }).map { told in
            let loudest = zip(Kind.allCases, told.turnedAway).max { $0.1 < $1.1 }?.0 ?? .open
            return Anomaly(
                id: told.alert, rule: .monitorSaturated, time: time, kind: loudest, workload: told.workload,
                observation: nil, reason: Explanation.saturation(told.workload, turnedAway: told.turnedAway),
                baseline: facts(told.workload), count: told.turnedAway.reduce(0, +),
                incident: .init(
                    id: told.incident,
                    first: incidents.first(of: told.incident, alert: told.alert, rule: .monitorSaturated)),
                turnedAway: told.turnedAway)
        }
    }

    /// What a person has allowed to be dropped never was the image's own, so it stays allowed.
    private mutating func isReplaced(_ observation: Observation) -> Bool {
        let workload = observation.workload
        guard case .exec(let exec) = observation.event.act, workload.isContainer else { return false }
        var hasher = Hasher()
        hasher.combine(workload.id)
        hasher.combine(workload.digest ?? workload.instance)
        hasher.combine(observation.event.actor.executable.text)
        let program = hasher.finalize()
        if Suspicion.isDropped(exec, workload) { return genuine.value(program) != nil }
        genuine.insert(program, ())
        return false
    }

    /// Why what a rule speaks against is not learned.
    private func quarantine(_ rule: Rule, in incident: UInt64?) -> Quarantine {
        if rule.isNeverNormal { return .neverNormal(rule.id) }
        switch rule {
        case .execInjected: return .session
        case .openEscape: return .outside
        default: return incident.map(incidents.quarantine) ?? .follows(rule.id)
        }
    }

    /// What is new in a release: the first is told, the others are counted, and all of it is learned.
    private mutating func released(
        _ rule: Rule, _ observation: Observation, _ standing: Standing, _ credential: Credential?,
        _ scan: () -> ScanStatus, _ difference: () -> Difference?
    ) -> Verdict {
        let key = Repetition.Key(
            workload: observation.workload.id, subject: .release(observation.workload.digest ?? ""))
        var verdict = Verdict(.quiet)
        if repetition.isDue(key, at: observation.time) {
            let id = ids.next()
            var anomaly = anomaly(
                id, rule, observation, standing, credential,
                Anomaly.Incident(id: id, first: incidents.first(of: id, alert: id, rule: rule)), scan(), difference())
            anomaly.severity = min(rule.severity, Rule.releaseSeverity)
            verdict = Verdict(.alert(repetition.told(key, anomaly, nil)))
        } else {
            repetition.held(key, observation, nil)
        }
        verdict.isLearned = true
        return verdict
    }

    private func anomaly(
        _ id: UInt64, _ rule: Rule, _ observation: Observation, _ standing: Standing, _ credential: Credential?,
        _ incident: Anomaly.Incident, _ scan: ScanStatus, _ difference: Difference?
    ) -> Anomaly {
        let difference =
            difference ?? Difference(dimension: dimension(rule), allow: Allowance.yaml(observation.behaviour))
        return Anomaly(
            id: id, rule: rule, time: observation.time, kind: observation.event.kind, workload: observation.workload,
            observation: observation,
            reason: Explanation.sentence(
                rule, observation, standing, nearest: difference.nearest, credential: credential, scan: scan),
            baseline: standing.facts, difference: difference, incident: incident, scan: scan)
    }

    private mutating func fine(_ observation: Observation, _ standing: Standing, in incident: UInt64?) -> Verdict {
        if let incident {
            // What follows from an anomaly is not learned, however harmless it looks.
            let mark = observation.event.kind == .exec ? join(observation, incident, alerted: false) : nil
            return Verdict(.quiet, mark: mark, quarantine: incidents.quarantine(of: incident))
        }
        guard standing.isLearned else { return Verdict(.quiet) }
        if let past = incidents.past(observation.event.actor) {
            return Verdict(.quiet, quarantine: incidents.quarantine(of: past))
        }
        return Verdict(.learn)
    }

    private mutating func alert(
        _ rule: Rule, _ observation: Observation, _ standing: Standing, _ credential: Credential?,
        in current: UInt64?, _ scan: () -> ScanStatus, _ difference: () -> Difference?
    ) -> Verdict {
        let event = observation.event
        let key = Repetition.Key(
            workload: observation.workload.id, subject: .act(rule, observation.behaviour))
        let earlier = current ?? repetition.incident(of: key, at: observation.time)
        guard repetition.isDue(key, at: observation.time) else {
            repetition.held(key, observation, event.key)
            let mark = earlier.flatMap { event.kind == .exec ? join(observation, $0, alerted: true) : nil }
            return Verdict(.quiet, mark: mark)
        }
        let id = ids.next()
        let incident = earlier ?? id
        let first = incidents.first(of: incident, alert: id, rule: rule)
        let anomaly = anomaly(
            id, rule, observation, standing, credential, .init(id: incident, first: first), scan(), difference())
        let mark = event.kind == .exec ? join(observation, incident, alerted: true) : nil
        return Verdict(.alert(repetition.told(key, anomaly, event.key)), mark: mark)
    }

    /// Remembers that the process acts in the incident; a mark where the kernel does not know it yet.
    private mutating func join(
        _ observation: Observation, _ incident: UInt64, alerted: Bool, wholeExec: Bool? = nil
    ) -> Verdict.Mark? {
        let actor = observation.event.actor
        incidents.join(
            actor, incident, alerted: alerted, wholeExec: wholeExec ?? alerted, at: observation.time)
        guard actor.incident != incident, actor.process.pid != 0 else { return nil }
        return Verdict.Mark(process: actor.process, incident: incident)
    }

    private func dimension(_ rule: Rule) -> String {
        switch rule {
        case .execUnexpected, .execShell, .execDropped, .execFileless: "executable"
        case .execReverseShell: "standard input and output"
        case .execInjected: "origin"
        case .connectUnexpected: "destination"
        case .listenUnexpected: "port"
        case .openUnexpected, .openCredential, .openEscape: "path"
        case .monitorSaturated: "rate"
        }
    }
}
