import Foundation
import Testing

@testable import Workloads

/// Real containers, made by Tests/Support/containers.sh and told apart by what the runtimes have written down.
@Suite(.serialized, .enabled(if: Box.isReady, "needs root, cgroup2 and the container runtimes"))
struct ContainerTests {
    @Test func everyRuntimesContainersAreKnown() throws {
        let box = try Box()
        defer { box.down() }
        let digest = try box.up()
        let resolver = Resolver(hierarchy: try Hierarchy.current(), words: { _ in nil }, warn: { print($0) })
        let running = resolver.all()
        func found(_ id: String) -> Running? { running.first { $0.workload.id == id } }

        let crun = try #require(found("oci/\(box.name)-crun"))
        #expect(crun.processes == 1 && crun.workload.container?.runtime == "crun" && crun.workload.digest == nil)
        #expect(crun.workload.instance == "\(box.name)-crun" && crun.workload.started != nil)
        let runc = try #require(found("oci/\(box.name)-runc"))
        #expect(runc.processes == 1 && runc.workload.container?.runtime == "runc")
        let named = try #require(found("container/\(box.name)-podman"))
        #expect(named.workload.digest == digest && named.workload.container?.image?.reference == "localhost/web:1.2")
        #expect(named.workload.container?.runtime == "podman")
        let unnamed = try #require(found("image/localhost/web"))
        #expect(unnamed.workload.digest == digest)
        #expect(found("compose/\(box.name)/db")?.workload.digest == digest)
        #expect(found("host")?.processes ?? 0 > 0)
        #expect(running.allSatisfy { !$0.workload.id.contains("libpod-") })
    }
}

/// The runtimes in a view of a cgroup2-only host.
private final class Box {
    static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../Support/containers.sh").standardized.path
    static var isReady: Bool {
        geteuid() == 0 && FileManager.default.fileExists(atPath: script)
            && (try? Hierarchy.current())?.version != .v1
            && ["crun", "runc", "podman", "busybox"].allSatisfy { name in
                ["/usr/bin/", "/usr/sbin/", "/bin/"].contains {
                    FileManager.default.isExecutableFile(atPath: $0 + name)
                }
            }
    }

    let name = "workloads-\(getpid())"
    let directory: String

    init() throws {
        directory = NSTemporaryDirectory() + "/" + name
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    /// Returns the digest of the image's manifest.
    func up() throws -> String {
        let output = try shell(
            """
            set -e
            rootfs $BOX/root; view_up; podman_up runc
            for runtime in crun runc; do
              bundle $BOX/$runtime $BOX/root /$runtime-test '' -- /bin/sleep 60
              oci_start $runtime $BOX/$runtime \(name)-$runtime
            done
            image $BOX/image.tar localhost/web:1.2 $BOX/root -- /bin/sleep 60
            podman_ load -q -i $BOX/image.tar >&2
            podman_ run -d --pull=never --network none --name \(name)-podman localhost/web:1.2 >&2
            podman_ run -d --pull=never --network none localhost/web:1.2 >&2
            podman_ run -d --pull=never --network none --name \(name)-db --label com.docker.compose.project=\(name) \
              --label com.docker.compose.service=db localhost/web:1.2 >&2
            podman_ image inspect --format '{{.Digest}}' localhost/web:1.2
            """)
        return output.split(separator: "\n").last.map(String.init) ?? ""
    }

    func down() {
        _ = try? shell(
            """
            podman_down
            for runtime in crun runc; do oci $runtime delete -f \(name)-$runtime; done
            view_down
            """)
        try? FileManager.default.removeItem(atPath: directory)
    }

    private struct Failed: Error { var text: String }

    private func shell(_ commands: String) throws -> String {
        // Not Foundation's Process: it waits for all that inherits its descriptors, so for the containers too.
        let log = directory + "/log"
        let out = directory + "/out"
        let file = directory + "/commands"
        try ". \"\(Self.script)\"\n\(commands)\n".write(toFile: file, atomically: true, encoding: .utf8)
        let status = system("BOX='\(directory)' BOX_CGROUP='\(name)' bash '\(file)' >'\(out)' 2>'\(log)' </dev/null")
        guard status == 0 else { throw Failed(text: (try? String(contentsOfFile: log, encoding: .utf8)) ?? "") }
        return (try? String(contentsOfFile: out, encoding: .utf8)) ?? ""
    }
}
