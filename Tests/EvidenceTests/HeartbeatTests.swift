import Testing

@testable import Evidence

@Suite struct HeartbeatTests {
    private static let last = Heartbeat(wall: 1_000, boot: 500, bootID: "one")

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var last = HeartbeatTests.last
        var now: Heartbeat
        var from: Int64
        var why: String
    }

    @Test(arguments: [
        Case(
            testDescription: "a restart", now: Heartbeat(wall: 1_030, boot: 530, bootID: "one"), from: 1_000,
            why: "the monitor did not run"),
        Case(
            testDescription: "the clock was set back", now: Heartbeat(wall: 100, boot: 530, bootID: "one"), from: 70,
            why: "the monitor did not run"),
        Case(
            testDescription: "the clock was set ahead", now: Heartbeat(wall: 9_000, boot: 530, bootID: "one"),
            from: 8_970, why: "the monitor did not run"),
        Case(
            testDescription: "a reboot", now: Heartbeat(wall: 2_000, boot: 20, bootID: "two"), from: 1_000,
            why: "the monitor did not run, and the machine was started anew"),
        Case(
            testDescription: "a reboot, and the clock was set back", now: Heartbeat(wall: 900, boot: 20, bootID: "two"),
            from: 900,
            why:
                "the monitor did not run, and the machine was started anew; since when is not known, as the clock was set back"
        ),
        Case(
            testDescription: "left by an older version", last: Heartbeat(wall: 1_000, boot: 0, bootID: ""),
            now: Heartbeat(wall: 2_000, boot: 20, bootID: "two"), from: 1_000, why: "the monitor did not run"),
    ])
    func downtime(_ tested: Case) {
        let found = tested.last.downtime(until: tested.now)
        #expect(found.from == tested.from && found.to == tested.now.wall && found.from <= found.to)
        #expect(found.why == tested.why)
    }

    @Test(arguments: [
        ("1000 500 one", HeartbeatTests.last), ("1000", Heartbeat(wall: 1000, boot: 0, bootID: "")), ("", nil),
        ("soon", nil),
    ])
    func text(_ text: String, _ expected: Heartbeat?) {
        #expect(Heartbeat(text) == expected)
        if let expected, !expected.bootID.isEmpty { #expect(expected.text == text) }
    }
}
