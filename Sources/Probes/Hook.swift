/// How opens (and connects of unix sockets) are seen; the other hooks are the same in both.
package enum Tier: String, Sendable, CaseIterable {
    /// Entries of kernel functions.
    case fentry
    /// Returns of system calls.
    case tracepoint
}

package enum TierChoice: String, Sendable, CaseIterable {
    /// The best one that this kernel takes, found out by attaching it.
    case auto, fentry, tracepoint
}

/// One program of the kernel half, and where it sits.
struct Hook: Sendable {
    enum Place: Sendable {
        /// Where the program's own section says.
        case kernel
        /// At the root of the cgroup2 hierarchy.
        case cgroup
    }

    let program: String
    /// Where it is attached, as a person would look it up.
    let name: String
    let purpose: String
    var place = Place.kernel

    /// Needed in every tier, beside one of `destinations`.
    static let common: [Hook] = [
        Hook(program: "process_executed", name: "tp_btf/sched_process_exec", purpose: "exec"),
        Hook(program: "process_forked", name: "tp_btf/sched_process_fork", purpose: "lineage"),
        Hook(program: "process_exited", name: "tp_btf/sched_process_exit", purpose: "end of processes"),
        Hook(program: "listening", name: "tp_btf/inet_sock_set_state", purpose: "listen: tcp"),
        Hook(program: "post_bind4", name: "cgroup/post_bind4", purpose: "listen: udp", place: .cgroup),
        Hook(program: "post_bind6", name: "cgroup/post_bind6", purpose: "listen: udp", place: .cgroup),
        Hook(program: "cgroup_made", name: "tp_btf/cgroup_mkdir", purpose: "cgroups"),
        Hook(program: "cgroup_removed", name: "tp_btf/cgroup_rmdir", purpose: "cgroups"),
        Hook(program: "cgroup_renamed", name: "tp_btf/cgroup_rename", purpose: "cgroups"),
    ]

    /// How internet destinations are seen, the cheapest first; the last one reads by probe, for older kernels.
    static let destinations: [[Hook]] = ["", "_compat"].map { reading in
        [("connect", "connect"), ("sendmsg", "connect by datagram")].flatMap { call, purpose in
            ["\(call)4", "\(call)6"].map {
                Hook(program: $0 + reading, name: "cgroup/\($0)", purpose: purpose, place: .cgroup)
            }
        }
    }

    /// What a tier may consist of, the cheapest first; the later ones read by probe, for older kernels.
    static func candidates(of tier: Tier) -> [[Hook]] {
        switch tier {
        case .fentry:
            let unix = Hook(
                program: "connect_unix", name: "fentry/security_unix_stream_connect", purpose: "connect: unix")
            return ["open_entry", "open_entry_compat"].map {
                [Hook(program: $0, name: "fentry/security_file_open", purpose: "open"), unix]
            }
        case .tracepoint:
            return ["open_exit", "open_exit_compat"].map {
                [Hook(program: $0, name: "tp_btf/sys_exit", purpose: "open, connect: unix")]
            }
        }
    }
}

/// A hook of the running probe.
package struct HookStatus: Sendable {
    package var name: String
    package var program: String
    package var purpose: String
    package var attached: Bool
    package var error: String?
}
