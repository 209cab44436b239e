import Foundation
import Testing

@testable import Sinks

@Suite struct WriterTests {
    /// A path of its own, removed afterwards.
    func withPath(_ body: (String) throws -> Void) rethrows {
        let path = NSTemporaryDirectory() + "driftwatch-writer-\(UUID().uuidString)"
        defer {
            try? FileManager.default.removeItem(atPath: path)
            try? FileManager.default.removeItem(atPath: path + ".1")
        }
        try body(path)
    }

    func line(_ text: String) -> [UInt8] { Array((text + "\n").utf8) }

    func content(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    }

    @Test func writesInOrderAndPrivately() throws {
        try withPath { path in
            let writer = try LineWriter(path: path)
            for number in 0..<5000 { #expect(writer.write(line("\(number)"))) }
            #expect(writer.close(within: .seconds(10)))
            #expect(try content(path) == (0..<5000).map { "\($0)\n" }.joined())
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            #expect(writer.current == .init(written: 5000))
            #expect(!writer.write(line("late")))
            #expect(writer.current.dropped == 1)
        }
    }

    @Test func endsATornLineBeforeGoingOn() throws {
        try withPath { path in
            try Data("torn".utf8).write(to: URL(filePath: path))
            let writer = try LineWriter(path: path)
            writer.write(line("whole"))
            #expect(writer.close(within: .seconds(10)))
            #expect(try content(path) == "torn\nwhole\n")
        }
    }

    @Test func reopensForRotation() throws {
        try withPath { path in
            let writer = try LineWriter(path: path)
            writer.write(line("old"))
            #expect(writer.flush(within: .seconds(10)))
            try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
            writer.reopen()
            writer.write(line("new"))
            #expect(writer.close(within: .seconds(10)))
            #expect(try content(path + ".1") == "old\n")
            #expect(try content(path) == "new\n")
        }
    }

    @Test func aSlowReaderLosesLinesButStopsNobody() throws {
        try withPath { path in
            #expect(mkfifo(path, 0o600) == 0)
            let reader = open(path, O_RDONLY | O_NONBLOCK)
            defer { close(reader) }
            let writer = try LineWriter(path: path, capacity: 100_000)
            let long = line(String(repeating: "x", count: 999))
            var taken = 0
            for _ in 0..<1000 where writer.write(long) { taken += 1 }
            #expect(taken < 1000)
            #expect(writer.current.dropped == UInt64(1000 - taken))
            let before = ContinuousClock.now
            #expect(!writer.close(within: .milliseconds(300)))
            #expect(ContinuousClock.now - before < .seconds(3))
        }
    }

    @Test func aReaderThatLeavesIsReported() throws {
        try withPath { path in
            #expect(mkfifo(path, 0o600) == 0)
            let reader = open(path, O_RDONLY | O_NONBLOCK)
            let writer = try LineWriter(path: path)
            writer.write(line("one"))
            #expect(writer.flush(within: .seconds(10)))
            close(reader)
            writer.write(line("two"))
            writer.flush(within: .seconds(10))
            let status = writer.current
            #expect(status.isBroken && status.written == 1 && status.dropped == 1)
            #expect(status.failure?.code == EPIPE)
            #expect(!writer.write(line("three")))
            #expect(writer.current.dropped == 2)
        }
    }

    @Test func aFullDiskIsWaitedFor() throws {
        let writer = try LineWriter(path: "/dev/full")
        writer.write(line("x"))
        #expect(!writer.flush(within: .milliseconds(300)))
        #expect(writer.current.failure?.code == ENOSPC)
        #expect(!writer.current.isBroken)
        writer.close(within: .seconds(5))
        #expect(writer.current.dropped == 1)
    }

    @Test(arguments: [("/absent/x", ENOENT), ("/", EISDIR)]) func aPlaceThatCannotBeUsedIsSaid(
        _ path: String, _ code: Int32
    ) {
        #expect(throws: SinkError(operation: "open", path: path, code: code)) { _ = try LineWriter(path: path) }
    }

    @Test func anErrorSaysWhatToDo() {
        let error = SinkError(operation: "open", path: "/absent/x", code: ENOENT)
        #expect(
            error.description
                == "cannot open /absent/x: No such file or directory; make its directory first, or name another with --output"
        )
    }
}
