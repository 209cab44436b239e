import Foundation
import Testing

@testable import Evidence

@Suite struct ChainTests {
    @Test(arguments: [true, false]) func whatWasNotTouchedIsWhole(ends: Bool) throws {
        let evidence = try Case()
        try evidence.fill(ends: ends)
        let verification = try evidence.verify()
        #expect(verification.findings == [])
        #expect(verification.proven?.line == verification.lines)
        #expect(verification.segments > 5)
        var records: [String] = []
        try EvidenceReader.forEachRecord(in: evidence.directory) { records.append(String(decoding: $0, as: UTF8.self)) }
        #expect(records == (0..<200).map { String(decoding: Case.record($0), as: UTF8.self) })
    }

    @Test(arguments: [true, false]) func twoHundredWaysToTamperAreAllFound(ends: Bool) throws {
        let whole = try Case()
        try whole.fill(lines: 120, ends: ends)
        var generator = SystemRandomNumberGenerator()
        var tried = 0
        while tried < 200 {
            let way = Tampering.ways[tried % Tampering.ways.count]
            let evidence = try Case()
            try FileManager.default.removeItem(atPath: evidence.directory)
            try FileManager.default.copyItem(atPath: whole.directory, toPath: evidence.directory)
            guard try way.change(evidence, &generator) else { continue }
            let verification = try evidence.verify()
            #expect(!verification.findings.isEmpty, "\(way.name): not found")
            if let line = verification.findings.compactMap(\.line).min() {
                #expect((verification.proven?.line ?? 0) < line, "\(way.name): proven beyond line \(line)")
            }
            tried += 1
        }
    }

    @Test func aCrashIsNoTampering() throws {
        let evidence = try Case()
        for round in 0..<5 {
            let journal = try evidence.journal(at: Case.begin + Int64(round) * Case.second)
            #expect(journal.notices == [])
            for number in 0..<10 { try journal.append([Case.record(number)], at: Case.begin) }
            _ = try journal.checkpoint(at: Case.begin)
            try journal.append([Case.record(10)], at: Case.begin)
            // Killed in the middle of a write.
            let name = try #require(try evidence.segments.last)
            try evidence.write(name, evidence.read(name).dropLast(.random(in: 1...80)))
            let now = try evidence.verify()
            #expect(now.findings == [])
            #expect(now.notes.contains { $0.contains("ends within a line") })
        }
        let journal = try evidence.journal(at: Case.begin)
        _ = try journal.end(at: Case.begin)
        let verification = try evidence.verify()
        #expect(verification.findings == [])
        #expect(verification.notes.count { $0.contains("in the middle of a line") } == 5)
        #expect(verification.proven?.line == verification.lines)
    }

    @Test func whatIsKeptForLongEnoughIsRemovedAndSaid() throws {
        let evidence = try Case()
        var limits = evidence.limits
        limits.keptBytes = 12_000
        let journal = try evidence.journal(limits)
        for number in 0..<300 { try journal.append([Case.record(number)], at: Case.begin) }
        _ = try journal.end(at: Case.begin)
        let verification = try evidence.verify()
        #expect(verification.findings == [])
        #expect(try evidence.segments.first != EvidenceFiles.name(of: 1))
        #expect(verification.notes.contains { $0.contains("removed") })
        // What was removed by somebody else is another matter.
        unlink(evidence.path(try evidence.segments[0]))
        #expect(try evidence.verify().findings.count == 1)
    }

    @Test func whoHasTheKeyIsFoundOutByCheckpointsElsewhere() throws {
        let evidence = try Case()
        let journal = try evidence.journal()
        for number in 0..<50 { try journal.append([Case.record(number)], at: Case.begin) }
        let sent = try #require(try journal.end(at: Case.begin))
        #expect(try evidence.verify(checkpoints: sent).findings == [])
        for name in try evidence.segments + [EvidenceFiles.manifest, EvidenceFiles.checkpoint] {
            unlink(evidence.path(name))
        }
        let forged = try evidence.journal()
        for number in 0..<60 where number != 7 { try forged.append([Case.record(number)], at: Case.begin) }
        _ = try forged.end(at: Case.begin)
        #expect(try evidence.verify().findings == [])
        let logged = Array("Nov 21 00:00:00 node7 driftwatch: ".utf8) + sent
        #expect(try !evidence.verify(checkpoints: logged).findings.isEmpty)
    }

    @Test func tamperingWhileNobodyRunsIsSaidAtTheNextStart() throws {
        let evidence = try Case()
        try evidence.fill(ends: false)
        let name = try #require(try evidence.segments.last)
        var lines = EvidenceFiles.lines(evidence.read(name)).whole.map(Array.init)
        lines.remove(at: 1)
        try evidence.write(name, lines.flatMap { $0 + [0x0a] })
        let journal = try evidence.journal()
        #expect(journal.notices.count == 1)
        _ = try journal.end(at: Case.begin)
        #expect(try evidence.verify().findings.contains { $0.file == name })
    }

    @Test func aKeyThatOthersMayReadIsRefused() throws {
        let evidence = try Case()
        try evidence.fill(ends: true)
        chmod(evidence.path("key"), 0o640)
        #expect(throws: EvidenceError.self) { try evidence.journal() }
        chmod(evidence.path("key"), 0o600)
        try evidence.write("other", Array("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n".utf8))
        chmod(evidence.path("other"), 0o600)
        #expect(throws: EvidenceError.self) {
            try Journal(
                directory: evidence.directory, keyFile: evidence.path("other"), host: "node7", at: Case.begin)
        }
    }

    @Test func aNewerFormatIsRefusedInOneLine() throws {
        let evidence = try Case()
        try evidence.fill(lines: 3, ends: false)
        let name = try #require(try evidence.segments.last)
        let text = String(decoding: evidence.read(name), as: UTF8.self).replacing(#""format":1"#, with: #""format":2"#)
        try evidence.write(name, Array(text.utf8))
        #expect(throws: EvidenceError.self) { try evidence.verify() }
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment["DRIFTWATCH_BENCH"] != nil)) func speed() throws {
        let evidence = try Case()
        let journal = try evidence.journal(Journal.Limits())
        let record = Array(("{\"x\":\"" + String(repeating: "y", count: 1500) + "\"}").utf8)
        let clock = ContinuousClock()
        let writing = try clock.measure {
            for _ in 0..<100 { try journal.append(ArraySlice(repeating: record, count: 256), at: Case.begin) }
        }
        let proving = try clock.measure { _ = try journal.checkpoint(at: Case.begin) }
        _ = try journal.end(at: Case.begin)
        var verification: Verification?
        let verifying = try clock.measure { verification = try evidence.verify() }
        #expect(verification?.findings == [])
        print("25,600 lines of 1.5 KiB: written in \(writing), proven in \(proving), verified in \(verifying)")
    }
}
