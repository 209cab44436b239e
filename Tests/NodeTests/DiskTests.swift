import Baselines
import Foundation
import Testing

extension NodeTests {
    /// A state directory that fails: what can be done without it goes on, and what cannot is said.
    @Suite(.needs("unshare", "nsenter")) struct DiskTests {
        private let files = Scratch("disk", fixed: true)

        private func watch(_ state: String, _ cgroup: Cgroup, learn: String = "1h") -> [String] {
            ["run", "--state", state, "--learn", learn, "--workload", cgroup.workload]
        }

        private func open(_ name: String, in cgroup: Cgroup) async throws -> String {
            let path = try files.write("x", to: name)
            try await cgroup.run(Node.provokers + "/open", "openat", path, "read")
            return path
        }

        private func paths(_ state: String, _ cgroup: Cgroup) throws -> Set<String> {
            let rows = try Store.attach(directory: state).behaviours(BaselineKey(workload: cgroup.workload))
            return Set(rows.compactMap { if case .open(let open) = $0.shape { open.path } else { nil } })
        }

        @Test(.judges("monitor-disk-full")) func fullWhileLearning() async throws {
            let cgroup = try Cgroup("full-disk")
            let room = try await Room(size: "4m")
            let monitor = try await Monitor(watch(room.path + "/state", cgroup), within: room.within)
            var opened = [try await open("before", in: cgroup)]
            try await Task.sleep(for: .seconds(2))
            try room.fill()
            for name in ["amber", "birch", "cedar"] { opened.append(try await open(name, in: cgroup)) }
            try await eventually("said", within: .seconds(20)) {
                try monitor.log().contains("the disk is full") ? true : nil
            }
            room.free()
            try await eventually("said", within: .seconds(20)) {
                try monitor.log().contains("storing works again") ? true : nil
            }
            try await monitor.kill9()
            let exported = try await must(
                room.within + [Monitor.command, "baseline", "export", "--state", room.path + "/state"])
            for path in opened { #expect(exported.contains(path), "\(exported)") }
        }

        @Test(.judges("monitor-disk-full-start")) func fullBeforeTheStart() async throws {
            let cgroup = try Cgroup("full-start")
            let room = try await Room(size: "1m")
            try room.fill()
            let finished = try await run(room.within + [Monitor.command] + watch(room.path + "/state", cgroup))
            #expect(finished.status == 1)
            #expect(finished.errors.split(separator: "\n").count == 1, "\(finished.errors)")
            #expect(finished.errors.contains(room.path), "\(finished.errors)")
        }

        @Test(.judges("monitor-read-only")) func readOnly() async throws {
            let cgroup = try Cgroup("read-only")
            let room = try await Room(size: "1m")
            try await must(room.within + ["mount", "-o", "remount,ro", room.path])
            let finished = try await run(room.within + [Monitor.command] + watch(room.path, cgroup))
            #expect(finished.status == 1)
            #expect(finished.errors.split(separator: "\n").count == 1, "\(finished.errors)")
            #expect(finished.errors.contains("Read-only file system"), "\(finished.errors)")
        }

        /// It goes on judging, and says that nothing is kept.
        @Test(.judges("monitor-state-removed")) func removedWhileRunning() async throws {
            let cgroup = try Cgroup("removed")
            let state = files / "state"
            let monitor = try await Monitor(watch(state, cgroup, learn: "2s"))
            _ = try await open("usual", in: cgroup)
            try await monitor.armed(cgroup.workload)
            try FileManager.default.removeItem(atPath: state)
            try await eventually("said") { try monitor.log().contains("was removed or replaced") ? true : nil }
            let unusual = try await open("unusual", in: cgroup)
            try await monitor.line("alert") { $0.kind == "alert" && $0.file == unusual }
            try await monitor.stop()
        }

        struct Damage: Sendable, CustomTestStringConvertible {
            var testDescription: String { what }
            let what: String
            /// Shell words; the state is the working directory.
            let shell: String
            /// Whether what was learned can be there afterwards.
            var keeps = false

            static let all = [
                Damage(what: "truncated to nothing", shell: ": >driftwatch.db"),
                Damage(what: "truncated in a page", shell: "truncate -s 5000 driftwatch.db"),
                Damage(what: "overwritten", shell: "yes | head -c 20000 >driftwatch.db"),
                Damage(what: "without its log", shell: "rm -f driftwatch.db-wal driftwatch.db-shm"),
                Damage(what: "a log of rubbish", shell: "yes | head -c 40000 >driftwatch.db-wal"),
                Damage(what: "an index of rubbish", shell: "yes | head -c 32768 >driftwatch.db-shm", keeps: true),
            ]
        }

        @Test(.judges("monitor-state-damaged"), arguments: Damage.all) func damaged(_ damage: Damage) async throws {
            let cgroup = try Cgroup("damaged")
            let state = files / "state"
            let first = try await Monitor(watch(state, cgroup))
            let path = try await open("before", in: cgroup)
            try await Task.sleep(for: .milliseconds(2500))
            try await first.kill9()
            try await must(["sh", "-c", "cd \(state) && { \(damage.shell); }"])

            let second = try await Monitor(watch(state, cgroup))
            let again = try await open("after", in: cgroup)
            try await Task.sleep(for: .milliseconds(2500))
            try await second.stop()
            let known = try paths(state, cgroup)
            #expect(known.contains(again))
            if damage.keeps { #expect(known.contains(path)) }
            let log = try second.log()
            #expect(log.split(separator: "\n").count <= 1, "\(log)")
            #expect(log.isEmpty || log.contains("was moved to"), "\(log)")
        }

        /// Somebody else writes, and does not come to an end.
        @Test(.judges("monitor-state-locked")) func heldByAnother() async throws {
            let cgroup = try Cgroup("held")
            let state = files / "state"
            let monitor = try await Monitor(watch(state, cgroup))
            _ = try await open("before", in: cgroup)
            try await Task.sleep(for: .seconds(2))
            // The byte that SQLite's writers lock (walindex, WAL_WRITE_LOCK).
            let index = Glibc.open(state + "/driftwatch.db-shm", O_RDWR | O_CLOEXEC)
            defer { close(index) }
            var lock = flock(l_type: Int16(F_WRLCK), l_whence: Int16(SEEK_SET), l_start: 120, l_len: 1, l_pid: 0)
            try await eventually("the lock") { fcntl(index, F_SETLK, &lock) == 0 ? true : nil }
            _ = try await open("meanwhile", in: cgroup)
            try await monitor.stop()
            #expect(try monitor.log().contains("could not be stored"))
        }
    }
}
