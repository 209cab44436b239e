import Drift
import Events
import Evidence
import Responses
import Workloads

/// One calm line for a person: time, what, who; every byte safe to show on a terminal.
package struct TextFormat: Sendable {
    package var color: Bool

    package init(color: Bool) { self.color = color }

    /// Colour only on a terminal, and never against NO_COLOR (no-color.org: set and not empty).
    package static func wantsColor(isTerminal: Bool, noColor: String?) -> Bool {
        isTerminal && (noColor ?? "").isEmpty
    }

    package func behaviour(_ observation: Observation) -> [UInt8] {
        let event = observation.event
        let kind = event.kind.rawValue
        var text = stamp(observation.time) + " " + kind + String(repeating: " ", count: 8 - kind.utf8.count)
        text += printable(observation.workload.id) + " "
        let name = printable(event.actor.executable.text, limit: 300)
        switch event.act {
        case .exec(let exec):
            let words = Explanation.commandLine(event.actor.executable.text, exec)
            text += "\(printable(event.actor.parentExecutable.text, limit: 300))[\(event.actor.parent.pid)] -> "
            text += "\(printable(words, limit: 1000)) [\(event.actor.process.pid)] (\(observation.origin.rawValue))"
        case .connect(let connect):
            text += "\(name)[\(event.actor.process.pid)] -> "
            switch connect.peer {
            case .ip(let address): text += endpoint(address, observation) + " \(connect.transport)"
            case .unix(let path): text += printable(path, limit: 300) + " unix"
            case .abstract(let name): text += "@" + printable(name, limit: 300) + " unix"
            case .unseen: text += "\(connect.transport) socket"
            }
        case .listen(let listen):
            text += "\(name)[\(event.actor.process.pid)] on \(endpoint(listen.address, nil)) \(listen.transport)"
        case .open(let open):
            text += "\(name)[\(event.actor.process.pid)] \(printable(open.path.text, limit: 1000)) "
            text += "(\(open.access.names.joined(separator: ",")))"
        }
        return Array((text + "\n").utf8)
    }

    package func alert(_ anomaly: Anomaly) -> [UInt8] {
        var text = stamp(anomaly.time) + " " + paint("ALERT \(anomaly.rule.id)", code(anomaly.severity))
        text += " \(printable(anomaly.workload.id)): \(printable(anomaly.reason))"
        if anomaly.count > 1 { text += " (\(anomaly.count) times)" }
        text += paint(" [\(hex(anomaly.id))", "2")
        if anomaly.incident.first != anomaly.id { text += paint(" after \(hex(anomaly.incident.first))", "2") }
        text += paint("]", "2")
        return Array((text + "\n").utf8)
    }

    package func state(_ state: StateEvent, at time: Int64) -> [UInt8] {
        var text = stamp(time) + " \(state.action)"
        switch state {
        case .started(let monitor):
            text += ": tier \(printable(monitor.tier)), \(monitor.hooks.count) hooks"
            if !monitor.gaps.isEmpty {
                text += "; cannot see: \(printable(monitor.gaps.map(\.id).joined(separator: ", ")))"
            }
        case .stopped(let monitor):
            text += ": "
            text += Kind.allCases.map { "\(monitor.ledger[$0].seen) \($0.rawValue)" }.joined(separator: ", ")
            text += " seen, \(monitor.ledger.unseen) not looked at"
        case .gap(let gap):
            text += ": \(printable(gap.why)), from \(stamp(gap.from)) to \(stamp(gap.to)), \(gap.lost) acts lost"
            if !gap.workloads.isEmpty {
                let first = gap.workloads.prefix(5).map { printable($0) }.joined(separator: ", ")
                text += " of \(first)"
                if gap.workloads.count > 5 { text += " and \(gap.workloads.count - 5) more" }
            }
        case .ended(let life, let ended):
            text += ": \(printable(life.workload.id)) after \(Explanation.duration(ended - life.began)): "
            text += zip(Kind.allCases, life.account.seen).map { "\($1) \($0.rawValue)" }.joined(separator: ", ")
            text += ", \(life.alerts) alerts, \(life.account.unseen) not looked at"
            if let alive = life.lastKnownAlive { text += "; it ended unwatched, after \(stamp(alive))" }
        case .armed(let workload, let facts):
            text += ": \(printable(workload.id))"
            if let completeness = facts.completeness { text += ", complete to \(percent(completeness))" }
            if facts.lost > 0 { text += ", \(facts.lost) of \(facts.seen) acts not seen" }
            if facts.gaps > 0 { text += ", \(facts.gaps) \(facts.gaps == 1 ? "gap" : "gaps")" }
        }
        return Array((text + "\n").utf8)
    }

    package func change(_ change: Register.Change, at time: Int64) -> [UInt8] {
        Array((stamp(time) + " \(change.action): \(printable(change.reason))\n").utf8)
    }

    package func decision(_ decision: Decision) -> [UInt8] {
        let action = "response-\(decision.act.rawValue)"
        var text = stamp(decision.time) + " " + paint(action, decision.outcome == .failure ? "31" : "36")
        text += ": \(printable(decision.reason))"
        text += paint(" [\(hex(decision.ticket.id)) to \(hex(decision.ticket.alert))]", "2")
        return Array((text + "\n").utf8)
    }

    private func endpoint(_ address: SocketAddress, _ observation: Observation?) -> String {
        let text = address.ip.isIPv4 ? "\(address.ip):\(address.port)" : "[\(address.ip)]:\(address.port)"
        guard let observation, case .connect(let connect) = observation.behaviour,
            case .ip(_, let domain?) = connect.peer
        else { return text }
        return "\(printable(domain, limit: 260)) (\(text))"
    }

    /// To the millisecond; the ECS line has it all.
    private func stamp(_ time: Int64) -> String {
        Timestamp.line(time).prefix(23) + "Z"
    }

    private func percent(_ share: Double) -> String {
        let tenths = Int((min(max(share, 0), 1) * 1000).rounded())
        return "\(tenths / 10).\(tenths % 10) %"
    }

    private func code(_ severity: Int) -> String {
        switch severity {
        case 80...: "1;31"
        case 60..<80: "31"
        case 40..<60: "33"
        default: "36"
        }
    }

    private func paint(_ text: String, _ code: String) -> String {
        color ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }
}
