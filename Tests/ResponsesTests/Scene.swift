import Baselines
import Drift
import Events
import Workloads

@testable import Responses

/// Alerts, orders and moments to be decided about.
enum Scene {
    static let second: UInt64 = 1_000_000_000

    static func workload(_ id: String = "oci/web", kind: Workload.Kind = .oci) -> Workload {
        Workload(id: id, kind: kind, instance: id)
    }

    static func moment(_ seconds: Double, wall: Double? = nil) -> Moment {
        Moment(boot: UInt64(seconds * 1e9), wall: Int64((wall ?? seconds) * 1e9))
    }

    static func target(_ home: UInt64 = 7, id: String = "oci/web", kind: Workload.Kind = .oci) -> Target {
        var target = Target(workload: workload(id, kind: kind), home: home, path: "/box/\(home)")
        (target.pid, target.start) = (4711, second)
        return target
    }

    static func order(
        _ target: Target = target(), policy: Int = 0, alert: UInt64 = 1, hasBaseline: Bool = true
    ) -> Order {
        Order(
            policy: policy, alert: alert, rule: .openCredential, severity: 75, target: target,
            line: Array(#"{"event":{"kind":"alert"}}"#.utf8), file: "/run/secrets/token", executable: "/bin/cat",
            reach: hasBaseline ? Reach(spec: BaselineSpec(), names: []) : nil)
    }

    static func alert(
        _ rule: Rule = .openCredential, workload: Workload = workload(), state: String? = "armed", count: UInt64 = 1
    ) -> Anomaly {
        Anomaly(
            id: 1, rule: rule, time: 0, kind: .open, workload: workload, observation: nil, reason: "",
            baseline: state.map { BaselineFacts(state: $0) }, count: count, incident: .init(id: 1, first: 1))
    }

    static func docket(
        _ steps: [Step], mode: ResponsePolicy.Mode = .enforce, approval: Double? = nil, own: String = "/own",
        stopFile: Bool = false, change: (inout ResponsePolicy) -> Void = { _ in }
    ) -> Docket {
        var policy = ResponsePolicy()
        policy.mode = mode
        policy.stopFile = "/run/stop"
        policy.policies = [Policy(name: "p", approval: approval, steps: steps)]
        change(&policy)
        return Docket(policy, guards: Guards(policy, own: own) { _ in stopFile }, seed: 1)
    }
}

extension Docket.Action {
    /// As a test compares it.
    var words: String {
        switch self {
        case .tell(let decision): decision.act.rawValue + (decision.why.map { ": " + $0 } ?? "")
        case .send(let errand): "send \(errand.kind.rawValue)"
        case .restrict(let measure, _): "restrict \(measure.home)"
        case .freeze(let measure): "freeze \(measure.home)"
        case .kill(let ticket, let scope): "kill \(scope.rawValue) \(ticket.target.home)"
        case .undo(let measure, let ending): "undo \(measure.step.rawValue) \(measure.home): \(ending.why)"
        }
    }

    var decision: Decision? { if case .tell(let decision) = self { decision } else { nil } }
}
