import Drift
import Testing
import Workloads

@testable import Responses

/// Which alerts a policy is for.
@Suite struct MatcherTests {
    private static func match(_ change: (inout Match) -> Void) -> Matcher {
        var match = Match()
        change(&match)
        return Matcher([Policy(name: "p", match: match, steps: [.kill(.process)])])
    }

    @Test(arguments: [
        ("all", Scene.alert(), true), ("another rule", Scene.alert(.openUnexpected), false),
        ("another workload", Scene.alert(workload: Scene.workload("k8s/a/b")), false),
        ("no baseline", Scene.alert(state: nil), false), ("learning", Scene.alert(state: "learning"), false),
    ])
    func byWhatItSays(_ name: String, _ alert: Anomaly, _ matches: Bool) {
        var matcher = Self.match {
            $0.rules = [.openCredential, .execShell]
            $0.workloads = ["oci/*"]
            $0.severity = 70
        }
        #expect(matcher.matches(alert, at: 0) == (matches ? [0] : []), "\(name)")
        // 65 of 70.
        #expect(matcher.matches(Scene.alert(.execShell), at: 0) == [])
    }

    @Test func whatHasNoBaselineWhereThatIsAskedFor() {
        var matcher = Self.match { $0.baselines = ["none"] }
        #expect(matcher.matches(Scene.alert(state: nil), at: 0) == [0] && matcher.matches(Scene.alert(), at: 0) == [])
    }

    @Test func soManyWithinATime() {
        var matcher = Self.match {
            $0.count = 3
            $0.within = 10
        }
        func at(_ seconds: UInt64, _ id: String = "oci/web", count: UInt64 = 1) -> Bool {
            let alert = Scene.alert(workload: Scene.workload(id), count: count)
            return !matcher.matches(alert, at: seconds * Scene.second).isEmpty
        }
        #expect(!at(0) && !at(1) && !at(2, "oci/other"), "each workload for itself")
        #expect(at(3), "three")
        #expect(!at(4), "it begins anew")
        #expect(!at(15) && !at(20), "the first is too long ago")
        #expect(at(21, count: 7), "acts that one alert tells of")
    }
}
