import Companions
import Events
import Foundation
import Glibc
import Testing
import Workloads

@testable import Responses

/// Freezing and killing, on this machine's own cgroups.
@Suite(.enabled(if: geteuid() == 0, "KERNEL TESTS SKIPPED: not root")) struct HoldTests {
    /// A place of one kind, with processes that are as busy as can be.
    struct Kind: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// Whose cgroups name the workload.
        let hierarchy: Hierarchy
        let expected: Hold.Kind
        /// The hierarchies in which it has a cgroup.
        let places: [Hierarchy]

        static let all: [Kind] = {
            var all: [Kind] = []
            if let unified = try? Hierarchy.current(), unified.version != .v1 {
                all.append(
                    Kind(testDescription: "cgroup2", hierarchy: unified, expected: .unified, places: [unified]))
            }
            if let pids = Hierarchy.legacy("pids"), let freezer = Hierarchy.legacy("freezer") {
                all.append(
                    Kind(testDescription: "v1", hierarchy: pids, expected: .freezer, places: [pids, freezer]))
            }
            return all
        }()
    }

    @Test(arguments: Kind.all) func frozenAndThawed(_ kind: Kind) async throws {
        let room = try Room(kind)
        let hold = try room.hold()
        #expect(hold.kind == kind.expected)
        try await room.goesOn()
        #expect(try Freezer.freeze(hold, within: .seconds(10)) == .whole)
        #expect(Freezer.isFrozen(hold))
        let stood = room.count
        try await Task.sleep(for: .milliseconds(100))
        #expect(room.count == stood, "nobody has moved")
        #expect(try Freezer.freeze(hold, within: .seconds(10)) == .whole, "again is the same")

        // A later monitor has nothing but what was written down.
        let kept = try JSONDecoder().decode(Hold.self, from: JSONEncoder().encode(hold))
        #expect(try Freezer.thaw(kept))
        #expect(!Freezer.isFrozen(kept))
        try await room.goesOn()
        #expect(try Freezer.thaw(kept), "again is the same")
    }

    @Test(arguments: Kind.all, [false, true]) func killedAsAWhole(_ kind: Kind, whileFrozen: Bool) async throws {
        let room = try Room(kind)
        let hold = try room.hold()
        try await room.goesOn()
        if whileFrozen { _ = try Freezer.freeze(hold, within: .seconds(10)) }
        #expect(try Killer.kill(hold, within: .seconds(10)) == .killed)
        #expect(room.processes.isEmpty)
        #expect(try Killer.kill(hold, within: .seconds(10)) == .killed, "there was nobody left")
        room.close()
        #expect(try Killer.kill(hold) == .gone)
        #expect(try !Freezer.thaw(hold))
        #expect(throws: ActionError.self) { try Freezer.freeze(hold) }
        #expect(throws: ActionError.self) { try room.hold() }
    }

    @Test(arguments: Kind.all) func onlyTheProcessThatIsMeantIsKilled(_ kind: Kind) async throws {
        let room = try Room(kind)
        let pid = try #require(room.processes.min())
        let start = try #require(ProcessSnapshot.process(pid, kind.hierarchy)?.start)
        let other = ProcessName(pid: pid, start: start - ProcessSnapshot.tick)
        #expect(try Killer.kill(other) == .gone, "somebody had that number before")
        #expect(ProcessSnapshot.isRunning(ProcessName(pid: pid, start: start)))
        #expect(try Killer.kill(ProcessName(pid: pid, start: start), within: .seconds(10)) == .killed)
        #expect(throws: ActionError.self) { try Killer.kill(ProcessName(pid: 1, start: start)) }
        let own = try #require(ProcessSnapshot.process(UInt32(getpid()), kind.hierarchy)?.start)
        #expect(throws: ActionError.self) { try Killer.kill(ProcessName(pid: UInt32(getpid()), start: own)) }
    }

    /// Neither the whole node nor whoever holds this process.
    @Test(arguments: ["pids", "memory", "cpu", "name=systemd", ""]) func whatMustNotBeHeld(_ controller: String) throws
    {
        guard let hierarchy = controller.isEmpty ? try Hierarchy.current() : Hierarchy.legacy(controller) else {
            return
        }
        var path = try #require(hierarchy.cgroup(ofProcess: UInt32(getpid())))
        while true {
            let error = #expect(throws: ActionError.self) { try Hold(of: path, id: 1, in: hierarchy) }
            #expect(error?.description.contains("holds") == true, "\(path): \(error?.description ?? "")")
            if path == "/" { break }
            path = (path as NSString).deletingLastPathComponent
        }
    }

    /// On hosts of v1 the freezer has a tree of its own.
    @Test func aFreezerThatIsSharedFreezesNobody() throws {
        guard let pids = Hierarchy.legacy("pids"), let freezer = Hierarchy.legacy("freezer") else { return }
        let alone = Kind(testDescription: "", hierarchy: pids, expected: .freezer, places: [pids])
        let room = try Room(alone)
        let root = #expect(throws: ActionError.self) { try room.hold() }
        #expect(root?.description.contains("whole node") == true)
        // Beside another workload.
        let shared = Kind(testDescription: "", hierarchy: freezer, expected: .freezer, places: [freezer])
        let other = try Room(shared)
        for pid in room.processes { try other.take(pid, in: freezer) }
        let error = #expect(throws: ActionError.self) { try room.hold() }
        #expect(error?.description.contains("others") == true, "\(error?.description ?? "")")
    }
}

/// A cgroup, and one nested in it, with a shell in each that counts and starts children for it.
private final class Room {
    private let kind: HoldTests.Kind
    private let name = "driftwatch-hold-\(UUID().uuidString.prefix(8))"
    private let counter: String
    private var shells: [Companion] = []

    init(_ kind: HoldTests.Kind) throws {
        self.kind = kind
        counter = "/tmp/\(name)"
        for place in kind.places {
            try FileManager.default.createDirectory(
                atPath: directory(in: place) + "/nested", withIntermediateDirectories: true)
        }
        for below in ["", "/nested"] {
            let enter = kind.places.map { "echo $$ >\(directory(in: $0))\(below)/cgroup.procs" }
            let shell = try Companion([
                "sh", "-c",
                "\(enter.joined(separator: " && ")) && echo in && i=0 && "
                    + "while :; do i=$((i + 1)); (echo $i >\(counter)\(below.isEmpty ? "" : "2")); done",
            ])
            guard shell.line() == "in" else { throw ActionError("cannot enter \(name)") }
            shells.append(shell)
        }
    }

    func hold() throws -> Hold {
        var status = stat()
        stat(directory(in: kind.hierarchy), &status)
        return try Hold(of: "/" + name, id: UInt64(status.st_ino), in: kind.hierarchy)
    }

    func take(_ pid: UInt32, in hierarchy: Hierarchy) throws {
        try Data("\(pid)".utf8).write(to: URL(filePath: directory(in: hierarchy) + "/cgroup.procs"))
    }

    /// What they have counted; written and cut at once, so a moment may find nothing.
    var count: [String] { ["", "2"].map { (try? String(contentsOfFile: counter + $0, encoding: .utf8)) ?? "" } }

    func goesOn() async throws {
        let before = count
        for _ in 0..<10_000 {
            if zip(before, count).allSatisfy({ !$1.isEmpty && $0 != $1 }) { return }
            try await Task.sleep(for: .milliseconds(2))
        }
        throw ActionError("nobody counts in \(name)")
    }

    /// Without those that only wait for somebody to ask how they ended.
    var processes: Set<UInt32> {
        Set(
            ["", "/nested"].flatMap { below in
                let path = directory(in: kind.hierarchy) + below + "/cgroup.procs"
                return ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").split(separator: "\n")
                    .compactMap { UInt32($0) }
            })
    }

    private func directory(in place: Hierarchy) -> String { place.directory(of: "/" + name)! }

    func close() {
        if let hold = try? hold() { _ = try? Killer.kill(hold) }
        shells = []
        for place in kind.places {
            for below in ["/nested", ""] {
                // Who was killed a moment ago may still be on the way out.
                for _ in 0..<500 where rmdir(directory(in: place) + below) != 0 && errno == EBUSY { usleep(2000) }
            }
        }
        for suffix in ["", "2"] { unlink(counter + suffix) }
    }

    deinit { close() }
}
