import Baselines
import Drift
import Events
import Testing
import Workloads

@Suite struct BacktestTests {
    private func alert(_ observation: Observation, _ rule: Rule, day: Int64 = 0) -> Anomaly {
        Anomaly(
            id: 1, rule: rule, time: observation.time + day * 86400 * Acts.second, kind: observation.event.kind,
            workload: observation.workload, observation: observation, reason: "", incident: .init(id: 1, first: 1))
    }

    @Test func alertsAreCountedByDayAndRule() {
        var backtest = Backtest()
        let shell = Acts.exec("/bin/sh", ["-c", "x"])
        for _ in 0..<2 { backtest.told(alert(shell, .execReverseShell)) }
        for name in ["a", "b", "c"] {
            let act = Acts.open("/srv/web/\(name).html")
            backtest.saw(act, judged: true)
            backtest.told(alert(act, .openUnexpected, day: 1))
        }
        backtest.saw(Acts.open("/x", in: Acts.cron), judged: false)
        let report = backtest.report()
        #expect(report.alerts == 5 && report.events == 4 && report.workloads == ["container/web"])
        #expect(report.unjudged == ["unit/cron.service": 1])
        #expect(report.days.map(\.day) == ["2026-11-20", "2026-11-21"])
        #expect(report.days.map(\.rules) == [["exec.reverse-shell": 2], ["open.unexpected": 3]])
        #expect(report.told.first?.rule == "exec.reverse-shell" && report.told.first?.alerts == 2)
        // A reverse shell is nothing to be silenced.
        #expect(
            report.silences.map(\.entry) == ["{exe: /usr/sbin/nginx, path: /srv/web/*, access: [read]}"]
                && report.silences[0].alerts == 3)
    }
}
