import Foundation
import Testing

@testable import Workloads

/// State directories that lie: what cannot be read is told once and never waited for.
@Suite(.timeLimit(.minutes(2))) struct HostileStateTests {
    private let top: String

    init() {
        var template = Array("/dev/shm/driftwatch-state-XXXXXX".utf8CString)
        top = String(cString: mkdtemp(&template))
    }

    private func clean() { try? FileManager.default.removeItem(atPath: top) }

    private func write(_ text: String, _ path: String) throws {
        let path = "\(top)/\(path)"
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    private func context(_ warn: @escaping (String) -> Void = { _ in }) -> RuntimeContext {
        var roots = RuntimeRoots.none
        roots.docker = ["\(top)/docker"]
        return RuntimeContext(files: StateFiles(warn: warn), roots: roots)
    }

    @Test func whatIsNoFileIsNotWaitedFor() throws {
        defer { clean() }
        let directory = "\(top)/crun"
        for id in ["fifo", "socket", "loop", "directory", "zero", "huge"] { try write("", "crun/\(id)/other") }
        #expect(mkfifo("\(directory)/fifo/status", 0o600) == 0)
        let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: "\(directory)/socket/status".utf8) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(bound == 0)
        #expect(symlink("status", "\(directory)/loop/status") == 0)
        #expect(mkdir("\(directory)/directory/status", 0o700) == 0)
        #expect(symlink("/dev/zero", "\(directory)/zero/status") == 0)
        #expect(FileManager.default.createFile(atPath: "\(directory)/huge/status", contents: nil))
        #expect(truncate("\(directory)/huge/status", 1 << 40) == 0)
        try write(#"{"pid":1,"bundle":"/b"}"#, "crun/good/status")

        var told: [String] = []
        let context = context { told.append($0) }
        for _ in 0..<3 {
            #expect(Crun.claims(root: directory, context).map(\.facts.id) == ["good"])
        }
        // A link that leads nowhere is no file at all.
        #expect(told.count == 5 && told.allSatisfy { $0.hasPrefix(directory) && !$0.contains("\n") }, "\(told)")
    }

    /// Who fills the own directory has only so much of it read at a time, and the rest as long as it stays.
    @Test func aUserHoldsUpNobody() throws {
        defer { clean() }
        let text = #"{"pid":1,"bundle":"/b","x":""# + String(repeating: "x", count: 64 << 10) + #""}"#
        for number in 0..<200 { try write(text, "crun/\(number)/status") }
        var told: [String] = []
        let state = RuntimeState(roots: .none, warn: { told.append($0) })
        let first = state.claims(of: 1000, below: top)
        #expect(first.count == RuntimeState.bytesOfUser / text.utf8.count && first.allSatisfy { $0.user == 1000 })
        #expect(told.count == 1 && told.first?.hasPrefix(top + ":") == true, "\(told)")
        #expect(state.claims(of: 1000, below: top).count == 2 * first.count)
    }

    /// SQLite would wait at a pipe for ever.
    @Test func databasesOfOthersAreNotOpened() throws {
        defer { clean() }
        try write("", "store/other")
        let file = "\(top)/store/db.sql"
        #expect(mkfifo(file, 0o600) == 0)
        #expect(symlink(file, "\(top)/link") == 0)
        for path in [file, "\(top)/link", "\(top)/store"] {
            #expect(PodmanDatabase.config(of: "a", path: path) == .none)
        }
        unlink(file)
        try write("", "store/db.sql")
        #expect(Files.unsharedFile("\(top)/link") == file)
        chmod("\(top)/store", 0o777)
        #expect(Files.unsharedFile(file) == nil)
        chmod("\(top)/store", 0o1777)
        #expect(Files.unsharedFile(file) == file)
        chmod(file, 0o622)
        #expect(Files.unsharedFile(file) == nil)
    }

    /// A name becomes a part of paths and of lines.
    @Test func namesAreNoPaths() throws {
        defer { clean() }
        try write(#"{"id":"../../secret","init_process_pid":1}"#, "runc/a/state.json")
        try write(#"{"Name":"/stolen"}"#, "docker/containers/a/config.v2.json")
        try write(#"{"Name":"/stolen"}"#, "docker/secret/config.v2.json")
        let context = context()
        #expect(Runc.claims(root: "\(top)/runc", context).isEmpty)
        #expect(context.facts(id: "../secret", bundle: "/run/io.containerd.runtime.v2/moby/x", tool: .runc) == nil)
        #expect(context.facts(id: "a", bundle: "/run/io.containerd.runtime.v2/moby/a", tool: .runc)?.name == "stolen")
    }

    @Test func endlessNamesAreNobodys() throws {
        defer { clean() }
        let endless = String(repeating: "x", count: 1 << 19)
        try write(
            #"{"Name":"/\#(endless)","Config":{"Image":"\#(endless)","Labels":{"a":"\#(endless)","\#(endless)":"b","c":"d"}}}"#,
            "docker/containers/a/config.v2.json")
        var facts = try #require(Docker.facts(id: "a", context()))
        facts.bound()
        #expect(facts.name == nil && facts.image == nil && facts.labels == ["c": "d"])
    }

    @Test(arguments: [
        ("", true), ("{", true), ("[]", false), ("null", false), ("\u{0}", true), (#"{"pid":"x"}"#, false),
        (#"{"pid":1e400,"bundle":{}}"#, false), (String(repeating: "[", count: 100_000), true),
        (#"{"pid":-1,"bundle":"/b","created":5,"process-start-time":1.5}"#, false), ("\u{feff}{}", false),
    ]) func brokenFilesGiveNothingOrLittle(text: String, isBroken: Bool) throws {
        defer { clean() }
        try write(text, "crun/a/status")
        var told: [String] = []
        let context = context { told.append($0) }
        for claim in Crun.claims(root: "\(top)/crun", context) { #expect(claim.pid == nil) }
        if isBroken { #expect(told.count == 1) }
    }

    @Test func aHundredThousandEntries() throws {
        defer { clean() }
        try write(#"{"pid":1,"bundle":"/b"}"#, "crun/good/status")
        for index in 0..<100_000 { mkdir("\(top)/crun/\(index)", 0o700) }
        let claims = Crun.claims(root: "\(top)/crun", context())
        #expect(claims.count <= 1)
    }

    /// What is kept of many large files is bounded; a file that is asked for again is read again.
    @Test func manyLargeFiles() throws {
        defer { clean() }
        let filler = String(repeating: "x", count: 3 << 20)
        let context = context()
        for index in 0..<12 { try write(#"{"a":"\#(filler)","b":"\#(index)"}"#, "\(index)") }
        for _ in 0..<2 {
            for index in 0..<12 {
                #expect(context.files.json("\(top)/\(index)")?["b"].string == String(index))
                #expect(context.files.keptBytes <= 16 << 20)
            }
        }
    }
}
