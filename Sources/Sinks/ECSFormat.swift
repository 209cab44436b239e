import Drift
import Events
import Evidence
import Workloads

/// Lines of the Elastic Common Schema, each with its newline; numbered in the order in which they are made.
package struct ECSFormat: ~Copyable {
    package static let version: StaticString = "8.11.0"
    /// Of events that are nobody's behaviour.
    static let otherDatasets: Set<String> = ["driftwatch.register", "driftwatch.response"]

    let host: Host
    private let entities: EntityIDs
    /// What is known of a workload beside what it does.
    let dossier: (Workload, Actor?) -> Dossier
    var json = JSONWriter()
    private var ids: AlertIDs
    private var sequence: UInt64 = 0

    /// `seed` must differ at each start, and from the detector's.
    package init(host: Host, seed: UInt64, dossier: @escaping (Workload, Actor?) -> Dossier = { _, _ in Dossier() }) {
        self.host = host
        self.dossier = dossier
        entities = EntityIDs(boot: host.bootID)
        ids = AlertIDs(seed: seed)
    }

    /// The line of a behaviour; `created` in nanoseconds since the epoch.
    package mutating func behaviour(_ observation: Observation, created: Int64) -> [UInt8] {
        let head = Head(
            time: observation.time, created: created, id: ids.next(), sequence: number(),
            dataset: "driftwatch.behaviour",
            kind: "event")
        write(head, observation.workload, observation, anomaly: nil)
        return line()
    }

    package mutating func alert(_ anomaly: Anomaly, created: Int64) -> [UInt8] {
        let head = Head(
            time: anomaly.time, created: created, id: anomaly.id, sequence: number(), dataset: "driftwatch.alert",
            kind: "alert")
        write(head, anomaly.workload, anomaly.observation, anomaly: anomaly)
        return line()
    }

    package mutating func state(_ state: StateEvent, at time: Int64, created: Int64) -> [UInt8] {
        let head = Head(
            time: time, created: created, id: ids.next(), sequence: number(), dataset: "driftwatch.state", kind: "state"
        )
        write(head, state)
        return line()
    }

    /// The line of a change of the register.
    package mutating func change(_ change: Register.Change, at time: Int64, created: Int64) -> [UInt8] {
        let news = News(
            dataset: "driftwatch.register", action: "\(change.action)", category: change.category, type: change.type,
            reason: change.reason)
        return line(about: change.workload, news, at: time, created: created) { $0.register(change) }
    }

    /// What became of a workload, other than by its own acts.
    struct News {
        var dataset: StaticString
        var action, category, type, reason: String
        var outcome, rule: String?
    }

    /// `detail` writes what belongs to the dataset alone.
    mutating func line(
        about workload: Workload, _ news: News, at time: Int64, created: Int64, detail: (inout JSONWriter) -> Void
    ) -> [UInt8] {
        let head = head(of: time, created: created, dataset: news.dataset, kind: "event")
        let dossier = dossier(workload, nil)
        json.beginObject()
        json.time("@timestamp", head.time)
        if let container = workload.container { json.container(container) }
        json.object("driftwatch") { json in
            json.identity(workload)
            if let pod = workload.pod { json.pod(pod) }
            json.owner(dossier.ownership, at: head.created)
            detail(&json)
            json.workload(workload, dossier)
        }
        json.ecs()
        json.object("event") { json in
            json.field("action", news.action)
            json.field("category", [news.category])
            json.time("created", head.created)
            json.field("dataset", static: head.dataset)
            json.identifier("id", head.id)
            json.field("kind", static: head.kind)
            json.field("outcome", news.outcome)
            json.field("reason", news.reason)
            json.field("sequence", head.sequence)
            json.field("type", [news.type])
        }
        json.host(host.name, kernel: nil)
        if let orchestrator = workload.orchestrator { json.orchestrator(orchestrator) }
        if let rule = news.rule { json.object("rule") { $0.field("id", rule) } }
        if let service = workload.serviceName { json.object("service") { $0.field("name", service) } }
        json.endObject()
        return line()
    }

    /// Of a line with an id of its own.
    mutating func head(of time: Int64, created: Int64, dataset: StaticString, kind: StaticString) -> Head {
        Head(time: time, created: created, id: ids.next(), sequence: number(), dataset: dataset, kind: kind)
    }

    /// What every line holds.
    struct Head {
        var time: Int64
        var created: Int64
        var id: UInt64
        var sequence: UInt64
        var dataset: StaticString
        var kind: StaticString
    }

    private mutating func number() -> UInt64 {
        sequence += 1
        return sequence
    }

    private mutating func line() -> [UInt8] {
        json.takeLine()
    }

    private mutating func write(
        _ head: Head, _ workload: Workload, _ observation: Observation?, anomaly: Anomaly?
    ) {
        // Of an alert about too many acts, the observation is an example of who, not of what.
        let act = anomaly?.rule == .monitorSaturated ? nil : observation
        let entities = entities
        let dossier = dossier(workload, observation?.event.actor)
        json.beginObject()
        json.time("@timestamp", head.time)
        if let container = workload.container { json.container(container) }
        if let act { json.destination(act) }
        json.object("driftwatch") { json in
            if let family = observation?.family { json.ancestors(family, entities) }
            if let anomaly {
                json.baseline(anomaly.baseline)
                json.field("count", anomaly.count)
                json.drift(anomaly.difference)
            }
            if let family = observation?.family { json.entered(family, entities) }
            if let act { json.exec(act) }
            if let act { json.access(act) }
            json.identity(workload, asksForOne: act?.asksForIdentity == true)
            if let anomaly { json.incident(anomaly.incident) }
            if let pod = workload.pod { json.pod(pod) }
            if let family = observation?.family { json.login(family.login, name: family.loginName) }
            if let act, !act.event.lossyFields.isEmpty { json.field("lossy_fields", act.event.lossyFields) }
            if let anomaly, !anomaly.turnedAway.isEmpty { json.overQuota(anomaly.turnedAway) }
            if anomaly != nil { json.owner(dossier.ownership, at: head.created) }
            if let ids = dossier.processIDs { json.processIdentity(ids) }
            if let anomaly { json.scan(anomaly.scan) }
            if act?.isSnapshot == true { json.field("snapshot", true) }
            if let act, !act.event.truncated.isEmpty { json.field("truncated", act.event.truncated) }
            json.workload(workload, dossier)
        }
        json.ecs()
        json.object("event") { json in
            let kind = anomaly?.kind ?? observation?.event.kind ?? .open
            json.field("action", kind.rawValue)
            json.key("category")
            json.categories(kind, alert: anomaly != nil)
            json.time("created", head.created)
            json.field("dataset", static: head.dataset)
            json.identifier("id", head.id)
            json.field("kind", static: head.kind)
            if let anomaly { json.field("reason", anomaly.reason) }
            json.field("sequence", head.sequence)
            if let anomaly { json.field("severity", anomaly.severity) }
            json.key("type")
            json.types(kind, act?.event.act, alert: anomaly != nil)
        }
        if let act { json.file(act) }
        json.host(host.name, kernel: nil)
        if let act { json.network(act) }
        if let orchestrator = workload.orchestrator { json.orchestrator(orchestrator) }
        if let observation { json.process(observation, entities) }
        if let anomaly { json.rule(anomaly.rule) }
        if let service = workload.serviceName { json.object("service") { $0.field("name", service) } }
        if let act { json.source(act) }
        if let anomaly { json.threat(anomaly.rule.threat) }
        json.endObject()
    }

    private mutating func write(_ head: Head, _ state: StateEvent) {
        json.beginObject()
        json.time("@timestamp", head.time)
        let workload = state.workload
        if let container = workload?.container { json.container(container) }
        let dossier = workload.map { self.dossier($0, nil) }
        let kernel = host.kernel
        json.object("driftwatch") { json in
            switch state {
            case .started(let monitor), .stopped(let monitor): json.monitor(monitor, kernel: kernel)
            case .gap(let gap): json.gap(gap)
            case .armed(let workload, let facts):
                json.baseline(facts)
                json.identity(workload)
                json.workload(workload, dossier ?? Dossier())
            case .ended(let life, let ended):
                if let custody = life.custody { json.custody(custody) }
                json.identity(life.workload)
                if let pod = life.workload.pod { json.pod(pod) }
                json.life(life, ended: ended)
                if let dossier { json.owner(dossier.ownership, at: head.created) }
                json.workload(life.workload, dossier ?? Dossier())
            }
        }
        json.ecs()
        json.object("event") { json in
            json.field("action", static: state.action)
            json.field("category", ["host"])
            json.time("created", head.created)
            json.field("dataset", static: head.dataset)
            json.identifier("id", head.id)
            json.field("kind", static: head.kind)
            json.field("sequence", head.sequence)
            switch state {
            case .started: json.field("type", ["start"])
            case .stopped: json.field("type", ["end"])
            case .gap: json.field("type", ["info"])
            case .armed: json.field("type", ["change"])
            case .ended: json.field("type", ["end"])
            }
        }
        json.host(host.name, kernel: host.kernel)
        if let orchestrator = workload?.orchestrator { json.orchestrator(orchestrator) }
        if let service = workload?.serviceName { json.object("service") { $0.field("name", service) } }
        json.endObject()
    }
}
