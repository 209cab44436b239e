import Drift

/// Something that a control can rest on, found in the evidence, the register or the store.
enum Ground: String, CaseIterable {
    case watching, losses, blindness
    case alerts, intrusions, foreignPrograms, secrets, destinations, ports, files, incidents, techniques
    case baselines, approvals
    case identities, owners, reviews, offboarding, attestation, scans, privilege, flows
    case credentials, sharing, people
    case lives, custody, chain, anchor, year, quarter
    case notified, contained, decided
}

/// What there is of a ground: a sentence, and where to look it up.
struct Found: Encodable, Sendable {
    var ground: String
    /// In words, with the numbers.
    var what: String
    var count: Int
    /// Lines of the evidence, by number; the first few.
    var lines: [UInt64]
    /// What shows it again.
    var command: String
    /// What keeps it from being all that there should be, in words.
    var lacks: String?

    init(_ what: String, _ count: Int, _ lines: [UInt64] = [], _ command: String, lacks: String? = nil) {
        ground = ""
        (self.what, self.count, self.lines, self.command, self.lacks) = (what, count, lines, command, lacks)
    }
}

/// Looks for grounds in what a report says.
struct Grounds {
    let report: Report

    /// Nil: there is nothing of it.
    func find(_ ground: Ground) -> Found? {
        var found =
            switch ground {
            case .watching, .losses, .blindness: ofCoverage(ground)
            case .alerts, .intrusions, .foreignPrograms, .secrets, .destinations, .ports, .files, .incidents,
                .techniques:
                ofAlerts(ground)
            case .baselines, .approvals: ofBaselines(ground)
            case .identities, .owners, .reviews, .offboarding, .attestation, .scans, .privilege, .flows:
                ofIdentities(ground)
            case .credentials, .sharing, .people: ofCredentials(ground)
            case .lives, .custody, .chain, .anchor, .year, .quarter: ofEvidence(ground)
            case .notified, .contained, .decided: ofResponses(ground)
            }
        found?.ground = ground.rawValue
        return found
    }

    /// Whether anything was watched: where nobody looked, having found nothing says nothing.
    private var isWatched: Bool { report.coverage.seconds > 0 }

    private func ofCoverage(_ ground: Ground) -> Found? {
        let coverage = report.coverage
        guard isWatched else { return nil }
        let starts = coverage.starts
        switch ground {
        case .watching:
            let tier = coverage.tiers.isEmpty ? "" : ", tier \(coverage.tiers.joined(separator: " and "))"
            return Found(
                "watched for \(Words.percent(coverage.share)) of the time\(tier)", Int(coverage.seconds), starts.lines,
                "driftwatch evidence show | jq 'select(.event.action | test(\"^monitor-\"))'")
        case .losses:
            let lost =
                coverage.losses.count == 0
                ? "no loss was counted"
                : "\(Words.count(coverage.lost, "lost act")) told in \(Words.count(coverage.losses.count, "line"))"
            let away = Words.count(coverage.unwatched.count, "stretch", "stretches")
            return Found(
                "\(lost), and \(away) of time without a monitor", coverage.losses.count + coverage.unwatched.count,
                coverage.losses.first.prefix(Pointer.most).map(\.line),
                "driftwatch evidence show | jq 'select(.event.action == \"coverage-gap\")'")
        default:
            return Found(
                "\(Words.count(coverage.blind.count, "thing")) that the tier cannot see, named at each start",
                coverage.blind.count, starts.lines, "driftwatch doctor")
        }
    }

    private func ofAlerts(_ ground: Ground) -> Found? {
        guard isWatched else { return nil }
        let alerts = report.alerts
        func told(_ what: String, _ rules: [Rule]) -> Found {
            let pointer = alerts.pointer(rules)
            let names = rules.map { "\"\($0.id)\"" }.joined(separator: ",")
            return Found(
                "\(Words.count(pointer.count, "alert")) about \(what)", pointer.count, pointer.lines,
                "driftwatch evidence show | jq 'select(.rule.id | IN(\(names)))'")
        }
        switch ground {
        case .intrusions:
            return told(
                "shells, reverse shells, sessions from outside and ways out of a container",
                [.execShell, .execReverseShell, .execInjected, .openEscape])
        case .foreignPrograms:
            return told(
                "programs that are new, not of the image or without a file",
                [.execUnexpected, .execDropped, .execFileless])
        case .secrets: return told("secrets read by what is not known to read them", [.openCredential])
        case .destinations: return told("destinations never reached before", [.connectUnexpected])
        case .ports: return told("ports never opened before", [.listenUnexpected])
        case .files: return told("files opened or written as never before", [.openUnexpected, .openEscape])
        case .incidents:
            guard alerts.count > 0 else { return nil }
            return Found(
                "\(Words.count(alerts.count, "alert")) joined to \(Words.count(alerts.incidents, "incident"))",
                alerts.incidents, lines(alerts), "driftwatch evidence show | jq .driftwatch.incident.id")
        case .techniques:
            guard !alerts.techniques.isEmpty else { return nil }
            let names = Words.count(alerts.techniques.names, "technique")
            return Found(
                "\(names) of \(Threat.framework) named in alerts", alerts.techniques.names, lines(alerts),
                "driftwatch evidence show | jq .threat.technique")
        default:
            let acts = report.coverage.account.judged
            let of = acts > 0 ? ", of \(Words.count(acts, "act")) that were judged" : ""
            return Found(
                "\(Words.count(alerts.count, "alert"))\(of)", alerts.count, lines(alerts),
                "driftwatch evidence show | jq 'select(.event.kind == \"alert\")'")
        }
    }

    private func lines(_ alerts: AlertChapter) -> [UInt64] {
        Array(alerts.worst.first.prefix(Pointer.most).map(\.line).sorted())
    }

    private func ofBaselines(_ ground: Ground) -> Found? {
        let baselines = report.baselines
        if ground == .approvals {
            guard baselines.changes.count > 0 else { return nil }
            return Found(
                "\(Words.count(baselines.changes.count, "change")) of what is normal by \(Words.count(baselines.people, "person", "people")), \(baselines.withReason) with a reason",
                baselines.changes.count, [], "driftwatch baseline history")
        }
        guard baselines.count > 0 else { return nil }
        let armed = baselines.count(.armed)
        let isEnough = Double(armed) >= Self.enoughArmed * Double(baselines.count)
        return Found(
            "\(Words.count(baselines.count, "baseline")), \(armed) of them armed", armed, [],
            "driftwatch baseline list",
            lacks: isEnough ? nil : "\(baselines.count - armed) of \(baselines.count) baselines are not armed")
    }

    /// Some are always being learned.
    private static let enoughArmed = 0.9
}
