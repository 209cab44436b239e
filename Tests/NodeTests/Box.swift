import Foundation

/// Real containers, by way of Tests/Support/containers.sh; one box for all tests, taken down when they end.
final class Box: Sendable {
    private static let script = Node.tests + "/Support/containers.sh"
    static let path = "/tmp/driftwatch-node/box"
    private static let made = Task { try await Box() }

    static func shared() async throws -> Box { try await made.value }

    struct Container: Sendable {
        let id: String
        let pid: pid_t
        let files: String
    }

    private init() async throws {
        // What a run that was killed left behind.
        _ = try? await run([Self.script, "view_down"], environment: Self.environment)
        try? FileManager.default.removeItem(atPath: Self.path)
        try FileManager.default.createDirectory(atPath: Self.path, withIntermediateDirectories: true)
        try await verb("view_up")
        atexit { Box.down() }
        try await verb("rootfs", Self.path + "/image")
        for program in ["agent", "nothing", "open-again"] {
            try FileManager.default.copyItem(
                atPath: Node.provokers + "/" + program, toPath: Self.path + "/image/bin/" + program)
        }
    }

    private static let environment = ["BOX": path, "BOX_CGROUP": "driftwatch-node"]

    private static func down() {
        guard let child = try? Child([script, "view_down"], environment: environment) else { return }
        waitpid(child.pid, nil, 0)
    }

    @discardableResult
    func verb(_ words: String...) async throws -> String { try await verb(words) }

    @discardableResult
    func verb(_ words: [String]) async throws -> String {
        try await must([Self.script] + words, environment: Self.environment)
    }

    /// A root file system of its own over the shared image; its upper layer is what the container writes.
    func bundle(
        _ id: String, command: [String], image: String = Box.path + "/image", network: String = "",
        cgroup: String? = nil
    ) async throws -> String {
        let files = Self.path + "/" + id
        _ = try? await verb("overlay_down", files)
        try? FileManager.default.removeItem(atPath: files)
        try await verb("overlay", files, image)
        try await verb(
            ["bundle", files + "/bundle", files + "/merged", cgroup ?? "/" + id, network, "--"] + command)
        return files + "/bundle"
    }

    func start(_ id: String, command: [String], network: String = "", runtime: String = "crun") async throws
        -> Container
    {
        let bundle = try await bundle(id, command: command, network: network)
        try await verb("oci_start", runtime, bundle, id)
        guard let pid = pid_t(try read(bundle + "/pid")) else { throw Trouble("no pid of \(id)") }
        return Container(id: id, pid: pid, files: Self.path + "/" + id)
    }

    func stop(_ container: Container, runtime: String = "crun") async throws {
        try await verb("oci_stop", runtime, container.id)
        try await verb("overlay_down", container.files)
    }

    /// Path of a container's cgroup as the host sees it.
    func cgroup(of container: Container) async throws -> String {
        let line = try read("/proc/\(container.pid)/cgroup").split(separator: "\n").first { $0.hasPrefix("0::") }
        guard let line else { throw Trouble("\(container.id) has no cgroup2 cgroup") }
        return Node.cgroup2! + line.dropFirst(3)
    }

    /// An image archive of the shared root file system.
    func image(_ name: String) async throws -> String {
        let archive = Self.path + "/image.tar"
        try await verb("image", archive, name, Self.path + "/image", "--", "/bin/sleep", "300")
        return archive
    }
}
