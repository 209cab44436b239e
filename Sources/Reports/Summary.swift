import Evidence

/// The report in a few sentences: what was watched, how completely, what was found.
enum Summary {
    static func sentences(of report: Report) -> [String] {
        [
            watched(report), lost(report), proof(report), found(report), responses(report), normal(report),
            identities(report), controls(report),
        ].compactMap(\.self)
    }

    private static func watched(_ report: Report) -> String {
        let coverage = report.coverage
        guard coverage.seconds > 0 else { return "Nobody watched in this time, so nothing is known of it." }
        let tier = coverage.tiers.isEmpty ? "" : " (tier \(Words.list(coverage.tiers)))"
        var text = "The node was watched for \(Words.percent(coverage.share)) of the time\(tier)"
        if coverage.unwatched.count > 0 {
            let away = Int64(coverage.unwatchedSeconds * 1e9)
            text +=
                "; nobody watched in \(Words.count(coverage.unwatched.count, "stretch", "stretches")), together \(Words.duration(away))"
        }
        return text + "."
    }

    private static func lost(_ report: Report) -> String? {
        let coverage = report.coverage
        guard coverage.seconds > 0 else { return nil }
        if coverage.lost == 0, coverage.account.unseen == 0 { return "No act was lost that could be counted." }
        let of = coverage.account.seen > 0 ? " of \(Words.digits(coverage.account.seen))" : ""
        return
            "\(Words.count(max(coverage.lost, coverage.account.unseen), "act"))\(of) went by without being looked at; when and whose is told below."
    }

    private static func proof(_ report: Report) -> String {
        let proof = report.proof
        let until = proof.proven.map { ", proven up to line \($0.line) of \($0.time)" } ?? ""
        guard proof.whole else {
            let findings = Words.count(proof.findings.count + proof.moreFindings, "change")
            return "THE EVIDENCE IS NOT AS IT WAS WRITTEN: \(findings) found\(until)."
        }
        return "The evidence, \(Words.count(Int(clamping: proof.lines), "line")), is as it was written\(until)."
    }

    private static func found(_ report: Report) -> String {
        let alerts = report.alerts
        guard alerts.count > 0 else { return "There was no alert." }
        let grades = Grade.allCases.filter { alerts[$0] > 0 }.map { "\(Words.digits(alerts[$0])) \($0.rawValue)" }
        return
            "\(Words.count(alerts.count, "alert")) in \(Words.count(alerts.incidents, "incident")) about \(Words.count(alerts.workloads.names, "workload")): \(Words.list(grades))."
    }

    private static func responses(_ report: Report) -> String {
        let responses = report.responses
        guard responses.count > 0 else { return "No response took place: none was asked for, or none was due." }
        let contained = responses.pointer(ResponseChapter.containing).count
        var parts = ["\(Words.count(contained, "time")) something was restricted, frozen, ended or revoked"]
        if responses.dry.count > 0 { parts.append("\(responses.dry.count) only said what would have been done") }
        if responses.refused.count > 0 { parts.append("\(responses.refused.count) kept from it by a guard") }
        if responses.failed.count > 0 { parts.append("\(responses.failed.count) failed") }
        if responses.refusedConnects > 0 {
            parts.append("\(Words.count(responses.refusedConnects, "connect")) refused by a restriction")
        }
        return "Of \(Words.count(responses.count, "decision")) about responses: \(parts.joined(separator: "; "))."
    }

    private static func normal(_ report: Report) -> String {
        let baselines = report.baselines
        guard baselines.count > 0 else { return "Nothing is known to be normal yet." }
        var text =
            "Of \(Words.count(baselines.count, "baseline")) \(baselines.count(.armed)) armed, \(baselines.count(.candidate)) waiting for a person, \(baselines.count(.learning)) being learned"
        if baselines.changes.count > 0 {
            text +=
                "; \(Words.count(baselines.people, "person", "people")) changed what is normal \(Words.count(baselines.changes.count, "time"))"
        }
        return text + "."
    }

    private static func identities(_ report: Report) -> String {
        let register = report.register
        guard register.counts.identities > 0 else { return "No identity is registered." }
        let states = register.states.filter { $0.count > 0 }.map { "\($0.count) \($0.state)" }
        var text = "\(Words.count(register.counts.identities, "identity", "identities")): \(Words.list(states))"
        text += "; \(Words.count(register.counts.credentials, "credential")) read"
        if register.counts.shared > 0 { text += ", \(register.counts.shared) by several workloads" }
        if register.counts.peopleOnly > 0 { text += ", \(register.counts.peopleOnly) by people only" }
        return text + "."
    }

    private static func controls(_ report: Report) -> String {
        func count(_ status: ControlResult.Status) -> Int { report.controls.count { $0.status == status } }
        return
            "Of \(Words.count(report.controls.count, "control")) there is evidence for \(count(.evidence)), partial evidence for \(count(.partial)), none for \(count(.none))."
    }
}

/// Something that waits for somebody, and what to type.
struct Waiting: Encodable, Sendable {
    var what: String
    var command: String

    /// What matters most first.
    static func all(of report: Report) -> [Waiting] {
        var tasks: [Waiting] = []
        func add(_ count: Int, _ command: String, _ what: (Int) -> String) {
            if count > 0 { tasks.append(Waiting(what: what(count), command: command)) }
        }
        let register = report.register
        if !report.proof.whole {
            tasks.append(
                Waiting(
                    what: "The evidence was changed: find out by whom before relying on anything here",
                    command: "driftwatch evidence verify"))
        }
        add(report.alerts[.critical], "driftwatch evidence show | jq 'select(.event.severity >= 80)'") {
            "\(Words.count($0, "critical alert")) to be looked into"
        }
        add(report.responses.waiting(at: report.made.nanoseconds), "driftwatch response list") {
            "\(Words.count($0, "response")) that \($0 == 1 ? "waits" : "wait") for an approval"
        }
        add(report.responses.failed.count, "driftwatch response list") {
            "\(Words.count($0, "response")) failed"
        }
        add(report.baselines.count(.candidate), "driftwatch baseline list") {
            "\(Words.count($0, "baseline")) could be armed, and \($0 == 1 ? "waits" : "wait") for somebody to say so"
        }
        add(register.count(.expired), "driftwatch register") {
            "\(Words.count($0, "identity", "identities")) should be gone by now"
        }
        add(register.count(.orphaned), "driftwatch register --owners FILE") {
            "\(Words.count($0, "identity", "identities")) without anybody who answers for \($0 == 1 ? "it" : "them")"
        }
        add(register.counts.overdue, "driftwatch register") { "\(Words.count($0, "review")) overdue" }
        add(register.counts.shared, "driftwatch register") {
            "\(Words.count($0, "credential")) read by more than one workload"
        }
        add(register.counts.peopleOnly, "driftwatch register") {
            "\(Words.count($0, "credential")) used by people only"
        }
        add(report.coverage.unwatched.count, "driftwatch doctor") {
            "\(Words.count($0, "stretch", "stretches")) of time in which nobody watched"
        }
        return tasks
    }
}
