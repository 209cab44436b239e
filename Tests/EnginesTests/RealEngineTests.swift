import Foundation
import Testing

@testable import Engines
@testable import Workloads

/// The engines themselves: what each says over its socket of what it runs.
@Suite(.serialized, .enabled(if: Box.isReady, "needs root, cgroup2 and the container runtimes"))
struct RealEngineTests {
    @Test func tellWhatTheyRunAndWhenItEnds() async throws {
        let box = try Box()
        defer { box.down() }
        let said = try box.up()
        let engines = RuntimeEngines(patience: .seconds(60), warn: { print($0) }, wake: {})
        for (language, path) in [
            (EngineSocket.Language.docker, "docker/docker.sock"), (.podman, "podman/api.sock"),
            (.cri, "containerd/containerd.sock"),
        ] { engines.know(EngineSocket(language, box.directory + "/" + path)) }
        var reports: [String: EngineReport] = [:]
        var ended: [String: Int64] = [:]
        func listen(until done: () -> Bool) async throws {
            for _ in 0..<12000 where !done() {
                for news in engines.take() {
                    switch news {
                    case .runs(let report): reports[report.facts.id] = report
                    case .ended(let id, let time, _): ended[id] = time
                    case .pods: break
                    }
                }
                try await Task.sleep(for: .milliseconds(10))
            }
        }

        let ids = ["podman", "member", "docker", "cri", "pod"].map { said[$0] ?? "" }
        try await listen { ids.allSatisfy { reports[$0] != nil } }
        let podman = try #require(reports[ids[0]]?.facts)
        #expect(podman.name == "\(box.name)-podman" && podman.labels["team"] == "a")
        #expect(podman.image == "localhost/web:1.2" && podman.digests.first == said["digest"])
        #expect(try #require(reports[ids[1]]?.facts).name == "\(box.name)-member")
        let docker = try #require(reports[ids[2]]?.facts)
        #expect(docker.name == "\(box.name)-docker" && docker.labels["team"] == "b")
        #expect(docker.image == "localhost/web:1.2" && docker.digests.first?.hasPrefix("sha256:") == true)
        let cri = try #require(reports[ids[3]]?.facts)
        #expect(cri.name == "main" && cri.labels["app.kubernetes.io/name"] == "shop")
        #expect(cri.labels["io.kubernetes.pod.name"] == "shop-7d9f8b6c5-x7k2p" && cri.image == "localhost/web:1.2")
        // An image that was imported, not pulled, has only its id there.
        #expect(cri.digests.first?.hasPrefix("sha256:") == true)
        #expect(try #require(reports[ids[4]]?.facts).labels["pod-template-hash"] == "7d9f8b6c5")
        let now = Int64(Date().timeIntervalSince1970 * 1e9)
        for id in ids {
            let report = try #require(reports[id])
            #expect((now - 300_000_000_000...now).contains(try #require(report.facts.started)))
            // What it says is enough to find the container, by process and cgroup.
            let resolver = Resolver(
                hierarchy: try Hierarchy.current(), roots: .none, words: { _ in nil }, warn: { _ in })
            resolver.engines = Repeated(report)
            let running = try #require(resolver.all().first { $0.workload.instance == id })
            #expect(running.processes == 1 && running.workload.confidence == .runtime)
        }

        try box.end()
        try await listen { ids.allSatisfy { ended[$0] != nil } }
        for id in ids { #expect(try #require(ended[id]) > now) }
        withExtendedLifetime(engines) {}
    }
}

/// Says again what was said.
private final class Repeated: Engines {
    private let report: EngineReport
    init(_ report: EngineReport) { self.report = report }
    func know(_ socket: EngineSocket) {}
    func ask(_ id: String, runtime: String) {}
    func askForPods() {}
    func take() -> [EngineNews] { [.runs(report)] }
}

/// podman in a view of a cgroup2-only host, docker and containerd on the host as it is.
private final class Box {
    static let support = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../Support").standardized.path
    static var isReady: Bool {
        geteuid() == 0 && (try? Hierarchy.current()).map { $0.version != .v1 } == true
            && ["runc", "podman", "dockerd", "docker", "containerd", "ctr", "busybox", "curl"].allSatisfy { name in
                ["/usr/bin/", "/usr/sbin/", "/bin/"].contains {
                    FileManager.default.isExecutableFile(atPath: $0 + name)
                }
            }
    }

    let name = "engines-\(getpid())"
    let directory: String

    init() throws {
        directory = "/tmp/" + name
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    /// Ids of the containers and the digest of their image.
    func up() throws -> [String: String] {
        let pod = "shop shop-7d9f8b6c5-x7k2p uid-1"
        let output = try shell(
            """
            set -e
            rootfs $BOX/root; view_up; podman_up runc
            image $BOX/image.tar localhost/web:1.2 $BOX/root team=image -- /bin/sleep 60 >&2
            image $BOX/pause.tar localhost/pause:1 $BOX/root -- /bin/sleep 60 >&2
            podman_ load -q -i $BOX/image.tar >&2
            podman_api_up
            echo podman $(podman_ run -d --pull=never --network none --name \(name)-podman --label team=a localhost/web:1.2)
            podman_ pod create --infra=false --share-parent=false --name \(name)-pod >&2
            echo member $(podman_ run -d --pull=never --network none --pod \(name)-pod --name \(name)-member \
              localhost/web:1.2)
            echo digest $(podman_ image inspect --format '{{.Digest}}' localhost/web:1.2)
            dockerd_up
            docker_ load -q -i $BOX/image.tar >&2
            echo docker $(docker_ run -d --network none --name \(name)-docker --label team=b localhost/web:1.2)
            containerd_up
            ctr_ images import $BOX/image.tar >&2; ctr_ images import $BOX/pause.tar >&2
            cri="python3 \(Self.support)/cri.py $BOX/containerd/containerd.sock"
            sandbox=$($cri pod \(pod) /kubepods/\(name) app.kubernetes.io/name=shop pod-template-hash=7d9f8b6c5)
            echo pod $sandbox; echo $sandbox >$BOX/sandbox
            echo cri $($cri container $sandbox \(pod) main localhost/web:1.2 -- /bin/sleep 60)
            """)
        let pairs = output.split(separator: "\n").map { $0.split(separator: " ") }.filter { $0.count == 2 }
        return Dictionary(pairs.map { (String($0[0]), String($0[1])) }) { first, _ in first }
    }

    func end() throws {
        _ = try shell(
            """
            docker_ kill \(name)-docker >&2
            podman_ kill \(name)-podman \(name)-member >&2
            python3 \(Self.support)/cri.py $BOX/containerd/containerd.sock remove $(cat $BOX/sandbox)
            """)
    }

    func down() {
        _ = try? shell(
            """
            docker_ rm -f \(name)-docker; podman_api_down; podman_down
            python3 \(Self.support)/cri.py $BOX/containerd/containerd.sock remove $(cat $BOX/sandbox)
            containerd_down; dockerd_down; view_down
            """)
        try? FileManager.default.removeItem(atPath: directory)
    }

    private struct Failed: Error { var text: String }

    private func shell(_ commands: String) throws -> String {
        // Not Foundation's Process: it waits for all that inherits its descriptors, so for the containers too.
        let (log, out, file) = (directory + "/log", directory + "/out", directory + "/commands")
        try ". \"\(Self.support)/containers.sh\"\n\(commands)\n".write(toFile: file, atomically: true, encoding: .utf8)
        let status = system("BOX='\(directory)' BOX_CGROUP='\(name)' bash '\(file)' >'\(out)' 2>'\(log)' </dev/null")
        guard status == 0 else { throw Failed(text: (try? String(contentsOfFile: log, encoding: .utf8)) ?? "") }
        return (try? String(contentsOfFile: out, encoding: .utf8)) ?? ""
    }
}
