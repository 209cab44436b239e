import CLibbpf
import Glibc

/// Facts about the running kernel.
package enum Kernel {
    /// As `uname -r` says.
    package static var release: String {
        var name = utsname()
        uname(&name)
        return withUnsafeBytes(of: name.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// Whether the kernel describes its own types, without which no probe can be fitted to it.
    package static var hasTypes: Bool { access("/sys/kernel/btf/vmlinux", R_OK) == 0 }

    static let neededRights = "run as root, or with CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN"

    /// Throws what stands in the way before anything is tried.
    package static func check() throws(ProbeError) {
        guard hasTypes else {
            throw ProbeError(
                "read /sys/kernel/btf/vmlinux", errno: Glibc.errno,
                advice: "driftwatch needs a kernel from 5.10 built with CONFIG_DEBUG_INFO_BTF")
        }
        guard mayUseBPF() else {
            throw ProbeError("use bpf", errno: EPERM, advice: neededRights)
        }
        guard !hasOwnProcesses else {
            throw ProbeError(
                "watch the node from a pid namespace of its own", errno: EPERM,
                advice: "run in the host's, as with --pid=host")
        }
    }

    /// Where processes have other numbers than the kernel half tells: there the monitor takes another process for itself.
    private static var hasOwnProcesses: Bool {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = readlink("/proc/self/ns/pid", &bytes, bytes.count)
        // The number of the first one is the same in every kernel (include/linux/proc_ns.h).
        return count > 0 && String(decoding: bytes.prefix(count), as: UTF8.self) != "pid:[4026531836]"
    }

    /// Making the smallest map is the cheapest way to ask.
    private static func mayUseBPF() -> Bool {
        let map = bpf_map_create(BPF_MAP_TYPE_LRU_HASH, "driftwatch_try", 4, 4, 1, nil)
        guard map >= 0 else { return false }
        close(map)
        return true
    }

    /// Nanoseconds of one timer tick, the resolution of the coarse clock.
    static var tick: UInt64 {
        var resolution = timespec()
        clock_getres(CLOCK_MONOTONIC_COARSE, &resolution)
        return UInt64(resolution.tv_sec) * 1_000_000_000 + UInt64(resolution.tv_nsec)
    }

    /// Those that may ever be there, each of which has its own copy of a per-CPU map's values.
    static let cpus = max(1, Int(libbpf_num_possible_cpus()))

    static func random() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }

    /// Number of a cgroup controller in `enum cgroup_subsys_id`; nil if the kernel has none such.
    static func subsystem(named controller: String) -> Int32? {
        guard let types = btf__load_vmlinux_btf() else { return nil }
        defer { btf__free(types) }
        let id = btf__find_by_name_kind(types, "cgroup_subsys_id", UInt32(BTF_KIND_ENUM))
        guard id > 0, let type = btf__type_by_id(types, UInt32(id)) else { return nil }
        let members = UnsafeRawPointer(type + 1).assumingMemoryBound(to: btf_enum.self)
        for index in 0..<Int(type.pointee.info & 0xffff) {
            guard let name = btf__name_by_offset(types, members[index].name_off) else { continue }
            if String(cString: name) == "\(controller)_cgrp_id" { return members[index].val }
        }
        return nil
    }
}
