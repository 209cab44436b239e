import Foundation
import Testing

extension NodeTests {
    /// Each act of a provoker, whatever way into the kernel it takes, is the line that was promised.
    @Suite struct EventTests {
        @Test(arguments: Act.opens)
        func open(_ act: Act) async throws { try await compare(act) }

        @Test(arguments: Act.execs)
        func exec(_ act: Act) async throws { try await compare(act) }

        @Test(arguments: Act.connects)
        func connect(_ act: Act) async throws { try await compare(act) }

        @Test(arguments: Act.listens)
        func listen(_ act: Act) async throws { try await compare(act) }

        /// The probe may look at the receiver after its owner has let go of it.
        @Test func closedByItsOwner() async throws {
            try await judged("connect-unix-closed") {
                let cgroup = try Cgroup("closed")
                let files = Scratch("closed")
                let monitor = try await Monitor(["events", "--kind", "connect", "--workload", cgroup.workload])
                try await cgroup.run(Node.provokers + "/close-first", files.path, "500")
                let lines = try await monitor.stop()
                let gaps = lines.last?["driftwatch.gaps"]?.array?.compactMap { Line(json: $0)["id"]?.string } ?? []
                let told = lines.compactMap { $0["destination.address"]?.string }
                if gaps.contains("unix-datagram"), told.isEmpty { return .gap("unix-datagram") }
                let lost = try Ledger(#require(lines.last), "connect", workload: cgroup.workload)["lost"]
                let missing = Set((1...500).map { files / "\($0)" }).subtracting(told)
                #expect(told.count == 500 - Int(lost) && missing.count == lost, "\(missing), \(lost) lost")
                return .seen
            }
        }

        private func compare(_ act: Act) async throws {
            try await judged(act.name) { try await verdict(on: act) }
        }

        private func verdict(on act: Act) async throws -> Verdict {
            let workload = "cgroup/driftwatch-test/" + act.name
            let recorded = try await Recording.shared.lines()
            guard try await Recording.shared.isPossible(act) else { return .impossible }
            let all = recorded.filter { $0.workload == workload && $0.action == act.kind }
            let lines = all.filter { line in
                let name = line.executable.split(separator: "/").last.map(String.init) ?? ""
                if let wanted = act.executable { return wanted == "#" ? name.hasPrefix("#") : name == wanted }
                guard line.executable.hasPrefix("/tmp/driftwatch-node/bin/"), name != "enter-cgroup" else {
                    return false
                }
                // What is opened besides, by every program, is no part of the case.
                return act.kind != "open" || line.file.contains(act.name) || line.file.hasSuffix("/f")
            }
            let gaps = recorded.last?["driftwatch.gaps"]?.array?.compactMap { Line(json: $0)["id"]?.string } ?? []
            if let gap = act.gap, gaps.contains(gap), !act.isSometimesSeen || lines.isEmpty {
                #expect(lines.isEmpty, "seen in spite of the gap \(gap)")
                return .gap(gap)
            }
            // Within mounts of its own, a path leads to another file than from here.
            for line in lines where act.kind == "open" && !act.commands.joined().contains("within") {
                guard let inode = await Recording.shared.inode(of: line.file) else { continue }
                #expect(line["file.inode"]?.string == String(inode), "another file than \(line.file)")
            }
            try Golden.expect(lines, of: workload, in: "events/\(act.kind).jsonl", gaps: gaps)
            return .seen
        }
    }
}
