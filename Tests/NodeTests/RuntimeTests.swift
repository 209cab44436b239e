import Events
import Foundation
import Testing

extension NodeTests {
    /// The identity of everything that the runtimes of this machine run, from start to end.
    @Suite(.needs("crun", "runc", "podman", "dockerd", "docker", "containerd", "ctr", "busybox", "curl"), .serialized)
    struct RuntimeTests {
        enum Place: String, CaseIterable {
            /// This machine as it is.
            case host
            /// A cgroup2-only host.
            case view
        }

        @Test(arguments: Place.allCases) func whoeverStartsItItIsKnown(_ place: Place) async throws {
            let table = RuntimeTable(place.rawValue)
            await table.down()
            try await judged {
                // Engines that are there already, and engines that come later.
                if place == .host { try await table.up() }
                let monitor = try await Monitor(["events", "--kind", "exec"])
                if place == .view { try await table.up() }
                let started = try await table.start()
                // What another look finds out, without having seen anything begin.
                let listed = try await must([Monitor.command, "workloads", "--json"])
                let rows = (try Line(listed).json.array ?? []).map(Line.init(json:))
                let ended = try await table.end()
                let all = Set(started.values.map(\.instance))
                try await eventually("the end of each") {
                    let over = try monitor.lines(with: "workload-ended").compactMap {
                        $0["driftwatch.workload.instance"]?.string
                    }
                    return all.isSubset(of: over) ? true : nil
                }
                let lines = try await monitor.stop()
                let digests = try table.digests()
                for runtime in Runtime.all {
                    let (begin, end) = (try #require(started[runtime.row]), try #require(ended[runtime.row]))
                    let seen = Seen(runtime: runtime, instance: begin.instance, digests: digests)
                    try seen.check(running: rows.filter { $0["instance"]?.string == begin.instance }, begin.span)
                    try seen.check(lines: lines.filter { $0["driftwatch.workload.instance"]?.string == begin.instance })
                    try seen.check(ends: lines, began: begin.span, ended: end)
                }
            } cleanup: {
                await table.down()
            }
        }

        struct Burst: Sendable, CustomTestStringConvertible {
            let row: String
            let workload: String
            var testDescription: String { row }
        }

        /// Hundreds at once, none of which lives longer than 10 ms: none is lost, none is somebody else's.
        @Test(
            .enabled(if: Node.isThorough, "for make test-runtimes"),
            arguments: [
                Burst(row: "crun", workload: "oci/"), Burst(row: "podman", workload: "container/"),
                Burst(row: "cri", workload: "k8s/shop/deployment/shop/"),
            ])
        func shortLives(_ burst: Burst) async throws {
            let count = 300
            let table = RuntimeTable("host")
            await table.down()
            try await judged {
                try await table.up()
                let monitor = try await Monitor(["events", "--kind", "exec"])
                try await table.burst(burst.row, count: count)
                let wanted = Set((1...count).map { burst.workload + "burst-\($0)" })
                let over = try await eventually("the end of each", within: .seconds(60)) {
                    let over = try monitor.lines(with: "workload-ended").map(\.workload).filter(wanted.contains)
                    return over.count >= count ? over : nil
                }
                let acts = try await monitor.stop().filter {
                    $0.action == "exec" && $0["process.args"] == ["/bin/sleep", "0.01"]
                }
                #expect(acts.count == count && Set(acts.map(\.workload)) == wanted)
                #expect(acts.allSatisfy { $0["driftwatch.identity.confidence"] == "runtime" })
                #expect(over.count == count && Set(over) == wanted)
            } cleanup: {
                await table.down()
            }
        }

        @Test func documentHoldsEveryRuntime() throws { try Document.holds(Runtime.table, in: "identity.md") }

        private func judged(_ body: () async throws -> Void, cleanup: () async -> Void) async throws {
            do { try await body() } catch {
                await cleanup()
                throw error
            }
            await cleanup()
        }
    }
}

/// What is to be seen of one row.
private struct Seen {
    let runtime: Runtime
    let instance: String
    /// Manifest and image id by the image's name.
    let digests: [String: [String]]

    private var digest: String? {
        guard let image = runtime.image, let known = digests[image] else { return nil }
        switch runtime.digest {
        case .manifest: return known[0]
        case .image: return known[1]
        case nil: return nil
        }
    }

    func check(running rows: [Line], _ span: ClosedRange<Int64>) throws {
        try #require(rows.count == 1, "\(runtime.row) is listed \(rows.count) times")
        let row = rows[0]
        #expect(row["id"]?.string == runtime.id)
        #expect(row["name"]?.string == runtime.name, "\(runtime.row)")
        #expect(row["image"]?.string == runtime.image, "\(runtime.row)")
        #expect(row["digest"]?.string == digest, "\(runtime.row)")
        #expect(row["pod.serviceAccount"]?.string == runtime.account, "\(runtime.row)")
        guard case .object(let labels) = row["labels"] else { throw Trouble("\(runtime.row) has no labels") }
        for (key, value) in runtime.labels { #expect(labels[key]?.string == value, "\(runtime.row): \(key)") }
        // Told in whole seconds.
        let start = try #require(row["started"]?.string.flatMap(Timestamp.nanoseconds), "\(runtime.row) has no start")
        #expect((span.lowerBound - 1_000_000_000...span.upperBound).contains(start), "\(runtime.row)")
    }

    func check(lines: [Line]) throws {
        let line = try #require(
            lines.first { $0.action == "exec" && $0["process.args"]?.array?.map(\.string) == runtime.program },
            "\(runtime.row): no exec of its program in \(lines.count) lines")
        try check(line)
        #expect(line["driftwatch.exec.origin"]?.string == runtime.origin, "\(runtime.row)")
    }

    private func check(_ line: Line) throws {
        #expect(line.workload == runtime.id, "\(line)")
        #expect(line["driftwatch.identity.confidence"] == "runtime", "\(line)")
        #expect(line["driftwatch.workload.digest"]?.string == digest, "\(line)")
        #expect(line["driftwatch.kubernetes.service_account"]?.string == runtime.account, "\(line)")
        #expect(line["container.name"]?.string == runtime.name, "\(line)")
        let (name, tag) = (line["container.image.name"]?.string, line["container.image.tag"]?.string)
        #expect(name.map { $0 + ":" + (tag ?? "") } == runtime.image, "\(line)")
        if let digest { #expect(line["container.image.hash.all"]?.array?.first?.string == digest) }
    }

    func check(ends lines: [Line], began: ClosedRange<Int64>, ended: ClosedRange<Int64>) throws {
        let ends = lines.filter {
            $0.action == "workload-ended" && $0["driftwatch.workload.instance"]?.string == instance
        }
        try #require(ends.count == 1, "\(runtime.row) ends \(ends.count) times")
        try check(ends[0])
        // What the runtime does inside before the container runs is not the container's.
        if runtime.origin == "entrypoint" {
            #expect(ends[0]["driftwatch.life.programs.first"] == ["/bin/busybox"], "\(ends[0])")
        }
        func time(_ field: String) throws -> Int64 {
            try #require(ends[0]["driftwatch.life.\(field)"]?.string.flatMap(Timestamp.nanoseconds))
        }
        let (first, last) = (try time("began"), try time("ended"))
        #expect(began.contains(first), "\(runtime.row) began \(first), not in \(began)")
        #expect(ended.contains(last), "\(runtime.row) ended \(last), not in \(ended)")
    }
}

/// Engines with one container of each kind, by way of Tests/Support/runtimes.sh.
private final class RuntimeTable {
    private static let script = Node.tests + "/Support/runtimes.sh"
    private let path: String
    private let environment: [String: String]

    init(_ place: String) {
        path = "/tmp/driftwatch-node/table"
        environment = ["BOX": path, "BOX_CGROUP": "driftwatch-table", "BOX_PLACE": place]
    }

    private func verb(_ words: [String]) async throws -> String {
        try await must([Self.script] + words, environment: environment)
    }

    func up() async throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        _ = try await verb(["up"])
    }

    func down() async {
        _ = try? await verb(["down"])
        try? FileManager.default.removeItem(atPath: path)
    }

    private static let rows = Runtime.all.map(\.row)

    func start() async throws -> [String: (instance: String, span: ClosedRange<Int64>)] {
        var started: [String: (instance: String, span: ClosedRange<Int64>)] = [:]
        for line in try await verb(["start"] + Self.rows).split(separator: "\n") {
            let words = line.split(separator: " ")
            try #require(words.count == 4, "\(line)")
            started[String(words[0])] = (
                String(words[1]), try #require(Int64(words[2]))...(try #require(Int64(words[3])))
            )
        }
        return started
    }

    /// Containers before the sandbox that they are in: the end of a sandbox is the end of all.
    func end() async throws -> [String: ClosedRange<Int64>] {
        var ended: [String: ClosedRange<Int64>] = [:]
        for line in try await verb(["end"] + Self.rows).split(separator: "\n") {
            let words = line.split(separator: " ")
            try #require(words.count == 3, "\(line)")
            ended[String(words[0])] = try #require(Int64(words[1]))...(try #require(Int64(words[2])))
        }
        ended["cri"] = ended["sandbox"]
        return ended
    }

    func burst(_ row: String, count: Int) async throws {
        let finished = try await run(
            [Self.script, "burst", row, "\(count)", "4"], environment: environment, within: .seconds(600))
        try #require(finished.status == 0, "\(finished.errors)")
    }

    func digests() throws -> [String: [String]] {
        let lines = try read(path + "/images").split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        return Dictionary(uniqueKeysWithValues: lines.map { ($0[0], Array($0[1...])) })
    }
}
