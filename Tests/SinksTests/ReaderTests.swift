import Drift
import Foundation
import Testing

@testable import Sinks

@Suite struct ReaderTests {
    @Test(arguments: Scenes.behaviours.indices) func readsBackWhatWasWritten(_ index: Int) throws {
        let written = Scenes.behaviours[index].act
        var format = ECSFormat(host: Scenes.host, seed: 1)
        let line = format.behaviour(written, created: Scenes.now)
        let read = try #require(try EventReader.read(Array(line.dropLast())))
        #expect(read.behaviour == written.behaviour, "\(Scenes.behaviours[index].name)")
        #expect(read.workload == written.workload)
        #expect(read.time == written.time)
        #expect(read.words == written.words)
        if case .exec = written.event.act { #expect(read.origin == written.origin) }
        var event = read.event
        event.actor.cgroup = written.event.actor.cgroup
        // When a process started is told only as part of its name.
        event.actor.process.start = written.event.actor.process.start
        event.actor.parent.start = written.event.actor.parent.start
        event.time = written.event.time
        #expect(event == written.event)
        // And a second writing makes the same line.
        var again = ECSFormat(host: Scenes.host, seed: 1)
        #expect(again.behaviour(read, created: Scenes.now) == line)
    }

    @Test func judgesARecordedActLikeTheActItself() throws {
        for (act, standing) in Scenes.anomalies {
            var format = ECSFormat(host: Scenes.host, seed: 1)
            let read = try #require(try EventReader.read(format.behaviour(act, created: Scenes.now)))
            var detector = Detector(seed: 1)
            var other = Detector(seed: 1)
            #expect(detector.judge(read, standing).alert?.rule == other.judge(act, standing).alert?.rule)
        }
    }

    @Test(arguments: [
        ("", "not JSON: the line ends too early (column 1)"), ("{", "not JSON: a key is missing (column 2)"),
        ("[]", "not a JSON object"), ("{} x", "not JSON: something follows the value (column 4)"),
        (#"{"a":"b"#, "not JSON: the line ends within a string (column 8)"),
        (#"{"a":"\ud800"}"#, "not JSON: half a surrogate pair (column 13)"),
        ("{\"a\":\"\u{1}\"}", "not JSON: a control character within a string (column 7)"),
        ("[01]", "not JSON: a comma is missing (column 3)"), ("[1.]", "not JSON: this is no number (column 4)"),
        ("[-]", "not JSON: this is no number (column 3)"), ("[1e+]", "not JSON: this is no number (column 5)"),
        ("[NaN]", "not JSON: no JSON value begins like this (column 2)"),
        ("[1e999]", "not JSON: this number is too large (column 7)"),
        ("{}", "event.kind is missing: not a line of driftwatch"),
        (#"{"event":{"kind":"event"}}"#, "event.action is missing or no string"),
        (#"{"event":{"kind":"event","action":"fly"}}"#, "event.action is none of exec, connect, listen, open"),
        (#"{"@timestamp":"now","event":{"kind":"event","action":"open"}}"#, "@timestamp is no time of RFC 3339"),
        (
            #"{"@timestamp":"2026-11-20T09:40:00Z","event":{"kind":"event","action":"open"}}"#,
            "process.executable is missing or no string"
        ),
    ]) func refuses(_ text: String, _ reason: String) {
        #expect(throws: EventReader.Failure(line: 3, reason: reason)) {
            try EventReader.read(Array(text.utf8), line: 3)
        }
    }

    /// Whatever a file holds, it is read or refused.
    @Test func survivesAnyBytes() {
        var format = ECSFormat(host: Scenes.host, seed: 1)
        var numbers = AlertIDs(seed: 7)
        var refused = 0
        for scene in Scenes.behaviours {
            let line = format.behaviour(scene.act, created: Scenes.now)
            for _ in 0..<100 {
                var mutated = line
                for _ in 0..<3 {
                    let index = Int(numbers.next() % UInt64(mutated.count))
                    switch numbers.next() % 3 {
                    case 0: mutated[index] = UInt8(truncatingIfNeeded: numbers.next())
                    case 1: mutated.remove(at: index)
                    default: mutated.insert(mutated[index], at: index)
                    }
                }
                do { _ = try EventReader.read(mutated) } catch { refused += 1 }
            }
        }
        #expect(refused > 0 && refused < 100 * Scenes.behaviours.count)
    }

    /// One line too long for ours, of whatever length: refused once, in bounded memory, and the next is read.
    @Test(arguments: [(1 << 20) - 1, 1 << 20, (1 << 20) + 1, (1 << 20) + (64 << 10), 64 << 20])
    func readsOnBehindALongLine(_ length: Int) throws {
        let file = NSTemporaryDirectory() + "driftwatch-reader-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: file) }
        var format = ECSFormat(host: Scenes.host, seed: 1)
        let line = format.behaviour(Scenes.behaviours[0].act, created: Scenes.now)
        #expect(FileManager.default.createFile(atPath: file, contents: Data(line)))
        // A hole of zeros, which are no JSON either.
        #expect(truncate(file, off_t(line.count + length)) == 0)
        let handle = try #require(FileHandle(forWritingAtPath: file))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("\n".utf8) + Data(line) + Data(line.prefix(100)))
        try handle.close()

        var reader = try EventReader(path: file)
        #expect(try reader.next() != nil)
        #expect(throws: EventReader.Failure.self) { try reader.next() }
        #expect(try reader.next() != nil)
        #expect(reader.line == 3)
        // And the last one is torn.
        let torn = #expect(throws: EventReader.Failure.self) { try reader.next() }
        #expect(torn?.line == 4)
        #expect(try reader.next() == nil)
        #expect(reader.heldBytes < 4 << 20)
    }

    /// A line of ours in which one field is of another type, or beyond what it may be.
    @Test(arguments: [
        (#""pid":4711"#, #""pid":-1"#, "process.pid"), (#""pid":4711"#, #""pid":4294967296"#, "process.pid"),
        (#""pid":4711"#, #""pid":4711.5"#, "process.pid"), (#""pid":4711"#, #""pid":{}"#, "process.pid"),
        (#""args":["id","-u"]"#, #""args":["id",5]"#, "process.args"),
        (#""args":["id","-u"]"#, #""args":"id -u""#, "process.args"),
        (#""action":"exec""#, #""action":["exec"]"#, "event.action"),
        (#""action":"exec""#, #""action":"mmap""#, "event.action"),
        (#""kind":"event""#, #""kind":null"#, "event.kind"),
        (#""executable":"/usr/bin/id""#, #""executable":null"#, "process.executable"),
        (#""kind":"k8s""#, #""kind":"pod\u001b""#, "driftwatch.workload.kind"),
        (#""@timestamp":"2026-11-20T"#, #""@timestamp":"2026-13-20T"#, "@timestamp"),
    ]) func namesTheFieldThatIsWrong(right: String, wrong: String, name: String) throws {
        var format = ECSFormat(host: Scenes.host, seed: 1)
        let line = String(decoding: format.behaviour(Scenes.behaviours[0].act, created: Scenes.now), as: UTF8.self)
        let mutated = line.replacing(right, with: wrong)
        #expect(mutated != line)
        let failure = try #require(throws: EventReader.Failure.self) {
            try EventReader.read(Array(mutated.utf8.dropLast()), line: 7)
        }
        #expect(failure.line == 7 && failure.reason.hasPrefix(name), "\(failure)")
        #expect(failure.description.unicodeScalars.allSatisfy { $0.value >= 0x20 })
    }

    @Test func isNotDeceivedByDepth() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: EventReader.Failure.self) { try EventReader.read(Array(deep.utf8)) }
    }

    @Test(arguments: [#"{"event":{"kind":"alert"}}"#, #"{"event":{"kind":"state"},"new":[1e3,-2,null,true]}"#])
    func passesOverOtherLines(_ text: String) throws { #expect(try EventReader.read(Array(text.utf8)) == nil) }

    @Test func toleratesUnknownAndMissingFields() throws {
        let text = """
            {"@timestamp":"2026-11-20T09:40:00Z","event":{"kind":"event","action":"listen"},"new":{"a":[{}]},
            "driftwatch":{"workload":{"id":"oci/a","kind":"oci"}},"process":{"executable":"/x"},
            "source":{"ip":"::","port":80},"network":{"transport":"tcp"}}
            """
        let read = try #require(try EventReader.read(Array(text.utf8)))
        #expect(read.workload.id == "oci/a" && read.behaviour.executable == "/x")
    }

    @Test func streamsAFileAndGoesOnAfterABadLine() throws {
        let file = NSTemporaryDirectory() + "driftwatch-reader-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: file) }
        var format = ECSFormat(host: Scenes.host, seed: 1)
        var bytes = Data()
        for _ in 0..<200 { bytes.append(contentsOf: format.behaviour(Scenes.behaviours[0].act, created: Scenes.now)) }
        bytes.append(contentsOf: Array("broken\n\n".utf8))
        bytes.append(Data(repeating: 0x20, count: 3 << 20))
        bytes.append(0x0a)
        bytes.append(contentsOf: format.behaviour(Scenes.behaviours[1].act, created: Scenes.now).dropLast())
        try bytes.write(to: URL(filePath: file))
        var reader = try EventReader(path: file)
        var count = 0
        var failures: [String] = []
        while true {
            do {
                guard try reader.next() != nil else { break }
                count += 1
            } catch {
                failures.append(error.description)
            }
        }
        #expect(count == 201)
        #expect(
            failures == [
                "line 201: not JSON: no JSON value begins like this (column 1)", "line 203: longer than 1 MiB",
            ])
        #expect(throws: SinkError.self) { _ = try EventReader(path: file + ".absent") }
    }
}
