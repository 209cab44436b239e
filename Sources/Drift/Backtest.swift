import Baselines
import Events

/// What a baseline would have told over a time that was recorded: how much, of what, and what would silence it.
package struct Backtest: Sendable {
    /// Distinct behaviours that are told apart; of more only the numbers are right.
    static let mostBehaviours = 50_000

    private struct Act: Hashable {
        var workload: String
        var rule: Rule
        var behaviour: Behaviour?
    }

    package private(set) var alerts = 0
    private var events = 0
    private var from: Int64?
    private var until: Int64?
    private var workloads: Set<String> = []
    private var unjudged: [String: Int] = [:]
    private var days: [String: [String: Int]] = [:]
    private var acts: [Act: Int] = [:]

    package init() {}

    /// An act that was looked at; `judged`: there is a baseline for it.
    package mutating func saw(_ observation: Observation, judged: Bool) {
        events += 1
        from = min(from ?? observation.time, observation.time)
        until = max(until ?? observation.time, observation.time)
        if judged {
            workloads.insert(observation.workload.id)
        } else {
            unjudged[observation.workload.id, default: 0] += 1
        }
    }

    package mutating func told(_ alert: Anomaly) {
        alerts += 1
        days[String(Timestamp.text(alert.time).prefix(10)), default: [:]][alert.rule.id, default: 0] += 1
        let act = Act(workload: alert.workload.id, rule: alert.rule, behaviour: alert.observation?.behaviour)
        guard acts[act] != nil || acts.count < Self.mostBehaviours else { return }
        acts[act, default: 0] += 1
    }

    package struct Report: Sendable, Encodable, Equatable {
        package struct Day: Sendable, Encodable, Equatable {
            package var day: String
            package var alerts: Int
            package var rules: [String: Int]
        }
        package struct Told: Sendable, Encodable, Equatable {
            package var workload: String
            package var rule: String
            package var alerts: Int
            /// The entry that would allow it.
            package var entry: String?
        }
        package struct Silence: Sendable, Encodable, Equatable {
            package var workload: String
            package var kind: String
            package var entry: String
            package var alerts: Int
            package var behaviours: Int
        }
        package var events: Int
        package var alerts: Int
        package var from: String?
        package var until: String?
        package var workloads: [String]
        /// Events of workloads without a baseline.
        package var unjudged: [String: Int]
        package var days: [Day]
        /// Loudest first.
        package var told: [Told]
        /// What silences most first. Of rules that nothing ordinary breaks there are none.
        package var silences: [Silence]
    }

    package func report(told limit: Int = 1000, silences: Int = 10) -> Report {
        var byWorkload: [String: [Behaviour: Int]] = [:]
        for (act, count) in acts where act.rule.isOrdinary {
            if let behaviour = act.behaviour { byWorkload[act.workload, default: [:]][behaviour, default: 0] += count }
        }
        let suggested = byWorkload.flatMap { workload, behaviours in
            Suggestions.of(behaviours, limit: silences).map {
                Report.Silence(
                    workload: workload, kind: $0.kind.rawValue, entry: $0.entry, alerts: $0.alerts,
                    behaviours: $0.behaviours)
            }
        }
        let told = acts.map { act, count in
            Report.Told(
                workload: act.workload, rule: act.rule.id, alerts: count,
                entry: act.behaviour.map { BaselineSpec.allowing($0).entries.first ?? "" })
        }
        return Report(
            events: events, alerts: alerts, from: from.map(Timestamp.text), until: until.map(Timestamp.text),
            workloads: workloads.sorted(), unjudged: unjudged,
            days: days.sorted { $0.key < $1.key }.map { day, rules in
                Report.Day(day: day, alerts: rules.values.reduce(0, +), rules: rules)
            },
            told: Array(
                told.sorted {
                    ($0.alerts, $1.workload, $1.rule, $1.entry ?? "") > (
                        $1.alerts, $0.workload, $0.rule, $0.entry ?? ""
                    )
                }
                .prefix(limit)),
            silences: Array(
                suggested.sorted { ($0.alerts, $1.workload, $1.entry) > ($1.alerts, $0.workload, $0.entry) }
                    .prefix(silences)))
    }
}

extension Rule {
    /// Broken by whatever is new; the others are to be looked at, not silenced.
    fileprivate var isOrdinary: Bool {
        switch self {
        case .execUnexpected, .execShell, .connectUnexpected, .listenUnexpected, .openUnexpected: true
        default: false
        }
    }
}
