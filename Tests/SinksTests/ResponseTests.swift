import Drift
import Foundation
import Testing
import Workloads

@testable import Responses
@testable import Sinks

/// Lines about what was done.
@Suite struct ResponseTests {
    private static func decision(
        _ act: Decision.Act, _ step: StepKind?, outcome: Decision.Outcome? = nil,
        mode: ResponsePolicy.Mode = .enforce, _ change: (inout Decision) -> Void = { _ in }
    ) -> Decision {
        let target = Target(workload: Scenes.web, home: 7, path: "/kubepods/web")
        let ticket = Ticket(
            id: 0x3fa0_9c51_d2e8_7b44, policy: "stolen-token", mode: mode, alert: 0x9758_35de_1c97_56ce,
            rule: Rule.openCredential.id, target: target)
        var decision = Decision(act, ticket, step, at: Scenes.now, outcome: outcome)
        change(&decision)
        return decision
    }

    static let decisions: [Decision] = [
        decision(.notified, .notify) {
            $0.outlet = "https://pager.test/x"
            $0.answer = "answered 200"
        },
        decision(.notified, .notify, outcome: .failure) {
            $0.outlet = "/usr/local/bin/page"
            $0.why = "it did not end in 30s and was killed"
        },
        decision(.revoked, .revoke) { $0.outlet = "/usr/local/bin/revoke" },
        decision(.restricted, .restrict) {
            $0.until = Scenes.now + 600 * Scenes.second
            $0.notes = ["api.internal leads nowhere until the workload asks for it"]
        },
        decision(.restricted, .restrict, mode: .dryRun) { $0.until = Scenes.now + 600 * Scenes.second },
        decision(.lifted, .restrict) {
            $0.why = "its time is over"
            $0.turnedAway = 12
        },
        decision(.frozen, .freeze, outcome: .failure) { $0.why = "cgroup /kubepods/web is gone" },
        decision(.frozen, .freeze) { $0.until = Scenes.now + 300 * Scenes.second },
        decision(.thawed, .freeze) {
            $0.who = "anna as root"
            $0.why = "enough \u{1b}[31m"
        },
        decision(.killed, .kill) { $0.answer = "process 4711" },
        decision(.queued, nil) { $0.until = Scenes.now + 3600 * Scenes.second },
        decision(.approved, nil) {
            $0.who = "anna"
            $0.why = "seen"
        },
        decision(.expired, nil) { $0.why = "nobody approved it in time" },
        decision(.refused, .kill) { $0.why = "k8s/shop/** is protected" },
        decision(.refused, .restrict, mode: .dryRun) { $0.why = "within a minute 3 workloads were dealt with" },
    ]

    @Test func linesAreAsTheyWere() throws {
        #expect(Set(Self.decisions.map(\.act)) == Set(Decision.Act.allCases))
        var format = ECSFormat(host: Scenes.host, seed: 1)
        var lines = Self.decisions.map { format.decision($0, created: LineTests.created) }
        for line in lines {
            _ = try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
            #expect(try EventReader.read(Array(line.dropLast())) == nil, "it is nobody's behaviour")
        }
        let text = TextFormat(color: false)
        lines += Self.decisions.map { text.decision($0) }
        try Golden.compare("response", lines)
    }
}
