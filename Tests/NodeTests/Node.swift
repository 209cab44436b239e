import Foundation
import Testing

/// This machine, and what of it the tests can use.
enum Node {
    /// Where the build put the command: beside the tests.
    static let products = (try! FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") as NSString)
        .deletingLastPathComponent
    static let tests = ((#filePath as NSString).deletingLastPathComponent as NSString).deletingLastPathComponent
    static let provokers = ProcessInfo.processInfo.environment["DRIFTWATCH_PROVOKERS"] ?? tests + "/Provokers/build"
    static let fixtures = tests + "/Fixtures"

    /// Why the kernel cannot be watched from here; nil if it can.
    static let obstacle: String? = {
        if geteuid() != 0 { return "not root" }
        if !FileManager.default.fileExists(atPath: "/sys/kernel/btf/vmlinux") { return "no BTF in this kernel" }
        if cgroup2 == nil { return "no cgroup2 hierarchy is mounted" }
        if !FileManager.default.isExecutableFile(atPath: provokers + "/open") { return "the provokers are not built" }
        return nil
    }()

    /// How often the limit of each wait is waited before a test gives up. Limits are of a quiet machine, and a loaded one
    /// proves nothing by being late; for emulated ones it is told from outside.
    static let patience = Int(ProcessInfo.processInfo.environment["DRIFTWATCH_PATIENCE"] ?? "") ?? 6

    /// An emulated machine: what is done by the thousand elsewhere takes minutes there.
    static let isEmulated = ProcessInfo.processInfo.environment["DRIFTWATCH_PATIENCE"] != nil

    /// Whether there is time for what takes minutes.
    static let isThorough = ProcessInfo.processInfo.environment["DRIFTWATCH_THOROUGH"] != nil

    /// The tier to be tested; nil: the best one of this kernel.
    static let tier = ProcessInfo.processInfo.environment["DRIFTWATCH_TIER"]

    static func has(_ tool: String) -> Bool {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
            .contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(tool)") }
    }

    /// Where the cgroup2 hierarchy is mounted.
    static let cgroup2: String? = {
        let mounts = (try? read("/proc/self/mountinfo")) ?? ""
        for mount in mounts.split(separator: "\n") {
            let words = mount.split(separator: " ")
            if let end = words.firstIndex(of: "-"), words[end + 1] == "cgroup2" { return String(words[4]) }
        }
        return nil
    }()
}

extension Trait where Self == ConditionTrait {
    static var watching: Self { .enabled(if: Node.obstacle == nil, "KERNEL TESTS SKIPPED: \(Node.obstacle ?? "")") }

    static func needs(_ tools: String...) -> Self {
        let missing = tools.filter { !Node.has($0) }
        return .enabled(if: missing.isEmpty, "KERNEL TESTS SKIPPED: not installed: \(missing.joined(separator: " "))")
    }
}

/// Everything that watches the kernel: one monitor at a time.
@Suite(.serialized, .watching) struct NodeTests {}

/// A cgroup of a test's own, in the hierarchy that identifies workloads.
final class Cgroup: Sendable {
    let name: String
    let path: String

    /// `name` may be nested: `outer/inner`.
    init(_ name: String) throws {
        self.name = "driftwatch-test/" + name
        path = Node.cgroup2! + "/" + self.name
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    var workload: String { "cgroup/" + name }

    /// Runs a command from within.
    @discardableResult
    func run(_ words: String..., directory: String? = nil) async throws -> String {
        try await must([Node.provokers + "/enter-cgroup", path] + words, directory: directory)
    }

    func start(_ words: String..., output: String? = nil, directory: String? = nil) throws -> Child {
        try Child([Node.provokers + "/enter-cgroup", path] + words, output: output, directory: directory)
    }

    deinit {
        var path = path
        while path != Node.cgroup2!, rmdir(path) == 0 { path = (path as NSString).deletingLastPathComponent }
    }
}
