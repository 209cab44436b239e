import Foundation

/// A container whose only program does what it is told: see Tests/Provokers/agent.c.
struct Agent: Sendable {
    let container: Box.Container
    private let answers: String
    private let box: Box
    let workload: String

    /// `workload`: what it says that it is part of, as replicas do.
    init(_ box: Box, _ id: String, workload: String? = nil) async throws {
        let bundle = try await box.bundle(id, command: ["/bin/agent", "/tmp/orders"], image: try Self.image(box))
        if let workload { try Self.annotate(bundle + "/config.json", ["driftwatch.workload": workload]) }
        self.workload = workload ?? "oci/" + id
        try await box.verb("agent_start", bundle, id)
        guard let pid = pid_t(try read(bundle + "/pid")) else { throw Trouble("no pid of \(id)") }
        container = Box.Container(id: id, pid: pid, files: Box.path + "/" + id)
        answers = bundle + "/answers"
        self.box = box
    }

    private static func annotate(_ path: String, _ annotations: [String: String]) throws {
        let read = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: path)))
        guard var config = read as? [String: Any] else { throw Trouble("\(path) is no object") }
        config["annotations"] = annotations
        try JSONSerialization.data(withJSONObject: config).write(to: URL(filePath: path))
    }

    /// The shared image with something worth stealing in it.
    private static func image(_ box: Box) throws -> String {
        let image = Box.path + "/image"
        for (path, text) in [
            ("etc/motd", "hello"), ("etc/other", "x"), ("etc/shadow", "root:*:"), ("run/secrets/token", "t"),
            ("../leaked/file", "of the host"),
        ] {
            let whole = image + "/" + path
            try FileManager.default.createDirectory(
                atPath: (whole as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try text.write(toFile: whole, atomically: false, encoding: .utf8)
        }
        let other = image + "/bin/other"
        if !FileManager.default.fileExists(atPath: other) {
            try FileManager.default.copyItem(atPath: Node.provokers + "/nothing", toPath: other)
        }
        return image
    }

    /// Gives one order and waits until it is carried out.
    func order(_ order: String) async throws {
        let before = try answered()
        let orders = FileHandle(forWritingAtPath: "/proc/\(container.pid)/root/tmp/orders")
        guard let orders else { throw Trouble("the agent \(container.id) takes no orders") }
        try orders.write(contentsOf: Data((order + "\n").utf8))
        try orders.close()
        let answer = try await eventually("answer to \(order)", within: .seconds(30)) {
            let answers = try answered()
            return answers.count > before.count ? answers[before.count] : nil
        }
        if answer != "." { throw Trouble("\(order): \(answer)") }
    }

    private func answered() throws -> [Substring] { try read(answers).split(separator: "\n") }

    /// Answers a reverse shell from outside the container, in its network.
    func listener(port: Int) async throws -> Child {
        let child = try Child(
            ["nsenter", "-t", "\(container.pid)", "-n", Node.provokers + "/accept", "\(port)"])
        try await Task.sleep(for: .milliseconds(200))
        return child
    }

    func stop() async throws { try await box.stop(container) }
}
