import Drift
import Events
import Responses
import Workloads

/// What was decided about an alert, done, or ended.
extension ECSFormat {
    package mutating func decision(_ decision: Decision, created: Int64) -> [UInt8] {
        var news = News(
            dataset: "driftwatch.response", action: "response-" + decision.act.rawValue,
            category: decision.step == .revoke ? "iam" : "configuration", type: decision.type, reason: decision.reason)
        (news.outcome, news.rule) = (decision.outcome.rawValue, decision.ticket.rule)
        return line(about: decision.ticket.target.workload, news, at: decision.time, created: created) {
            $0.response(decision)
        }
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
