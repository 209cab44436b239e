import Events
import Foundation
import GRDB
import Testing

@testable import Workloads

/// Every file that an identity is taken from, damaged in every way: bounded, said once, and nobody is taken for another.
@Suite(.timeLimit(.minutes(3))) struct BadInputTests {
    enum Damage: String, CaseIterable {
        case none, newer, empty, half, noise, deep, huge, list
    }

    struct Case: CustomTestStringConvertible {
        var engine: Engine
        var file: String
        var damage: Damage
        var testDescription: String { "\(engine): \(file) \(damage)" }
    }

    enum Engine: String, CaseIterable {
        case docker, podman, containerd

        static let id = String(repeating: "ab", count: 32)

        var container: String { self == .containerd ? "web" : Self.id }
        /// What it is called while all is well.
        var right: String { "container/web" }
        /// What it is called by those who cannot read what the engine wrote.
        var lesser: String { self == .containerd ? "container/web" : "container/" + Self.id.prefix(12) }

        var bundle: String {
            switch self {
            case .docker: "/state/io.containerd.runtime.v2.task/moby/" + Self.id
            case .podman: "/storage/overlay-containers/\(Self.id)/userdata"
            case .containerd: "/state/io.containerd.runtime.v2.task/default/web"
            }
        }

        /// Beside the bundle's own.
        var files: [String: String] {
            switch self {
            case .docker:
                [
                    "/docker/containers/\(Self.id)/config.v2.json":
                        #"{"Name":"/web","Config":{"Image":"nginx:1","Labels":{"a":"b"}},"Image":"sha256:01"}"#,
                    "/docker/image/overlay2/repositories.json": #"{"Repositories":{"nginx":{"nginx:1":"sha256:01"}}}"#,
                ]
            case .podman:
                [
                    "/storage/overlay-containers/containers.json":
                        #"[{"id":"\#(Self.id)","names":["web"],"image":"01","metadata":"{}"}]"#,
                    "/storage/overlay-images/images.json": #"[{"id":"01","names":["localhost/web:1"]}]"#,
                ]
            case .containerd: [:]
            }
        }

        var databases: [String] {
            switch self {
            case .docker: []
            case .podman: ["/storage/db.sql", "/storage/libpod/bolt_state.db"]
            case .containerd: ["/root/io.containerd.metadata.v1.bolt/meta.db"]
            }
        }

        var all: [String] { [bundle + "/config.json"] + files.keys.sorted() + databases }
    }

    static let cases = Engine.allCases.flatMap { engine in
        engine.all.flatMap { file in Damage.allCases.map { Case(engine: engine, file: file, damage: $0) } }
    }

    @Test(arguments: cases) func isNobodyElse(_ test: Case) throws {
        let node = try Node()
        let engine = test.engine
        for (path, text) in engine.files { try node.write(path, text) }
        for path in engine.databases { try Self.makeDatabase(node.root + path) }
        var roots = RuntimeRoots.none
        roots.docker = [node.root + "/docker"]
        roots.containerd = [node.root + "/state": node.root + "/root"]
        node.resolver.state.context.roots = roots
        let runtime = try node.crun(engine.container, cgroup: "/top/" + engine.container, bundle: engine.bundle)
        try Self.damage(node.root + test.file, test.damage)

        let cgroup = node.made("/top/" + engine.container, by: runtime)
        var found: Workload?
        // As often as a look is taken, it is said once.
        for look in 1...4 {
            let act = node.open(Actor(process: .none, cgroup: cgroup, executable: ResolvedPath("/x")))
            if case .known(let workload) = node.resolver.attribute(act) { found = workload }
            _ = node.resolver.refresh(now: Resolver.clock() + UInt64(look) * 2_000_000_000)
        }
        let workload = try #require(found)
        if test.damage == .none || test.damage == .newer {
            #expect(workload.id == engine.right && workload.confidence == .runtime)
        } else {
            #expect([engine.right, engine.lesser].contains(workload.id))
            #expect(workload.id == engine.right || workload.confidence == .kernel)
        }
        let isBroken = ![.none, .newer, .list].contains(test.damage)
        if !engine.databases.contains(test.file) {
            #expect(node.warnings.count == (isBroken ? 1 : 0), "\(node.warnings)")
        } else if test.damage == .half || test.damage == .huge {
            // Of a database, what is looked for may be in the half that is there; a hole at the end harms nobody.
            #expect(node.warnings.count <= 1, "\(node.warnings)")
        } else {
            #expect(node.warnings.count == (isBroken || test.damage == .list ? 1 : 0), "\(node.warnings)")
        }
        #expect(node.warnings.allSatisfy { $0.contains(test.file) && !$0.contains("\n") })
    }

    private static func makeDatabase(_ path: String) throws {
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        guard path.hasSuffix(".sql") else {
            return try Data(BoltTests.pages.joined()).write(to: URL(fileURLWithPath: path))
        }
        try DatabaseQueue(path: path).write { database in
            try database.execute(
                sql: """
                    CREATE TABLE ContainerConfig(ID TEXT PRIMARY KEY NOT NULL, Name TEXT, PodID TEXT, JSON TEXT NOT NULL);
                    INSERT INTO ContainerConfig VALUES ('\(Engine.id)', 'web', NULL, '{"labels":{"team":"a"}}')
                    """)
        }
    }

    private static func damage(_ path: String, _ damage: Damage) throws {
        let url = URL(fileURLWithPath: path)
        let whole = try Data(contentsOf: url)
        switch damage {
        case .none: break
        case .newer:
            // A member that nobody knows yet, first in the first object.
            guard let brace = whole.firstIndex(of: UInt8(ascii: "{")), !whole.contains(0) else { return }
            let member = Data(#""NewInVersion99":{"of":["tomorrow",null,1e99]},"#.utf8)
            try (whole[...brace] + member + whole[(brace + 1)...]).write(to: url)
        case .empty: try Data().write(to: url)
        case .half: try whole.prefix(whole.count / 2).write(to: url)
        case .noise: try Data((0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 >> 8) }).write(to: url)
        case .deep: try Data(repeating: UInt8(ascii: "["), count: 100_000).write(to: url)
        case .huge: try #require(truncate(path, 1 << 40) == 0)
        case .list: try Data("[1,2,3]".utf8).write(to: url)
        }
    }
}
