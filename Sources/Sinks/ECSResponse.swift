import Drift
import Events
import Responses
import Workloads

/// What was decided about an alert, done, or ended.
extension ECSFormat {
    package mutating func decision(_ decision: Decision, created: Int64) -> [UInt8] {
        let head = head(of: decision.time, created: created, dataset: "driftwatch.response", kind: "event")
        let workload = decision.ticket.target.workload
        let dossier = dossier(workload, nil)
        json.beginObject()
        json.time("@timestamp", head.time)
        if let container = workload.container { json.container(container) }
        json.object("driftwatch") { json in
            json.identity(workload)
            if let pod = workload.pod { json.pod(pod) }
            json.owner(dossier.ownership, at: head.created)
            json.response(decision)
            json.workload(workload, dossier)
        }
        json.ecs()
        json.object("event") { json in
            json.field("action", "response-" + decision.act.rawValue)
            json.field("category", [decision.step == .revoke ? "iam" : "configuration"])
            json.time("created", head.created)
            json.field("dataset", static: head.dataset)
            json.identifier("id", head.id)
            json.field("kind", static: head.kind)
            json.field("outcome", decision.outcome.rawValue)
            json.field("reason", decision.reason)
            json.field("sequence", head.sequence)
            json.field("type", [decision.type])
        }
        json.host(host.name, kernel: nil)
        if let orchestrator = workload.orchestrator { json.orchestrator(orchestrator) }
        json.object("rule") { $0.field("id", decision.ticket.rule) }
        if let service = workload.serviceName { json.object("service") { $0.field("name", service) } }
        json.endObject()
        return json.takeLine()
    }
}

extension JSONWriter {
    fileprivate mutating func response(_ decision: Decision) {
        let ticket = decision.ticket
        object("response") { json in
            json.identifier("alert", ticket.alert)
            json.field("answer", decision.answer)
            json.identifier("id", ticket.id)
            json.field("mode", ticket.mode.rawValue)
            if !decision.notes.isEmpty { json.field("notes", decision.notes) }
            json.field("outlet", decision.outlet)
            json.field("policy", ticket.policy)
            if let count = decision.turnedAway { json.field("refused", count) }
            json.field("step", decision.step?.rawValue)
            if let until = decision.until { json.time("until", until) }
            json.field("who", decision.who)
            json.field("why", decision.why)
        }
    }
}

extension Decision {
    /// Of ECS's allowed values.
    fileprivate var type: String {
        switch act {
        case .notified, .queued, .approved, .expired: "info"
        case .restricted, .frozen, .lifted, .thawed: "change"
        case .revoked, .killed: "deletion"
        case .refused: "denied"
        }
    }
}
