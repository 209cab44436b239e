import Drift
import Events
import Evidence
import Foundation
import Testing
import Workloads

@testable import Sinks

@Suite struct LineTests {
    static let created = Scenes.now + 1_500_000

    static func alerts() -> [Anomaly] {
        var detector = Detector(seed: 2)
        let alerts = Scenes.anomalies.compactMap { act, standing in
            detector.judge(act, standing) {
                Difference(dimension: "executable", nearest: "exec /usr/sbin/nginx", allow: "exec: []\n")
            }.alert
        }
        detector.turnedAway([1, 0, 0, 70], by: Scenes.web, cgroup: 1)
        return alerts + detector.saturated(at: Scenes.now) { _ in Scenes.facts }
    }

    static func states() -> [StateEvent] {
        var ledger = Ledger()
        ledger.setKernel(.open, known: 90, emitted: 7, overQuota: 2, lost: 1)
        ledger[.open].received = 7
        ledger[.open].judged = 7
        let monitor = StateEvent.Monitor(
            tier: "tracepoint", hooks: ["cgroup/connect4", "tp_btf/sched_process_exec"],
            gaps: [.init(id: "mmap", text: "a file that is mapped by an open descriptor")], ledger: ledger)
        var account = monitor
        account.workloads = [.init(workload: "host", ledger: ledger)]
        return [
            .started(monitor),
            .gap(
                .init(from: Scenes.now - Scenes.second, to: Scenes.now, why: "ring full", lost: 3, workloads: ["host"])),
            .armed(Scenes.web, Scenes.facts), .ended(Self.life, at: Scenes.now), .stopped(account),
        ]
    }

    /// A job that reached one place, and asked for its identity.
    static let life: Life = {
        var lives = Lives()
        let acts = [
            Scenes.connect(.ip(Scenes.v4), .tcp), Scenes.connect(.unix(path: "/run/spire/sockets/agent.sock"), .unix),
            Scenes.exec("/usr/bin/id", ["id"]),
        ]
        for act in acts { lives.acted(act, home: 1, isPreExisting: true) }
        return lives.takeEnded(at: Scenes.now, isGone: { _ in true }, atRest: true)[0].life
    }()

    @Test func behavioursAreAsTheyWere() throws {
        var format = ECSFormat(host: Scenes.host, seed: 1)
        var lines: [[UInt8]] = []
        for scene in Scenes.behaviours { lines.append(format.behaviour(scene.act, created: Self.created)) }
        try Golden.compare("behaviours", lines)
    }

    @Test func alertsAreAsTheyWere() throws {
        var format = ECSFormat(host: Scenes.host, seed: 1)
        var lines: [[UInt8]] = []
        for alert in Self.alerts() { lines.append(format.alert(alert, created: Self.created)) }
        #expect(Set(Self.alerts().map(\.rule)) == Set(Rule.allCases))
        try Golden.compare("alerts", lines)
    }

    @Test func statesAreAsTheyWere() throws {
        var format = ECSFormat(host: Scenes.host, seed: 1)
        var lines: [[UInt8]] = []
        for state in Self.states() { lines.append(format.state(state, at: Scenes.now, created: Self.created)) }
        try Golden.compare("states", lines)
    }

    @Test func textIsAsItWas() throws {
        let text = TextFormat(color: false)
        var lines = Scenes.behaviours.map { text.behaviour($0.act) }
        lines += Self.alerts().map(text.alert)
        lines += Self.states().map { text.state($0, at: Scenes.now) }
        for line in lines {
            #expect(line.last == 0x0a && !line.dropLast().contains { $0 < 0x20 || $0 == 0x7f })
        }
        try Golden.compare("text", lines)
    }

    /// What any JSON reader makes of our lines.
    @Test func linesAreWholeAndSorted() throws {
        var format = ECSFormat(host: Scenes.host, seed: 1)
        var lines: [[UInt8]] = []
        for scene in Scenes.behaviours { lines.append(format.behaviour(scene.act, created: Self.created)) }
        for alert in Self.alerts() { lines.append(format.alert(alert, created: Self.created)) }
        for state in Self.states() { lines.append(format.state(state, at: Scenes.now, created: Self.created)) }
        for (number, line) in lines.enumerated() {
            #expect(line.last == 0x0a && !line.dropLast().contains { $0 < 0x20 || $0 == 0x7f })
            let object = try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
            let sorted = try JSONSerialization.data(
                withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
            #expect(keys(Array(sorted)) == keys(line))
            let event = try #require(object["event"] as? [String: Any])
            #expect(event["sequence"] as? Int == number + 1)
            for field in ["@timestamp", "ecs", "host"] { #expect(object[field] != nil) }
            for field in ["id", "kind", "category", "type", "action", "dataset", "created"] {
                #expect(event[field] != nil)
            }
        }
    }

    /// The keys of a line in the order in which they come.
    private func keys(_ line: [UInt8]) -> [String] {
        let text = String(decoding: line, as: UTF8.self)
        return text.matches(of: /[{,]"([@a-z_0-9]+)":/).map { String($0.1) }
    }

    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00.000000000Z"), (-1, "1969-12-31T23:59:59.999999999Z"),
        (951_782_400_000_000_000, "2000-02-29T00:00:00.000000000Z"),
        (1_795_167_600_000_000_001, "2026-11-20T09:40:00.000000001Z"),
        (Int64.max, "2262-04-11T23:47:16.854775807Z"), (Int64.min, "1677-09-21T00:12:43.145224192Z"),
    ]) func timesAreExact(_ time: Int64, _ text: String) {
        #expect(Timestamp.line(time) == text)
        if time > Int64.min + Scenes.second { #expect(Timestamp.nanoseconds(text) == time) }
    }

    @Test(arguments: [
        ("2026-11-20T10:40:00+01:00", Int64(1_795_167_600_000_000_000)),
        ("2026-11-20t09:40:00.5z", 1_795_167_600_500_000_000),
    ]) func otherTimesAreRead(_ text: String, _ time: Int64) { #expect(Timestamp.nanoseconds(text) == time) }

    @Test(arguments: [
        "", "2026-11-20", "2026-13-20T09:40:00Z", "2026-11-20T09:40:00", "2026-11-20T09:40:00.Z",
        "2026-11-20T09:40:00Zx",
    ])
    func noTimesAreRefused(_ text: String) { #expect(Timestamp.nanoseconds(text) == nil) }

    @Test func colourIsForTerminalsOnly() {
        #expect(TextFormat.wantsColor(isTerminal: true, noColor: nil))
        #expect(TextFormat.wantsColor(isTerminal: true, noColor: ""))
        #expect(!TextFormat.wantsColor(isTerminal: true, noColor: "1"))
        #expect(!TextFormat.wantsColor(isTerminal: false, noColor: nil))
        #expect(TextFormat(color: true).alert(Self.alerts()[0]).contains(0x1b))
    }

    @Test func theLedgerAddsUp() {
        guard case .started(let monitor) = Self.states()[0] else { return }
        #expect(monitor.ledger.balances && monitor.ledger.unseen == 3)
        var consumer = Ledger()
        consumer[.open].undecodable = 1
        let sum = monitor.ledger &+ consumer
        #expect(!sum.balances && sum[.open].undecodable == 1 && sum[.open].seen == 100)
    }
}
