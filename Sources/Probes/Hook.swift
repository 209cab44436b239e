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

/// What a program of the kernel half tells.
package enum Telling: Sendable {
    case exec, connect, listen, open
    /// Cgroups, starts and ends of processes.
    case news
}

/// A place in the kernel at which the probe listens, and the program for it.
struct Hook: Sendable {
    enum Place: Sendable {
        /// Where the program's own section says.
        case kernel
        /// At the root of the cgroup2 hierarchy.
        case cgroup
    }

    /// Alternatives, the cheapest first: a kernel that refuses one may take the next.
    let programs: [String]
    /// Where it is attached, as a person would look it up.
    let name: String
    let purpose: String
    let place: Place
    /// What is lost when the kernel passes its program over; nil: it never does, as with those of cgroups.
    let telling: Telling?
    /// What is not seen without it; nil: without it there is no monitor.
    let gap: Gap?

    init(
        _ programs: String..., at name: String, for purpose: String, place: Place = .kernel, telling: Telling? = nil,
        without gap: Gap? = nil
    ) {
        self.programs = programs
        self.name = name
        self.purpose = purpose
        self.place = place
        self.telling = telling
        self.gap = gap
    }
}

extension Hook {
    /// Decides whether the tier is to be had.
    static func opening(in tier: Tier) -> Hook {
        switch tier {
        case .fentry:
            Hook("open_entry", "open_entry_compat", at: "fentry/security_file_open", for: "open", telling: .open)
        case .tracepoint:
            Hook("open_exit", "open_exit_compat", at: "tp_btf/sys_exit", for: "open, sockets", telling: .open)
        }
    }

    /// All that a tier has beside its `opening`.
    static func others(in tier: Tier) -> [Hook] {
        switch tier {
        case .fentry: common + fentry
        case .tracepoint: common + tracepoint
        }
    }

    private static let common =
        [
            Hook("process_executed", at: "tp_btf/sched_process_exec", for: "exec", telling: .exec),
            Hook("process_forked", at: "tp_btf/sched_process_fork", for: "lineage", telling: .news),
            Hook("process_exited", at: "tp_btf/sched_process_exit", for: "end of processes", telling: .news),
            Hook("cgroup_made", at: "tp_btf/cgroup_mkdir", for: "cgroups", telling: .news),
            Hook("cgroup_removed", at: "tp_btf/cgroup_rmdir", for: "cgroups", telling: .news),
            Hook("cgroup_renamed", at: "tp_btf/cgroup_rename", for: "cgroups", telling: .news),
            Hook(
                "listening", at: "tp_btf/inet_sock_set_state", for: "listen: tcp", telling: .listen,
                without: .listenTCP),
        ]
        + [
            Hook(
                "answered", at: "cgroup_skb/ingress", for: "names of peers", place: .cgroup, without: .answers),
            Hook("socket_asked", at: "cgroup/sock_create", for: "sockets of who is restricted", place: .cgroup),
        ]
        + ["4", "6"].flatMap { version in
            [
                Hook(
                    "connect\(version)", "connect\(version)_compat", at: "cgroup/connect\(version)", for: "connect",
                    place: .cgroup),
                Hook(
                    "sendmsg\(version)", "sendmsg\(version)_compat", at: "cgroup/sendmsg\(version)",
                    for: "connect by datagram", place: .cgroup, without: .datagrams),
                Hook(
                    "recvmsg\(version)", at: "cgroup/recvmsg\(version)", for: "connect by datagram: not by answers",
                    place: .cgroup, without: .hearing),
                Hook(
                    "post_bind\(version)", at: "cgroup/post_bind\(version)", for: "listen: udp", place: .cgroup,
                    without: .listenUDP),
            ]
        }

    private static let tracepoint = [
        Hook(
            "uring_complete", "uring_complete_compat", at: "tp_btf/io_uring_complete",
            for: "open, sockets, by io_uring", telling: .open, without: .uring),
        Hook(
            "uring_submit", "uring_submit_compat", at: "tp_btf/io_uring_submit_req", for: "open, sockets, by io_uring",
            telling: .open,
            without: .uringBatch),
        Hook("unix_woken", at: "tp_btf/sk_data_ready", for: "connect: unix", telling: .connect, without: .unixReturn),
    ]

    private static let fentry = [
        Hook("path_opened", at: "fentry/vfs_open", for: "open with O_PATH", telling: .open, without: .pathOnly),
        Hook(
            "path_truncated", at: "fexit/vfs_truncate", for: "open by truncate()", telling: .open, without: .truncate),
        Hook(
            "file_received", at: "fexit/security_file_receive", for: "open by another process", telling: .open,
            without: .received),
        Hook(
            "connect_unix", at: "fentry/security_unix_stream_connect", for: "connect: unix", telling: .connect,
            without: .unixConnect),
        Hook(
            "send_unix", at: "fentry/security_unix_may_send", for: "connect: unix datagrams", telling: .connect,
            without: .unixDatagrams),
        Hook(
            "socket_made", at: "fentry/security_socket_post_create", for: "sockets", telling: .connect,
            without: .sockets),
        Hook(
            "capability_used", at: "fexit/cap_capable", for: "capabilities that are used", telling: .news,
            without: .capabilities),
    ]
}

/// A hook of the running probe.
package struct HookStatus: Sendable {
    package var name: String
    package var program: String
    package var purpose: String
    package var attached: Bool
    /// Why it is not attached.
    package var error: String?
    /// What is not seen while it is not attached.
    package var gap: Gap?
}
