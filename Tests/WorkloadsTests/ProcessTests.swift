import Crypto
import Events
import Foundation
import Testing

@testable import Workloads

@Suite struct ProcessTests {
    @Test func theTableForgetsTheLeastRecentlyUsed() {
        var table = ProcessTable()
        let words = ProcessWords(executable: "/bin/x", arguments: ["x"])
        for exec in 1...UInt64(ProcessTable.capacity) {
            #expect(table.record(exec, key: BehaviourKey(high: 0, low: exec), words).isEmpty)
        }
        #expect(table.words(of: 1) == words)
        let key = BehaviourKey(high: 0, low: 2)
        #expect(table.record(1 << 40, key: nil, words) == [ProcessTable.Forgotten(exec: 2, key: key)])
        #expect(table.words(of: 1) == words && table.words(of: 2) == nil && table.count == ProcessTable.capacity)
        #expect(table.record(1, key: nil, words).isEmpty)
    }

    @Test func theTableIsBoundedInBytes() {
        var table = ProcessTable()
        let big = ProcessWords(executable: "/bin/x", arguments: [String(repeating: "a", count: 8192)])
        var forgotten = 0
        for exec in 1...2048 as ClosedRange<UInt64> { forgotten += table.record(exec, key: nil, big).count }
        #expect(table.bytes <= ProcessTable.byteCapacity)
        #expect(forgotten == 2048 - table.count && forgotten > 0)
    }

    @Test func thisProcessIsInTheSnapshot() throws {
        let hierarchy = try Hierarchy.current()
        let own = try #require(ProcessSnapshot.take(hierarchy).first { $0.pid == UInt32(getpid()) })
        #expect(own.words.arguments == CommandLine.arguments)
        #expect(own.words.workingDirectory == FileManager.default.currentDirectoryPath)
        #expect(own.parent == UInt32(getppid()))
        #expect(own.mountNamespace != 0 && own.cgroup != nil && own.exec & 1 == 1)
        #expect(own.start <= Resolver.clock() && own.start > 0)
    }

    @Test func statOfAnOddName() throws {
        let fields = (4...25).map(String.init).joined(separator: " ")
        let stat = try #require(ProcessSnapshot.Stat("7 (a ) (b) S \(fields)"))
        #expect(stat.parent == 4 && stat.ticks == 22)
        #expect(ProcessSnapshot.Stat("7 (a") == nil)
        #expect(ProcessSnapshot.Stat("7 (a) S 1") == nil)
    }

    @Test func digestOfAFile() throws {
        let digester = Digester()
        let path = "/bin/sh"
        #expect(digester.digest(of: path) == .pending)
        let expected =
            "sha256:"
            + SHA256.hash(data: try Data(contentsOf: URL(fileURLWithPath: path)))
            .map { String(format: "%02x", $0) }.joined()
        #expect(digester.digest(of: path, wait: true) == .known(expected))
        #expect(digester.digest(of: "/proc/self/nothing") == .none)
        #expect(digester.digest(of: "/dev/null") == .none)
    }
}
