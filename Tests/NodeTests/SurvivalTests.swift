import Baselines
import Foundation
import Testing

extension NodeTests {
    /// Whatever ends the monitor, what it had learned is there, and the time without it is told.
    @Suite struct SurvivalTests {
        private let state = Scratch("survival")
        private let files = Scratch("survival-files", fixed: true)

        private static let kills = Int(ProcessInfo.processInfo.environment["DRIFTWATCH_KILLS"] ?? "") ?? 12

        /// Names that no generaliser takes for numbers of one file.
        private static func name(_ number: Int) -> String {
            let words = ["amber", "birch", "cedar", "delta", "ember", "flint", "grove", "heron", "inlet", "jetty"]
            return String(number).map { words[$0.wholeNumberValue!] }.joined(separator: "-")
        }

        /// Nanoseconds since the epoch.
        private static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1e9) }

        /// Files that were opened, and by what time of day that was done.
        private final class Acts: @unchecked Sendable {
            private let lock = NSLock()
            private var done: [(path: String, time: Int64)] = []
            func add(_ path: String) { lock.withLock { done.append((path, SurvivalTests.now)) } }
            var all: [(path: String, time: Int64)] { lock.withLock { done } }
        }

        @Test(.judges("monitor-killed-often")) func killedAtAnyMomentWhileLearning() async throws {
            let cgroup = try Cgroup("killed-often")
            var numbers = SystemRandomNumberGenerator()
            var promised: Set<String> = []
            let acts = Acts()
            for round in 0..<Self.kills {
                let monitor = try await Monitor([
                    "run", "--state", state.path, "--learn", "24h", "--workload", cgroup.workload,
                ])
                let ready = Self.now
                let scratch = files
                let work = Task {
                    while !Task.isCancelled {
                        let path = try scratch.write("x", to: Self.name(acts.all.count))
                        try await cgroup.run(Node.provokers + "/open", "openat", path, "read")
                        acts.add(path)
                        try? await Task.sleep(for: .milliseconds(30))
                    }
                }
                if round > 0 {
                    let gap = try await monitor.line("coverage-gap") {
                        $0.action == "coverage-gap" && $0["driftwatch.gap.why"]?.string?.contains("did not run") == true
                    }
                    let (from, to) = (gap["driftwatch.gap.from"]?.string ?? "", gap["driftwatch.gap.to"]?.string ?? "")
                    #expect(from < to, "\(gap)")
                } else {
                    try await monitor.line("monitor-started") { $0.action == "monitor-started" }
                }
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...3500, using: &numbers)))
                try await monitor.kill9()
                work.cancel()
                _ = try await work.value
                // What the next monitor takes for watched is there; what was on its way at that moment may not be.
                let beat = try #require(try Store.peek(["heartbeat"], directory: state.path)?["heartbeat"])
                let watched = try #require(beat.split(separator: " ").first.flatMap { Int64($0) })
                for act in acts.all where act.time > ready && watched - act.time > 1_000_000_000 {
                    promised.insert(act.path)
                }
                try await wholeState(of: cgroup.workload, after: round, holds: promised)
            }
            #expect(!promised.isEmpty, "the monitors lived too shortly to promise anything")
        }

        /// Every baseline reads well, and has what it is said to have.
        private func wholeState(of workload: String, after round: Int, holds promised: Set<String>) async throws {
            let store = try Store.attach(directory: state.path)
            let known = Set(
                try store.behaviours(BaselineKey(workload: workload)).compactMap { row -> String? in
                    if case .open(let open) = row.shape { open.path } else { nil }
                })
            let missing = promised.subtracting(known)
            #expect(missing.isEmpty, "round \(round): \(missing.sorted()) of \(promised.count)")
            let exported = try await must([Monitor.command, "baseline", "export", "--state", state.path])
            // A kill in the first second leaves nothing, and nothing was promised.
            guard !promised.isEmpty || !exported.isEmpty else { return }
            for document in try BaselineFile.parse(exported, file: "export") {
                #expect(document.baseline.key.workload == workload)
                #expect(document.baseline.status.state == .learning)
            }
            let list = try await must([Monitor.command, "baseline", "list", "--json", "--state", state.path])
            #expect(list.contains(workload), "\(list)")
        }

        /// Before there is anything: the state is being made.
        @Test(.judges("monitor-killed-starting")) func killedWhileStarting() async throws {
            for round in 0..<6 {
                let child = try Child([Monitor.command, "run", "--state", state.path, "--workload", "none"])
                try await Task.sleep(for: .milliseconds(20 + 25 * round))
                child.signal(SIGKILL)
                _ = try await child.wait()
            }
            let monitor = try await Monitor(["run", "--state", state.path, "--workload", "none"])
            try await monitor.stop()
            #expect(try !monitor.log().contains("corrupt"))
            let names = try FileManager.default.contentsOfDirectory(atPath: state.path)
            #expect(!names.contains { $0.contains("corrupt") }, "\(names)")
        }

        /// A signal before the monitor watches ends it as well, and at once.
        @Test(.judges("monitor-terminated"), arguments: [0, 30, 60, 100, 150, 250, 400]) func askedToEndWhileStarting(
            _ delay: Int
        ) async throws {
            let child = try Child(
                [Monitor.command, "run", "--state", state.path, "--workload", "none"], errors: files / "log")
            // The signals are the process's own from the first line of the command on.
            try await eventually("its own signals") {
                try read("/proc/\(child.pid)/status").split(separator: "\n").contains {
                    $0.hasPrefix("SigCgt:") && UInt64($0.suffix(16), radix: 16)! & (1 << 14) != 0
                } ? true : nil
            }
            try await Task.sleep(for: .milliseconds(delay))
            child.signal(SIGTERM)
            let status = try await child.wait(within: .seconds(5))
            let log = try read(files / "log")
            #expect(status == 0, "\(log)")
        }

        /// Much to load is no reason to stay.
        @Test(.judges("monitor-terminated")) func askedToEndWhileLoading() async throws {
            do {
                let store = try Store.open(directory: state.path).store
                for workload in 0..<40 {
                    let key = BaselineKey(workload: "cgroup/many-\(workload)")
                    let rows = (0..<2000).map { number in
                        StoredBehaviour(
                            shape: .open(
                                OpenBehaviour(
                                    executable: "/bin/cat", path: "/srv/\(Self.name(number))", access: [.read])),
                            first: 0, last: 0, count: 1)
                    }
                    try store.write([.baseline(StoredBaseline(key: key, state: .learning)), .behaviours(key, rows)])
                }
            }
            let ready = files / "ready"
            let child = try Child(
                [
                    Monitor.command, "run", "--state", state.path, "--learn", "24h", "--workload", "none",
                    "--ready-file", ready,
                ], errors: files / "log")
            try await eventually("ready", within: .seconds(20)) {
                FileManager.default.fileExists(atPath: ready) ? true : nil
            }
            child.signal(SIGTERM)
            let status = try await child.wait(within: .seconds(5))
            let log = try read(files / "log")
            #expect(status == 0, "\(log)")
            #expect(!FileManager.default.fileExists(atPath: ready))
            let list = try await must([Monitor.command, "baseline", "list", "--json", "--state", state.path])
            #expect(list.components(separatedBy: "\"workload\":").count == 41)
        }
    }
}
