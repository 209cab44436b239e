import Testing

@testable import Reports

@Suite struct CoverageTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var testDescription: String
        /// Hours since the begin of the period at which somebody starts or stops to watch.
        var lines: [(kind: String, hour: Int64)]
        var alive: Int64?
        var watched: [ClosedRange<Int64>]
        var why: [String]
    }

    static let cases = [
        Case(testDescription: "all of it", lines: [("start", -5), ("stop", 200)], watched: [0...168], why: []),
        Case(testDescription: "nobody ever", lines: [("other", 1)], watched: [], why: ["no monitor ran"]),
        Case(
            testDescription: "stopped and started", lines: [("start", 0), ("stop", 10), ("start", 20), ("stop", 168)],
            watched: [0...10, 20...168], why: ["no monitor ran"]),
        Case(
            testDescription: "killed: the next one knows since when",
            lines: [("start", 0), ("start", 50), ("gap", 40), ("stop", 168)],
            watched: [0...40, 50...168], why: ["the monitor did not run"]),
        Case(
            testDescription: "killed, and nothing more: to its last line", lines: [("start", 0), ("other", 100)],
            watched: [0...100], why: ["no monitor ran"]),
        Case(
            testDescription: "it runs: to its last sign of life", lines: [("start", 0), ("other", 100)], alive: 168,
            watched: [0...168], why: []),
        Case(
            testDescription: "begun late", lines: [("start", 24), ("stop", 168)], watched: [24...168],
            why: ["no evidence is kept of that time"]),
        Case(
            testDescription: "all of it before", lines: [("start", -50), ("stop", -10)], watched: [],
            why: ["no monitor ran"]),
        Case(
            testDescription: "a clock that was set back",
            lines: [("start", 10), ("stop", 5), ("start", 6), ("stop", 168)],
            watched: [6...168], why: ["no evidence is kept of that time"]),
    ]

    @Test(arguments: cases) func whenSomebodyWatched(_ test: Case) throws {
        let scene = try Scene()
        for (kind, hour) in test.lines {
            let time = Scene.begin + hour * Scene.hour
            let line =
                switch kind {
                case "start": Recorded.started(time)
                case "stop": Recorded.stopped(time)
                case "gap": Recorded.gap("the monitor did not run", time, time + 10 * Scene.hour)
                default: Recorded.alert("exec.shell", time)
                }
            try scene.add(line, at: time)
        }
        try scene.seal()
        let alive = test.alive.map { Scene.begin + $0 * Scene.hour }
        let coverage = try scene.report(alive: alive).coverage
        let watched = coverage.watched.first.map {
            ($0.from.nanoseconds - Scene.begin) / Scene.hour...($0.to.nanoseconds - Scene.begin) / Scene.hour
        }
        #expect(watched == test.watched)
        let hours = test.watched.reduce(0) { $0 + $1.upperBound - $1.lowerBound }
        #expect(abs(coverage.share - Double(hours) / 168) < 0.001)
        let unwatched = coverage.unwatched.first.sorted { $0.from.nanoseconds < $1.from.nanoseconds }
        #expect(unwatched.map(\.why) == test.why)
    }

    /// A pause is no time without a monitor: the kernel goes on, and what it lost is counted.
    @Test func aPauseIsTold() throws {
        let scene = try Scene()
        try scene.add(Recorded.started(Scene.begin), at: Scene.begin)
        let why = "the monitor did not run for 3.0 s: it was stopped, or starved of processor time"
        try scene.add(
            Recorded.gap(why, Scene.begin + Scene.hour, Scene.begin + 2 * Scene.hour, lost: 5), at: Scene.begin)
        try scene.add(Recorded.gap(why, Scene.begin - Scene.hour, Scene.begin - 1, lost: 9), at: Scene.begin)
        try scene.seal()
        let coverage = try scene.report(alive: Scene.now).coverage
        #expect(coverage.share == 1 && coverage.lost == 5 && coverage.losses.count == 1)
    }
}
