import Events
import Foundation
import Testing

@testable import Baselines

@Suite struct StoreTests {
    @Test func behavioursComeBackAsTheyWere() throws {
        let store = try temporaryStore()
        let key = BaselineKey(workload: "w")
        let shapes = [
            exec("/bin/sh", "sh", "a\nb", "\u{1}\"", ""), exec("/bin/ls"), open("/é/\\*", [.read, .append]), unix("@x"),
            socket(.packet), socket(.family(27)),
            connect("::1", 9, nil, .other(47)),
            connect("1.2.3.4", 9, "a.b"), listen(0, .udp),
        ]
        let rows = shapes.map { StoredBehaviour(shape: $0, first: 1, last: 2, count: 3, origin: "child") }
        try store.write([
            .baseline(StoredBaseline(key: key, state: .learning)), .behaviours(key, rows), .behaviours(key, rows),
        ])
        #expect(Set(try store.behaviours(key).map(\.shape)) == Set(shapes))
        #expect(try store.behaviours(key).allSatisfy { $0.count == 3 && $0.origin == "child" })
    }

    @Test func whatIsQuarantinedIsKeptButNotApproved() throws {
        let store = try temporaryStore()
        let key = BaselineKey(workload: "w")
        try store.write([
            .behaviours(
                key,
                [
                    StoredBehaviour(
                        shape: open("/etc/shadow"), first: 0, last: 0, count: 1,
                        quarantine: .neverNormal("open.credential"))
                ])
        ])
        #expect(try store.behaviours(key).count == 1)
        #expect(try store.approve(key, who: "", why: "").spec.isEmpty)
    }

    @Test func alertsAreFoundAgain() throws {
        let store = try temporaryStore()
        let alert = StoredAlert(
            id: "a1", time: 5, key: BaselineKey(workload: "w", digest: "d"), rule: "open.unexpected", allow: "open: []",
            json: "{}")
        try store.write([.alert(alert), .meta(name: "heartbeat", value: "5")])
        #expect(try store.alert("a1") == alert)
        #expect(try store.alerts() == [alert])
        #expect(try store.alert("a2") == nil)
        #expect(try store.meta("heartbeat") == "5")
    }

    @Test func onlyRootSeesTheState() throws {
        let directory = temporaryDirectory()
        _ = try Store.open(directory: directory)
        let attributes = try FileManager.default.attributesOfItem(atPath: directory)
        #expect(attributes[.posixPermissions] as? Int == 0o700)
    }

    @Test(arguments: [0o755, 0o777, 0o750]) func aDirectoryThatIsTooWideIsNarrowed(_ mode: Int) throws {
        let directory = temporaryDirectory()
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        _ = try Store.open(directory: directory)
        chmod(directory, mode_t(mode))
        chmod(directory + "/driftwatch.db", 0o644)
        let notices = try notices(directory)
        #expect(notices.count == 2 && notices.allSatisfy { $0.contains("now") }, "\(notices)")
        #expect(permissions(directory) == 0o700 && permissions(directory + "/driftwatch.db") == 0o600)
        #expect(try self.notices(directory).isEmpty)
    }

    /// It may be /etc.
    @Test func aDirectoryOfOthersIsNotTouched() throws {
        let directory = temporaryDirectory()
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try Data().write(to: URL(filePath: directory + "/passwd"))
        chmod(directory + "/passwd", 0o644)
        chmod(directory, 0o755)
        #expect(try notices(directory).count == 1)
        #expect(permissions(directory) == 0o755 && permissions(directory + "/passwd") == 0o644)
        chmod(directory, 0o777)
        let error = #expect(throws: StateError.self) { try lockAndDrop(directory) }
        #expect(error?.description.contains("can be written by others") == true)
    }

    private func notices(_ directory: String) throws -> [String] { try StateLock(directory: directory).notices }

    private func permissions(_ path: String) -> Int? {
        (try? FileManager.default.attributesOfItem(atPath: path))?[.posixPermissions] as? Int
    }

    @Test(arguments: ["rubbish", "torn page"]) func aCorruptFileIsMovedAsideNotLost(_ how: String) throws {
        let directory = temporaryDirectory()
        let path = directory + "/driftwatch.db"
        if how == "rubbish" {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try Data(repeating: 0x61, count: 8192).write(to: URL(filePath: path))
        } else {
            do {
                let store = try Store.open(directory: directory).store
                let key = BaselineKey(workload: "w")
                try store.write([
                    .baseline(StoredBaseline(key: key, state: .learning)),
                    .behaviours(
                        key, (0..<2000).map { StoredBehaviour(shape: open("/x/\($0)"), first: 0, last: 0, count: 1) }),
                ])
            }
            let handle = try FileHandle(forUpdating: URL(filePath: path))
            try handle.seek(toOffset: 4096 * 8)
            try handle.write(contentsOf: Data(repeating: 0xff, count: 4096 * 6))
            try handle.close()
        }
        let (store, notice) = try Store.open(directory: directory)
        #expect(notice?.contains("was corrupt; it was moved to") == true)
        #expect(try store.baselines().isEmpty)
        let names = try FileManager.default.contentsOfDirectory(atPath: directory)
        #expect(names.contains { $0.hasPrefix("driftwatch.db.corrupt-") })
    }

    @Test func aSecondMonitorIsTold() throws {
        let directory = temporaryDirectory()
        let lock = try StateLock(directory: directory)
        let error = #expect(throws: StateError.self) { try lockAndDrop(directory) }
        #expect(error?.description.contains("(pid \(getpid())) runs on state directory \(directory)") == true)
        withExtendedLifetime(lock) {}
    }

    private func lockAndDrop(_ directory: String) throws { _ = try StateLock(directory: directory) }

    @Test(arguments: ["/proc/driftwatch-cannot-be", "/dev/null", "/dev/null/below"])
    func aDirectoryThatCannotBeIsOneLine(_ directory: String) {
        let error = #expect(throws: StateError.self) { try Store.open(directory: directory) }
        #expect(
            error?.description.contains(directory) == true && error?.description.contains("\n") == false
                && error?.description.contains("--state") == true)
    }

    @Test func aCommandWithoutStateIsTold() {
        let error = #expect(throws: StateError.self) { try Store.attach(directory: "/nonexistent") }
        #expect(
            error?.description == "no state in /nonexistent: run driftwatch first, or name its directory with --state")
    }

    @Test func importTakesTheSpecMergeTheStatusToo() throws {
        let store = try temporaryStore()
        let key = BaselineKey(workload: "w", digest: "d")
        let baseline = Baseline(
            key: key, spec: BaselineSpec.allowing(listen(80)),
            status: BaselineStatus(state: .learning, completeness: 0.5, coverage: .init(seen: 5, lost: 1)))
        try store.importBaseline(baseline, who: "me", why: "reviewed")
        let imported = try #require(try store.current(key))
        #expect(
            imported.status.state == .armed && imported.status.completeness == nil
                && imported.checksum == baseline.checksum)
        var more = baseline
        more.spec = BaselineSpec.allowing(listen(81))
        let merged = try store.merge(more, who: "me", why: "")
        #expect(merged.spec.listen.count == 2 && merged.status.completeness == 0.5 && merged.status.coverage?.seen == 5)
        #expect(try store.revision() == 2)
    }
}
