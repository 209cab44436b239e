import Testing

@testable import Reports

@Suite struct ResponseTests {
    private func responses(_ lines: [String], after: Int64 = Scene.hour) throws -> Report {
        let scene = try Scene()
        for (index, line) in lines.enumerated() { try scene.add(line, at: Scene.begin + Int64(index)) }
        try scene.seal()
        return try scene.report(now: Scene.begin + after)
    }

    @Test func whatWasDoneIsToldFromWhatWasSaid() throws {
        let report = try responses([
            Recorded.response("restricted", Scene.begin), Recorded.response("lifted", Scene.begin),
            Recorded.response("frozen", outcome: "failure", Scene.begin),
            Recorded.response("restricted", mode: "dry-run", outcome: "unknown", Scene.begin),
            Recorded.response("refused", outcome: "failure", Scene.begin), Recorded.response("notified", Scene.begin),
        ])
        let responses = report.responses
        #expect(responses.count == 6 && responses.refusedConnects == 12)
        #expect(responses.pointer(ResponseChapter.containing).lines == [2])
        #expect(responses.failed.lines == [4] && responses.dry.lines == [5] && responses.refused.lines == [6])
        let told = report.controls.first { $0.id == "DE.AE-06" }
        #expect(told?.found.contains { $0.ground == "notified" && $0.lines == [7] } == true)
    }

    @Test func aDryRunContainsNothing() throws {
        let report = try responses([Recorded.response("restricted", mode: "dry-run", outcome: "unknown", Scene.begin)])
        let contained = try #require(report.controls.first { $0.id == "RS.MI-01" })
        #expect(contained.status == .partial && contained.missing == ["containment"])
    }

    @Test func whatWaitsIsSaidUntilItIsOver() throws {
        let queued = Recorded.response("queued", Scene.begin)
        let waits = { (report: Report) in report.waiting.contains { $0.command == "driftwatch response list" } }
        #expect(try waits(responses([queued], after: Scene.second)))
        #expect(try !waits(responses([queued])), "it has run out")
        #expect(try !waits(responses([queued, Recorded.response("approved", Scene.begin)], after: Scene.second)))
    }
}
