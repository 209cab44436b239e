import CLinux
import Foundation
import Logging

/// What a monitor gives up, and gains, once the kernel half is attached: whoever takes it over gets little.
enum SelfProtection {
    /// What a process may be allowed, by its number in capabilities(7).
    struct Capability: Equatable {
        var number: Int32
        /// What it is still needed for.
        var reason: String
    }

    static let kept = [
        Capability(number: CAP_BPF, reason: "every use of a map, where unprivileged bpf is off, before Linux 6.0"),
        Capability(number: CAP_SYS_PTRACE, reason: "root, environment and namespaces of others' processes in /proc"),
        Capability(number: CAP_DAC_READ_SEARCH, reason: "state of runtimes and files of images that others own"),
    ]
    /// Only where a file that is written lies in a directory of somebody else than root.
    static let forForeignFiles = Capability(number: CAP_DAC_OVERRIDE, reason: "files in directories of other users")
    /// Only where a policy that is in force freezes.
    static let forFreezing = Capability(number: CAP_DAC_OVERRIDE, reason: "cgroups that were given to other users")
    /// Only where a policy that is in force kills.
    static let forKilling = Capability(number: CAP_KILL, reason: "processes of other users")

    /// Drops all other capabilities, for good, and takes what shields the process. To be called after the last use of
    /// the rest and while this is the only thread: capabilities are a thread's, and inherited by those it starts.
    ///
    /// `writes`: directories in which files are made later. `acts`: what is done beside watching needs these.
    static func apply(writes: Set<String>, acts: [Capability] = [], log: Logger) throws(Failure) {
        protectFromMemoryShortage(log)
        protectFromStarvation(log)
        let keep = kept + acts + (writes.contains(where: isForeign) ? [forForeignFiles] : [])
        try drop(allBut: keep.reduce(0) { $0 | 1 << UInt64($1.number) })
        // What is executed can gain nothing either, and nobody but root reads this memory or takes a picture of it.
        guard linux_prctl(PR_SET_NO_NEW_PRIVS, 1, 0) == 0, linux_prctl(PR_SET_DUMPABLE, 0, 0) == 0 else {
            throw Failure("cannot give up rights: \(reason(errno)); this kernel is not one that driftwatch knows")
        }
    }

    private static func drop(allBut keep: UInt64) throws(Failure) {
        // First, while CAP_SETPCAP is there. Where it never was, whoever took it has seen to the bounds.
        var number: Int32 = 0
        while linux_prctl(PR_CAPBSET_READ, UInt(number), 0) >= 0 {
            if keep & 1 << UInt64(number) == 0 { _ = linux_prctl(PR_CAPBSET_DROP, UInt(number), 0) }
            number += 1
        }
        _ = linux_prctl(PR_CAP_AMBIENT, UInt(PR_CAP_AMBIENT_CLEAR_ALL), 0)
        var permitted: UInt64 = 0
        guard linux_get_capabilities(&permitted) == 0,
            linux_set_capabilities(permitted & keep, permitted & keep) == 0
        else { throw Failure("cannot give up capabilities: \(reason(errno)); see capabilities(7)") }
    }

    /// Whoever can make memory short must not be able to end the monitor by it.
    private static func protectFromMemoryShortage(_ log: Logger) {
        let file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)
        defer { close(file) }
        let text = Array("-1000".utf8)
        guard write(file, text, text.count) == text.count else {
            log.info("the kernel may end the monitor where memory is short: oom_score_adj: \(reason(errno))")
            return
        }
    }

    /// Nor to make it lose acts by keeping the processors busy. What it takes is bounded: what is known never comes, and
    /// what is new comes by quota. A priority that somebody chose stays.
    private static func protectFromStarvation(_ log: Logger) {
        guard getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0) == 0 else { return }
        if setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, -10) != 0 {
            log.info("acts may be lost where processors are busy: setpriority: \(reason(errno))")
        }
    }

    /// Whether the directory, or the nearest above it that is there, is another user's.
    private static func isForeign(_ directory: String) -> Bool {
        var path = directory.isEmpty ? "." : directory
        var status = stat()
        while stat(path, &status) != 0 {
            guard path.count > 1 else { return false }
            path = (path as NSString).deletingLastPathComponent
            if path.isEmpty { path = "." }
        }
        return status.st_uid != geteuid()
    }
}
