import Foundation
import Testing

@testable import Drift
@testable import Sinks

@Suite(.enabled(if: ProcessInfo.processInfo.environment["DRIFTWATCH_BENCH"] != nil)) struct SpeedTests {
    @Test func linesPerSecond() {
        let acts = [Scenes.behaviours[0].act, Scenes.behaviours[9].act, Scenes.open("/etc/nginx/nginx.conf")]
        var format = ECSFormat(host: Scenes.host, seed: 1)
        var bytes = 0
        let rounds = 100_000
        let taken = ContinuousClock().measure {
            for round in 0..<rounds { bytes += format.behaviour(acts[round % 3], created: Scenes.now).count }
        }
        print("behaviour line: \(nanoseconds(taken) / rounds) ns, \(bytes / rounds) bytes")
        let alert = LineTests.alerts()[1]
        let alerts = ContinuousClock().measure {
            for _ in 0..<rounds { bytes += format.alert(alert, created: Scenes.now).count }
        }
        print("alert line: \(nanoseconds(alerts) / rounds) ns")
        var detector = Detector(seed: 1)
        let opens = (0..<1000).map { Scenes.open("/srv/data/\($0)/file.txt") }
        let judging = ContinuousClock().measure {
            for round in 0..<rounds {
                bytes += detector.judge(opens[round % 1000], .learning(Scenes.facts)).alert == nil ? 1 : 0
            }
        }
        print("judging an open that is learned: \(nanoseconds(judging) / rounds) ns")
        let telling = ContinuousClock().measure {
            var fresh = Detector(seed: 1)
            for act in opens { bytes += fresh.judge(act, .unknown(Scenes.facts)).alert == nil ? 1 : 0 }
        }
        print("judging an open that is told: \(nanoseconds(telling) / 1000) ns")
        #expect(bytes > 0)
    }

    private func nanoseconds(_ duration: Duration) -> Int {
        Int(duration.components.seconds) * 1_000_000_000 + Int(duration.components.attoseconds / 1_000_000_000)
    }
}
