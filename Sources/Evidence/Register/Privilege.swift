import Dispatch
import Events
import Foundation
import Synchronization
import Workloads

/// What a workload may do, as the first of its processes that was looked at had it.
package struct Privilege: Sendable, Equatable, Codable {
    /// Effective, a bit for each.
    package var capabilities: UInt64
    /// Every capability that the node has to give.
    package var hasAll: Bool
    package var noNewPrivileges: Bool
    /// A filter of system calls is in force.
    package var isFiltered: Bool
    /// Directories and files of the node that it sees: `/srv/data on /data`.
    package var hostMounts: [String]

    package init(
        capabilities: UInt64, hasAll: Bool = false, noNewPrivileges: Bool = false, isFiltered: Bool = false,
        hostMounts: [String] = []
    ) {
        self.capabilities = capabilities
        self.hasAll = hasAll
        self.noNewPrivileges = noNewPrivileges
        self.isFiltered = isFiltered
        self.hostMounts = hostMounts
    }

    /// `CAP_NET_ADMIN`, as linux/capability.h numbers them; `all` where the node has no other.
    package var capabilityNames: [String] {
        hasAll ? ["all"] : Self.names(of: capabilities)
    }

    package static func names(of capabilities: UInt64) -> [String] {
        guard capabilities != 0 else { return [] }
        return (0..<64).filter { capabilities >> UInt64($0) & 1 == 1 }.map {
            $0 < names.count ? "CAP_" + names[$0] : "CAP_\($0)"
        }
    }

    private static let names = [
        "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
        "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
        "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
        "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
        "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
        "CHECKPOINT_RESTORE",
    ]

    /// Of /proc/PID/status and, of a container, mountinfo; nil where they say nothing of it. `all`: what the node has to
    /// give, `node`: its own mountinfo.
    init?(status: String, all: UInt64, mounts: String?, node: String) {
        guard let effective = Self.mask("CapEff", in: status) else { return nil }
        capabilities = effective
        hasAll = all != 0 && effective & all == all
        noNewPrivileges = Self.field("NoNewPrivs", in: status) == "1"
        isFiltered = Self.field("Seccomp", in: status) == "2"
        hostMounts = mounts.map { Self.hostMounts($0, node: node) } ?? []
    }

    static func mask(_ name: String, in status: String) -> UInt64? {
        field(name, in: status).flatMap { UInt64($0, radix: 16) }
    }

    private static func field(_ name: String, in status: String) -> Substring? {
        status.split(separator: "\n").first { $0.hasPrefix(name + ":") }?
            .dropFirst(name.utf8.count + 1).drop { $0 == "\t" || $0 == " " }
    }

    /// What a runtime gives to every container, and what shows nothing of the node.
    private static let ordinary: Set<String> = [
        "/", "/etc/hosts", "/etc/resolv.conf", "/etc/hostname", "/run/.containerenv", "/dev/termination-log",
        "/etc/timezone", "/etc/localtime",
    ]
    private static let pseudo: Set<Substring> = [
        "proc", "sysfs", "cgroup", "cgroup2", "devpts", "mqueue", "devtmpfs", "securityfs", "debugfs", "tracefs",
    ]
    private static let most = 32

    /// Mounts of a container from file systems that the node has mounted, too.
    static func hostMounts(_ mounts: String, node: String) -> [String] {
        var devices: [Substring: (point: Substring, root: Substring)] = [:]
        for line in node.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count > 6 else { continue }
            // Of several mounts of one file system, the one that shows most of it.
            if let known = devices[words[2]], known.root.utf8.count <= words[3].utf8.count { continue }
            devices[words[2]] = (words[4], words[3])
        }
        var found: [String] = []
        for line in mounts.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count > 6, let dash = words.firstIndex(of: "-"), dash + 1 < words.count,
                !pseudo.contains(words[dash + 1]), let origin = devices[words[2]]
            else { continue }
            let target = unescaped(words[4])
            if ordinary.contains(target) || target.hasPrefix("/dev/") { continue }
            let inside = words[3].hasPrefix(origin.root) ? words[3].dropFirst(origin.root.utf8.count) : words[3]
            let source = (unescaped(origin.point) + "/" + unescaped(inside)).split(separator: "/").joined(
                separator: "/")
            found.append("/\(source) on \(target)")
            if found.count == most { break }
        }
        return found
    }

    /// mountinfo writes blanks as `\040` (proc(5)).
    private static func unescaped(_ word: Substring) -> String {
        guard word.utf8.contains(UInt8(ascii: "\\")) else { return String(word) }
        var bytes: [UInt8] = []
        var rest = Array(word.utf8)[...]
        while let byte = rest.first {
            let digits = rest.dropFirst().prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            {
                bytes.append(value)
                rest = rest.dropFirst(4)
            } else {
                bytes.append(byte)
                rest = rest.dropFirst()
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Looks up in the background what processes may do: one that is gone by then is not known.
package final class PrivilegeReader: Sendable {
    private let queue = DispatchQueue(label: "driftwatch.privilege", qos: .utility)
    private let state = Mutex((found: [String: Privilege](), waiting: 0))
    /// Beyond these the next act of a workload asks again.
    private static let mostWaiting = 64
    /// What the first process may ever have: of a node that is a guest itself, less than the kernel knows.
    private let all: UInt64

    package init() {
        all = Self.text("/proc/1/status").flatMap { Privilege.mask("CapBnd", in: $0) } ?? 0
    }

    /// False: too many wait.
    func ask(_ process: ProcessName, of workload: Workload) -> Bool {
        let isTaken = state.withLock { state in
            if state.waiting >= Self.mostWaiting { return false }
            state.waiting += 1
            return true
        }
        guard isTaken else { return false }
        let (id, isContainer) = (workload.id, workload.isContainer)
        queue.async { [self] in
            let privilege = read(process, isContainer: isContainer)
            state.withLock { state in
                state.waiting -= 1
                if let privilege { state.found[id] = privilege }
            }
        }
        return true
    }

    func take() -> [String: Privilege] {
        state.withLock { state in
            defer { state.found = [:] }
            return state.found
        }
    }

    private func read(_ process: ProcessName, isContainer: Bool) -> Privilege? {
        guard let status = Self.text("/proc/\(process.pid)/status") else { return nil }
        let mounts = isContainer ? Self.text("/proc/\(process.pid)/mountinfo") : nil
        let node = isContainer ? Self.text("/proc/self/mountinfo") : nil
        guard ProcessSnapshot.isRunning(process), !isContainer || mounts != nil else { return nil }
        return Privilege(status: status, all: all, mounts: mounts, node: node ?? "")
    }

    private static func text(_ path: String) -> String? {
        (try? Files.read(path)).map { String(decoding: $0, as: UTF8.self) }
    }
}
