import Testing

@testable import Reports

@Suite struct PartTests {
    @Test func aTallyKeepsTheCommonestOfMany() {
        var tally = Tally(shown: 2)
        for number in 0..<30_000 {
            tally.add("rare \(number)", line: 1)
            tally.add(number.isMultiple(of: 3) ? "often" : "most", line: UInt64(number))
        }
        #expect(tally.first.map(\.name) == ["most", "often"])
        #expect(tally.first.map(\.count) == [20_000, 10_000])
        #expect(tally.total == 60_000)
    }

    @Test func aSelectionHoldsTheFirstByItsOrder() {
        var selection = Selection<Int>(3) { $0 > $1 }
        for number in [4, 9, 1, 7, 7, 2] { selection.add(number) }
        #expect(selection.first == [9, 7, 7] && selection.count == 6 && selection.more == 3)
    }

    static let spans: [(name: String, length: Int64, step: Int64)] = [
        ("a second", Scene.second, 1), ("an hour", Scene.hour, 60), ("a day", Scene.day, 1800),
        ("a week", 7 * Scene.day, 21600),
        ("a quarter", 91 * Scene.day, 172_800), ("ten years", 3653 * Scene.day, 7_776_000),
    ]

    @Test(arguments: spans) func stepsAreOnesThatPeopleUse(_ test: (name: String, length: Int64, step: Int64)) {
        let timeline = Timeline(Period(from: Scene.begin + 7, to: Scene.begin + 7 + test.length))
        #expect(timeline.length == test.step && (1...65).contains(timeline.steps.count))
        #expect(timeline.steps.allSatisfy { $0.from.nanoseconds % (test.step * Scene.second) == 0 })
    }

    @Test func whatIsCountedAtItsTime() {
        var timeline = Timeline(Period(from: Scene.begin, to: Scene.begin + Scene.hour))
        timeline.add(.high, at: Scene.begin + 61 * Scene.second)
        timeline.add(.low, at: Scene.begin - 1)
        timeline.add(.low, at: Scene.begin + 2 * Scene.hour)
        #expect(timeline.steps.map(\.total).reduce(0, +) == 1 && timeline.steps[1].high == 1)
    }

    @Test(arguments: [(0.99999, "99.9 %"), (1, "100 %"), (0, "0 %"), (0.5, "50 %")])
    func nothingLooksCompleteThatIsNot(_ share: Double, _ text: String) { #expect(Words.percent(share) == text) }

    @Test func numbersAsPeopleReadThem() {
        #expect(Words.digits(1_234_567) == "1,234,567" && Words.digits(-12) == "-12")
        #expect(Words.list(["a", "b", "c"]) == "a, b and c")
        #expect(Words.shortened("abcdefghij", 5) == "ab…ij")
    }
}
