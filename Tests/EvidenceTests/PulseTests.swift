import Testing

@testable import Evidence

@Suite struct PulseTests {
    /// What the clocks did between two turns of the loop, in seconds, and what is to be said.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var wall: Double
        var boot: Double
        var awake: Double
        var processor = 0.0
        /// The length that is told; nil: nothing is.
        var told: Double?
        var why = ""
        var unlearned: Double
    }

    @Test(arguments: [
        Case(testDescription: "as ever", wall: 1, boot: 1, awake: 1, told: nil, unlearned: 0),
        Case(testDescription: "a rough moment", wall: 1.9, boot: 1.9, awake: 1.9, told: nil, unlearned: 0),
        Case(
            testDescription: "stopped", wall: 6, boot: 6, awake: 6, processor: 0.01, told: 6,
            why: "did not run for 6.0 s", unlearned: 6),
        Case(
            testDescription: "busy", wall: 5, boot: 5, awake: 5, processor: 4.5, told: 5, why: "busy for 5.0 s",
            unlearned: 5),
        Case(
            testDescription: "asleep", wall: 61, boot: 61, awake: 1, told: 61, why: "the machine slept for 60.0 s",
            unlearned: 60),
        Case(
            testDescription: "stopped and asleep", wall: 64, boot: 64, awake: 4, told: 64,
            why: "and the machine slept for 60.0 s", unlearned: 64),
        Case(testDescription: "clock set ahead", wall: 3601, boot: 1, awake: 1, told: nil, unlearned: 3600),
        Case(testDescription: "clock set back", wall: -3599, boot: 1, awake: 1, told: nil, unlearned: -3600),
        Case(
            testDescription: "stopped, and the clock set back", wall: -3594, boot: 6, awake: 6, told: 6,
            why: "did not run for 6.0 s", unlearned: -3594),
    ])
    func beat(_ tested: Case) throws {
        func nanoseconds(_ seconds: Double) -> Int64 { Int64((seconds * 1e9).rounded()) }
        let start = Pulse.Reading(
            wall: nanoseconds(1e9), boot: 7_000_000_000, awake: 5_000_000_000, processor: 1_000_000_000)
        var pulse = Pulse(start)
        let end = Pulse.Reading(
            wall: start.wall + nanoseconds(tested.wall), boot: start.boot + UInt64(nanoseconds(tested.boot)),
            awake: start.awake + UInt64(nanoseconds(tested.awake)),
            processor: start.processor + UInt64(nanoseconds(tested.processor)))
        let pause = pulse.beat(end)
        let unlearned = [pulse.takeUnlearned(), pulse.takeUnlearned()]
        #expect(unlearned == [nanoseconds(tested.unlearned), 0])
        guard let told = tested.told else {
            #expect(pause == nil)
            return
        }
        let found = try #require(pause)
        #expect(found.to == end.wall && found.to - found.from == nanoseconds(told))
        #expect(found.why.contains(tested.why), "\(found.why)")
        // What was told is over.
        let again = pulse.beat(end)
        #expect(again == nil)
    }
}
