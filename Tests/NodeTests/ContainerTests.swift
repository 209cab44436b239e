import Foundation
import Testing

extension NodeTests {
    /// Who acted, however briefly it lived.
    @Suite(.needs("crun", "runc", "podman", "busybox"), .serialized) struct ContainerTests {
        @Test(.judges("exec-runtime-init"), arguments: ["crun", "runc"])
        func shortest(_ runtime: String) async throws {
            let box = try await Box.shared()
            let bundle = try await box.bundle("short-\(runtime)", command: ["/bin/true"])
            let monitor = try await Monitor(["events", "--kind", "exec", "--workload", "oci/*"])
            try await box.verb("oci_run", runtime, bundle, "short-\(runtime)")
            let lines = try await monitor.stop().filter { $0.workload == "oci/short-\(runtime)" }
            let line = try #require(lines.first { $0.action == "exec" })
            #expect(lines.count { $0.kind == "event" } == 1, "the runtime's own init is no act of the workload")
            let end = try #require(lines.first { $0.action == "workload-ended" })
            // The kernel counts by cgroup, and runc's own init executes in the container's.
            #expect((end["driftwatch.life.acts.exec"]?.integer ?? 0) >= 1)
            #expect(end["driftwatch.life.programs.first"] == ["/bin/busybox"])
            #expect(end["driftwatch.life.pre_existing"] == false)
            #expect(end["driftwatch.life.exit.code"] == 0)
            #expect(end["driftwatch.life.lost"] == 0)
            #expect(line["process.args"] == ["/bin/true"])
            #expect(line["driftwatch.exec.origin"] == "entrypoint")
            #expect(line["driftwatch.workload.kind"] == "oci")
            #expect(line["container.id"]?.string == "short-\(runtime)")
            #expect(line["container.runtime"]?.string == runtime)
            #expect(line.executable == "/bin/busybox")
        }

        @Test(.judges("who-short")) func burst() async throws {
            let box = try await Box.shared()
            // An emulated machine takes seconds for a container.
            let count = Node.isEmulated ? 10 : 1000
            let bundle = try await box.bundle("burst", command: ["/bin/true"], cgroup: "")
            let monitor = try await Monitor(["events", "--kind", "exec", "--workload", "oci/*"])
            try await box.verb("oci_burst", "crun", "\(count)", "4", bundle, "burst")
            let all = try await monitor.stop()
            let lines = all.filter { $0.action == "exec" }
            let workloads = Set((1...count).map { "oci/burst-\($0)" })
            #expect(Set(lines.map(\.workload)) == workloads)
            #expect(lines.count == count)
            let ended = all.filter { $0.action == "workload-ended" }
            #expect(Set(ended.map(\.workload)) == workloads && ended.count == count, "nothing ends unsaid")
        }

        @Test(.judges("who-nested")) func nestedCgroupBelongsToTheOuter() async throws {
            try await nested(["inner"])
        }

        @Test(.judges("who-forged")) func nameOfACgroupIsNoProof() async throws {
            let id = String(repeating: "ab", count: 32)
            try await nested([
                "libpod-\(id)", "libpod_parent/libpod-\(id)", "docker/\(id)", "k8s.io/\(id)", "default/web", id,
                "kubepods/burstable/pod0b1c/\(id)", "kubepods.slice/kubepods-pod0b1c.slice/cri-containerd-\(id).scope",
                "system.slice/docker-\(id).scope", "machine.slice/libpod-\(id).scope/container",
                "system.slice/sshd.service", "user.slice/user-0.slice/session-1.scope", "crun-web.scope",
            ])
        }

        @Test(.judges("who-deep")) func deeperThanAnyoneLooks() async throws {
            try await nested([20, 150, 400].map { Array(repeating: "d", count: $0).joined(separator: "/") })
        }

        /// What acts in cgroups that were made below a container's own is the container's.
        private func nested(_ names: [String]) async throws {
            let box = try await Box.shared()
            let container = try await box.start("nested", command: ["/bin/sleep", "60"])
            let outer = try await box.cgroup(of: container)
            let monitor = try await Monitor(["events", "--kind", "exec", "--workload", "oci/nested"])
            for (index, name) in names.enumerated() {
                let inner = outer + "/" + name
                try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: true)
                try await must([Node.provokers + "/enter-cgroup", inner, Node.provokers + "/nothing", "\(index)"])
            }
            let lines = try await monitor.stop()
            for name in names {
                var path = outer + "/" + name
                while path != outer, rmdir(path) == 0 { path = (path as NSString).deletingLastPathComponent }
            }
            try await box.stop(container)
            let acts = lines.filter { $0.action == "exec" && $0.executable.hasSuffix("/nothing") }
            #expect(acts.map { $0["process.args"]?.array?.last?.string } == names.indices.map { "\($0)" })
        }

        /// Engines that answer nothing hold nothing up.
        @Test(.judges("who-silent")) func silentEngines() async throws {
            let box = try await Box.shared()
            let files = Scratch("silent")
            let image = try await box.image("localhost/tiny:1")
            try await box.verb("podman_up")
            try await box.verb("podman_", "load", "-q", "-i", image)
            func engine(_ words: String...) throws -> Child {
                try FileManager.default.copyItem(atPath: Node.provokers + "/engine", toPath: files / words[0])
                return try Child([files / words[0]] + words.dropFirst())
            }
            let sockets = ["d", "p", "c"].map { files / $0 }
            let engines = [
                try engine("dockerd", "-H", "unix://" + sockets[0]),
                try engine("podman", "system", "service", "unix://" + sockets[1]),
                try engine("containerd", "--address", sockets[2]),
            ]
            let monitor = try await Monitor(["events", "--kind", "exec"])
            let count = Node.isEmulated ? 3 : 20
            for _ in 0..<count {
                try await box.verb(
                    "podman_", "run", "--rm", "--pull=never", "--network=none", "--entrypoint", "/bin/true",
                    "localhost/tiny:1")
            }
            try await eventually("a warning for each", within: .seconds(30)) {
                let log = try monitor.log()
                return sockets.allSatisfy { log.contains($0 + ":") } ? true : nil
            }
            let log = try monitor.log()
            let lines = try await monitor.stop()
            for engine in engines {
                engine.signal(SIGKILL)
                _ = try await engine.wait()
            }
            try await box.verb("podman_down")
            for socket in sockets { #expect(log.split(separator: "\n").count { $0.contains(socket + ":") } == 1) }
            let acts = lines.filter { $0.action == "exec" && $0.workload == "image/localhost/tiny" }
            #expect(acts.count == count && acts.allSatisfy { $0["driftwatch.identity.confidence"] == "runtime" })
            let delays = acts.compactMap { line in
                line.time("event.created").flatMap { told in line.time("@timestamp").map { told - $0 } }
            }.sorted()
            try #require(delays.count == acts.count)
            // What is promised; only an emulated machine is given longer.
            let most = 50_000_000 * Int64(Node.isEmulated ? Node.patience : 1)
            #expect(delays[delays.count / 2] < most, "\(delays)")
        }

        @Test(.judges("exec-session"), arguments: ["crun exec", "nsenter"])
        func enteredFromOutside(_ way: String) async throws {
            let box = try await Box.shared()
            let container = try await box.start("entered", command: ["/bin/sleep", "60"])
            let monitor = try await Monitor(["events", "--kind", "exec", "--workload", "oci/entered"])
            if way == "nsenter" {
                let cgroup = try await box.cgroup(of: container)
                try await must(
                    [
                        Node.provokers + "/enter-cgroup", cgroup, "nsenter", "-t", "\(container.pid)", "-m", "-p", "-n",
                        "-u",
                        "-i", "/bin/id",
                    ])
            } else {
                try await box.verb("oci", "crun", "exec", container.id, "/bin/id")
            }
            let lines = try await monitor.stop()
            try await box.stop(container)
            // Of nsenter, the tool itself is what comes in; the rest is below it.
            let first = try #require(lines.first { $0.action == "exec" })
            #expect(first["driftwatch.exec.origin"] == "injected", "\(lines)")
            // Who brought it in, and where that came from.
            let entrant = try #require(first["driftwatch.entered.by.executable"]?.string)
            let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            #expect(way == "nsenter" ? entrant == own : entrant.hasSuffix("crun"), "\(first)")
            let above = first["driftwatch.ancestors"]?.array?.compactMap { Line(json: $0)["pid"]?.integer } ?? []
            #expect(above.last == 1 || above.contains(Int64(getpid())), "\(first)")
            #expect(lines.contains { $0["process.args"] == ["/bin/id"] })
        }

        /// What a runtime runs at a regular beat is a health check, not an intruder.
        @Test func probe() async throws {
            let box = try await Box.shared()
            let container = try await box.start("probed", command: ["/bin/sleep", "60"])
            let monitor = try await Monitor(["events", "--kind", "exec", "--workload", "oci/probed"])
            for _ in 0..<4 {
                try await box.verb("oci", "crun", "exec", container.id, "/bin/true")
                try await Task.sleep(for: .milliseconds(2500))
            }
            try await box.verb("oci", "crun", "exec", container.id, "/bin/id")
            let lines = try await monitor.stop().filter { $0.action == "exec" }
            try await box.stop(container)
            let origins = lines.compactMap { $0["driftwatch.exec.origin"]?.string }
            #expect(origins == ["injected", "injected", "probe", "probe", "injected"], "\(lines)")
        }

        /// Up to the container's first process, which is named.
        @Test func ancestorsEndWithTheFirst() async throws {
            let box = try await Box.shared()
            let bundle = try await box.bundle(
                "family", command: ["/bin/sh", "-c", "/bin/sh -c '/bin/sh -c \"/bin/true; exit 7\"; exit 7'; exit 7"])
            let monitor = try await Monitor(["events", "--workload", "oci/family"])
            _ = try? await box.verb("oci_run", "crun", bundle, "family")
            let lines = try await monitor.stop()
            let first = try #require(lines.first { $0["driftwatch.exec.origin"] == "entrypoint" })
            #expect(first["driftwatch.ancestors"] == nil && first["process.entry_leader"] == nil, "\(first)")
            let last = try #require(lines.first { $0["process.args"] == ["/bin/true"] })
            #expect(last["process.entry_leader.pid"] == first["process.pid"], "\(last)")
            #expect(last["process.entry_leader.entity_id"] == first["process.entity_id"], "\(last)")
            let above = last["driftwatch.ancestors"]?.array?.map { Line(json: $0)["executable"]?.string } ?? []
            #expect(above == ["/bin/busybox", "/bin/busybox"], "\(last)")
            let end = try #require(lines.first { $0.action == "workload-ended" })
            #expect(end["driftwatch.life.exit.code"] == 7, "\(end)")
        }

        @Test(.judges("exec-dropped")) func droppedProgramLiesInTheUpperLayer() async throws {
            let box = try await Box.shared()
            let container = try await box.start(
                "upper",
                command: [
                    "/bin/sh", "-c",
                    "until [ -e /tmp/go ]; do sleep 0.1; done; cp /bin/busybox /tmp/x; /tmp/x true; sleep 60",
                ])
            let monitor = try await Monitor(["events", "--kind", "exec", "--workload", "oci/upper"])
            try "".write(toFile: "/proc/\(container.pid)/root/tmp/go", atomically: false, encoding: .utf8)
            let line = try await monitor.line("the dropped program") { $0.executable == "/tmp/x" }
            #expect(line["driftwatch.exec.upper_layer"] == true)
            #expect(line["driftwatch.exec.origin"] == "child")
            try await monitor.stop()
            try await box.stop(container)
        }

        @Test(.judges("exec-session")) func enteredByPodman() async throws {
            let box = try await Box.shared()
            let image = try await box.image("localhost/tiny:1")
            try await box.verb("podman_up")
            try await box.verb("podman_", "load", "-q", "-i", image)
            try await box.verb(
                "podman_", "run", "-d", "--pull=never", "--network=none", "--name", "driftwatch-entered",
                "--entrypoint",
                "/bin/sleep", "localhost/tiny:1", "300")
            let monitor = try await Monitor([
                "events", "--kind", "exec", "--workload", "container/driftwatch-entered",
            ])
            try await box.verb("podman_", "exec", "driftwatch-entered", "/bin/id")
            let lines = try await monitor.stop().filter { $0.action == "exec" }
            try await box.verb("podman_down")
            #expect(lines.map { $0["process.args"] } == [["/bin/id"]], "\(lines)")
            #expect(lines.first?["driftwatch.exec.origin"] == "injected", "\(lines)")
        }

        /// podman: a name that a person gave, and one that was made up.
        @Test(arguments: [true, false])
        func podman(named: Bool) async throws {
            let box = try await Box.shared()
            let image = try await box.image("localhost/tiny:1")
            try await box.verb("podman_up")
            try await box.verb("podman_", "load", "-q", "-i", image)
            let monitor = try await Monitor(["events", "--kind", "exec"])
            let name = named ? ["--name", "driftwatch-named"] : []
            try await box.verb(
                ["podman_", "run", "--pull=never", "--rm", "--network=none"] + name
                    + ["--entrypoint", "/bin/sleep", "localhost/tiny:1", "1"])
            let lines = try await monitor.stop()
            try await box.verb("podman_down")
            let line = try #require(lines.first { $0["process.args"] == ["/bin/sleep", "1"] })
            #expect(line.workload == (named ? "container/driftwatch-named" : "image/localhost/tiny"))
            #expect(line["container.image.name"] == "localhost/tiny")
            #expect(line["container.image.tag"] == "1")
        }
    }
}
