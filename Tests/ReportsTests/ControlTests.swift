import Foundation
import Testing

@testable import Reports

@Suite struct ControlTests {
    @Test func eachControlHasWhatAnAuditorNeeds() {
        #expect(Set(Controls.all.map { "\($0.framework) \($0.id)" }).count == Controls.all.count)
        for control in Controls.all {
            #expect(
                !control.title.isEmpty && control.asks.hasSuffix(".") && control.ends.hasSuffix("."), "\(control.id)")
            #expect((control.reach == .nothing) == control.grounds.isEmpty, "\(control.id)")
        }
        let ids = Set(Controls.all.map(\.id))
        for number in 1...10 { #expect(ids.contains("NHI\(number):2025")) }
        for prefix in ["DE.CM", "DE.AE", "ID.AM", "PR.AA", "RS.MI", "GV.OV", "CC6", "CC7", "10.", "11.5"] {
            #expect(ids.contains { $0.hasPrefix(prefix) }, "\(prefix)")
        }
    }

    private func status(_ report: Report, _ id: String) -> ControlResult? { report.controls.first { $0.id == id } }

    @Test func whereThereIsNothingNothingIsClaimed() throws {
        let scene = try Scene()
        try scene.seal()
        let report = try scene.report()
        for control in report.controls {
            // The chain itself is there.
            let isOfChain = control.found.allSatisfy { ["chain", "year", "quarter"].contains($0.ground) }
            #expect(control.status != .evidence && isOfChain, "\(control.id): \(control.found)")
        }
        #expect(status(report, "DE.CM-09")?.status == ControlResult.Status.none)
        #expect(report.summary.first == "Nobody watched in this time, so nothing is known of it.")
    }

    @Test func evidenceIsOfWhatIsThere() throws {
        let scene = try Scene.week()
        let report = try scene.report()
        let contained = try #require(status(report, "RS.MI-01"))
        #expect(contained.status == .partial && contained.because == "1 response failed")
        #expect(contained.found.first?.count == 1 && contained.found.first?.lines == [24], "\(contained.found)")
        let reuse = try #require(status(report, "NHI9:2025"))
        #expect(reuse.status == .partial && reuse.because?.hasPrefix("only 9") == true, "\(reuse)")
        #expect(status(report, "NHI6:2025")?.status == ControlResult.Status.none)
        #expect(status(report, "5.5")?.because == "only 1 of 2 identities have an owner")
    }

    /// A time that was watched as a whole, on a node of which all is known.
    @Test func allThereIsIsEvidence() throws {
        let scene = try Scene.week()
        let period = Period(from: Scene.begin + Scene.day, to: Scene.begin + 4 * Scene.day)
        let report = try scene.report(period, keyGiven: true)
        #expect(status(report, "NHI9:2025")?.status == .evidence)
        #expect(status(report, "10.3")?.status == .evidence)
        #expect(try status(scene.report(period), "10.3")?.missing == ["a key or checkpoints that were kept elsewhere"])
        #expect(status(report, "10.5")?.because?.hasSuffix("of 365 days are there") == true)
    }

    @Test func changedEvidenceIsToldFirstAndProvesNothing() throws {
        let scene = try Scene.week()
        let path = scene.directory + "/evidence/00000002.jsonl"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.contains("exec.reverse-shell"))
        try text.replacing("exec.reverse-shell", with: "exec.unexpected").write(
            toFile: path, atomically: false, encoding: .utf8)
        let report = try scene.report()
        #expect(!report.isWhole && report.controls.allSatisfy { $0.status != .evidence })
        #expect(report.waiting.first?.command == "driftwatch evidence verify")
        #expect(report.summary.contains { $0.hasPrefix("THE EVIDENCE IS NOT AS IT WAS WRITTEN") })
        let page = ReportPage.html(report)
        let (alarm, first) = (page.range(of: "The evidence was changed."), page.range(of: "<h2>"))
        #expect(try #require(alarm).lowerBound < #require(first).lowerBound)
        #expect(MarkdownReport.text(report).contains("**The evidence was changed.**"))
    }
}
