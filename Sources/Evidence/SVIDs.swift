import CLinux
import Drift
import Events
import Foundation
import Synchronization
import Workloads

/// Looks into the certificates that workloads read, in the background, for who they are.
package final class SVIDs: Sendable {
    private struct State {
        /// By the workload's instance.
        var known: [String: SVID] = [:]
        var reading = 0
    }
    private let state = Mutex(State())
    private let bundle: SVID.Bundle?

    /// A chain of certificates with its key has some 5 KiB; what systems trust has 200.
    static let largest = 64 << 10
    /// Files that are read at once; who comes then is not looked at.
    private static let mostAtOnce = 16
    private static let capacity = 4096

    package init(bundle: SVID.Bundle? = nil) { self.bundle = bundle }

    package func svid(of workload: Workload) -> SVID? {
        state.withLock { $0.known[workload.instance] }
    }

    /// Whether the act may have read one: then `read` is worth calling.
    package static func mayBe(_ observation: Observation) -> Bool {
        guard case .open(let open) = observation.event.act, open.access.contains(.read) else { return false }
        switch observation.workload.kind {
        // Whoever is logged in reads others' certificates.
        case .host, .user: return false
        case .k8s, .compose, .container, .image, .oci, .unit, .cgroup: break
        }
        let path = open.path.text.utf8
        guard endings.contains(where: { path.suffix($0.count).elementsEqual($0) }) else { return false }
        return !systems.contains { path.starts(with: $0) }
    }

    private static let endings = [".pem", ".crt", ".cer", ".cert"].map { Array($0.utf8) }
    /// Whom a system trusts is nobody's identity.
    private static let systems = ["/etc/ssl/certs/", "/usr/share/", "/usr/lib/", "/etc/pki/"].map { Array($0.utf8) }

    /// Reads the file that was opened, as the process sees it; of one that is gone, as others of its cgroup do.
    package func read(_ observation: Observation, others: () -> [UInt32]) {
        guard case .open(let open) = observation.event.act, state.withLock({ $0.reading }) < Self.mostAtOnce,
            let root = Self.root(observation.event.actor.process, others)
        else { return }
        state.withLock { $0.reading += 1 }
        let (path, instance) = (open.path.text, observation.workload.instance)
        Task(priority: .utility) { [self] in
            let bytes = Self.content(root, path)
            let svid = await bytes.asyncMap { await SVID.read($0, path: path, bundle: bundle) }
            state.withLock { state in
                state.reading -= 1
                guard let svid else { return }
                if state.known.count >= Self.capacity { state.known.removeAll() }
                state.known[instance] = svid
            }
        }
    }

    private static func root(_ process: ProcessName, _ others: () -> [UInt32]) -> Int32? {
        func open(_ pid: UInt32) -> Int32? {
            let root = Glibc.open("/proc/\(pid)/root", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            return root < 0 ? nil : root
        }
        if let root = open(process.pid) {
            if ProcessSnapshot.isRunning(process) { return root }
            close(root)
        }
        // A lazy sequence would open it once more for each look at the first.
        for other in others().prefix(4) { if let root = open(other) { return root } }
        return nil
    }

    /// Closes the root. A link of the workload's making leads nowhere but into its own root.
    private static func content(_ root: Int32, _ path: String) -> [UInt8]? {
        let file = linux_open_beneath(root, path)
        close(root)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= largest else {
            return nil
        }
        var bytes = [UInt8](repeating: 0, count: largest)
        var used = 0
        while used < bytes.count {
            let count = bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress! + used, $0.count - used) }
            if count <= 0 { break }
            used += count
        }
        return used == bytes.count ? nil : Array(bytes[..<used])
    }
}

extension Optional {
    fileprivate func asyncMap<Result>(_ transform: (Wrapped) async -> Result?) async -> Result? {
        switch self {
        case .some(let wrapped): await transform(wrapped)
        case .none: nil
        }
    }
}
