import Foundation
import Testing

extension NodeTests {
    /// Whose act it was, when names, ids and places are used again or changed meanwhile.
    @Suite struct WhoTests {
        @Test(.judges("who-moved")) func movedBetweenCgroups() async throws {
            let files = Scratch("moved")
            let (first, second) = (try files.write("x", to: "first"), try files.write("x", to: "second"))
            let (from, to) = (try Cgroup("moved-from"), try Cgroup("moved-to"))
            let monitor = try await Monitor([
                "events", "--kind", "open", "--workload", "cgroup/driftwatch-test/moved-*",
            ])
            try await must([Node.provokers + "/move-open", from.path, first, to.path, second])
            let opened = try await monitor.stop().filter { $0.file.hasPrefix(files.path) }
            #expect(opened.map(\.file) == [first, second])
            #expect(opened.map(\.workload) == [from.workload, to.workload])
        }

        @Test(.judges("who-claimed")) func claimedByAUser() async throws {
            let cgroup = try Cgroup("claimed")
            let child = try cgroup.start("/bin/sleep", "60")
            try await eventually("a process within") {
                try read(cgroup.path + "/cgroup.procs").isEmpty ? nil : true
            }
            // Of a user that there is not.
            let home = "/run/user/4242424"
            defer { try? FileManager.default.removeItem(atPath: home) }
            try FileManager.default.createDirectory(
                atPath: home + "/crun/theirs", withIntermediateDirectories: true)
            let state = #"{"pid":\#(child.pid),"cgroup-path":"/\#(cgroup.name)","bundle":"/none"}"#
            try Data(state.utf8).write(to: URL(filePath: home + "/crun/theirs/status"))
            let listed = try await must([Monitor.command, "workloads", "--json"])
            child.signal(SIGKILL)
            _ = try await child.wait()
            let ids = (try Line(listed).json.array ?? []).compactMap { Line(json: $0)["id"]?.string }
            #expect(ids.contains(cgroup.workload) && !ids.contains("oci/theirs"), "\(ids)")
        }

        @Test(.judges("who-odd-name")) func aNameOfAnyBytes() async throws {
            let files = Scratch("odd")
            // No newline: the kernel refuses that.
            let script = #"""
                odd=$1/$(printf 'odd \33[31m"\\\377\302\233')
                mkdir "$odd" && "$2/enter-cgroup" "$odd" "$2/nothing" odd
                rmdir "$odd"
                """#
            let outer = try Cgroup("odd")
            let filter = ["--kind", "exec", "--workload", outer.workload + "/**"]
            let monitor = try await Monitor(["events"] + filter)
            let terminal = try await Monitor(["events", "--format", "text", "--output", files / "text"] + filter)
            try await must(["sh", "-c", script, "sh", outer.path, Node.provokers])
            let lines = try await monitor.stop().filter { $0.executable.hasSuffix("/nothing") }
            #expect(lines.map(\.workload) == [outer.workload + "/odd \u{1b}[31m\"\\\u{ff}\u{9b}"], "\(lines)")
            for line in lines { #expect(!line.text.utf8.contains { $0 < 32 || $0 == 127 }, "\(line)") }
            kill(terminal.pid, SIGTERM)
            let text = try await eventually("text") {
                let text = try read(files / "text")
                return text.contains("monitor-stopped") || text.contains("stopped") ? text : nil
            }
            #expect(text.contains("nothing"))
            let raw = text.unicodeScalars.filter { $0.value < 32 && $0 != "\n" || (127..<160).contains($0.value) }
            #expect(raw.isEmpty, "\(raw.map(\.value))")
        }

        @Test(.judges("who-pid")) func processIdUsedAgain() async throws {
            let cgroup = try Cgroup("pid")
            let monitor = try await Monitor(["events", "--kind", "exec", "--workload", cgroup.workload])
            try await cgroup.run(Node.provokers + "/spawn", "pid", Node.provokers + "/nothing", "first")
            let lines = try await monitor.stop().filter { $0.executable.hasSuffix("/nothing") }
            #expect(lines.map { $0["process.args"]?.array?.last } == ["first", "second"])
            #expect(Set(lines.map { $0["process.pid"] }).count == 1, "\(lines)")
            #expect(Set(lines.map { $0["process.entity_id"] }).count == 2, "\(lines)")
            #expect(Set(lines.map { $0["process.start"] }).count == 2, "\(lines)")
        }

        /// The shell makes what no String can name. A newline, the kernel refuses (cgroup_mkdir()).
        @Test(
            .judges("who-odd-bytes"),
            arguments: [
                (#" a "b" "#, #" a "b" "#), (#"\033[31m"#, "\u{1b}[31m"), (#"a\377b"#, "aÿb"), (#"\\040"#, #"\040"#),
            ])
        func oddlyNamedCgroup(_ octal: String, _ text: String) async throws {
            let around = try Cgroup("odd")
            func make(_ name: String) async throws {
                try await must(["sh", "-c", #"mkdir "$0/$(printf "$1x")""#, around.path, name + octal])
            }
            func act(in name: String) async throws {
                let enter = #"exec "$2" "$0/$(printf "$1x")" "$3""#
                let words = [around.path, name + octal, Node.provokers + "/enter-cgroup", Node.provokers + "/nothing"]
                try await must(["sh", "-c", enter] + words)
            }
            try await make("before")
            let monitor = try await Monitor(["events", "--kind", "exec", "--workload", "cgroup/driftwatch-test/odd/*"])
            try await make("after")
            for name in ["before", "after"] { try await act(in: name) }
            let lines = try await monitor.stop().filter { $0.executable.hasSuffix("/nothing") }
            for name in ["before", "after"] {
                try await must(["sh", "-c", #"rmdir "$0/$(printf "$1x")""#, around.path, name + octal])
            }
            #expect(lines.map(\.workload) == ["before", "after"].map { around.workload + "/" + $0 + text + "x" })
        }

        @Test(.needs("crun", "runc", "busybox"), .judges("who-cgroup")) func cgroupUsedAgain() async throws {
            let box = try await Box.shared()
            let names = ["again-one", "again-two"]
            var bundles: [String] = []
            for name in names {
                bundles.append(try await box.bundle(name, command: ["/bin/echo", name], cgroup: "/again"))
            }
            let monitor = try await Monitor(["events", "--kind", "exec", "--workload", "oci/*"])
            for (name, bundle) in zip(names, bundles) { try await box.verb("oci_run", "crun", bundle, name) }
            let lines = try await monitor.stop().filter { $0.action == "exec" }
            #expect(lines.map { $0["process.args"]?.array?.last?.string } == names, "\(lines)")
            #expect(lines.map(\.workload) == names.map { "oci/" + $0 }, "\(lines)")
        }
    }
}
