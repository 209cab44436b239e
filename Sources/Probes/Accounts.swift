import CLibbpf

/// What was seen and lost.
extension Probe {
    /// Stands for the cgroup of acts that found no place of their own in the kernel's ledger.
    package static let nobody: UInt64 = 0

    /// Accounts that the kernel keeps: each takes memory on every CPU, of which all together may take 16 MiB. The most
    /// that are of use are the cgroups of a large node, with those that are going.
    static var mostAccounts: UInt32 {
        UInt32(min(8192, max(512, (16 << 20) / (MemoryLayout<Account>.size * Kernel.cpus))))
    }

    /// What each cgroup's processes did since it first acted, whatever they do meanwhile.
    package func forEachAccount(_ body: (_ cgroup: UInt64, Account) -> Void) throws(ProbeError) {
        try accounts.forEachSet { cgroup, accounts in
            var sum = Account()
            for account in accounts { sum += account }
            body(cgroup, sum)
        }
    }

    /// Makes room in the kernel's ledger; for cgroups that are gone.
    package func closeAccount(of cgroup: UInt64) throws(ProbeError) { try accounts.remove(cgroup) }

    /// Records of cgroups and ends of processes, told and lost.
    package func newsCounts() throws(ProbeError) -> News { try sum(ofNews: 0) }

    /// Answers of resolvers.
    package func answerCounts() throws(ProbeError) -> News { try sum(ofNews: 1) }

    private func sum(ofNews kind: UInt32) throws(ProbeError) -> News {
        var sum = News()
        for count in try news.values(of: kind) {
            sum.emitted += count.emitted
            sum.overQuota += count.overQuota
            sum.ringFull += count.ringFull
            sum.interrupted += count.interrupted
        }
        return sum
    }

    /// How often the kernel passed over programs that were running already on that CPU, where it counts that; nobody
    /// knows of whom.
    package func misses() -> [Telling: UInt64] {
        var misses: [Telling: UInt64] = [:]
        for program in tracing { misses[program.telling, default: 0] += Self.misses(of: program.fileDescriptor) }
        return misses
    }

    private static func misses(of program: Int32) -> UInt64 {
        var information = bpf_prog_info()
        var size = UInt32(MemoryLayout<bpf_prog_info>.size)
        guard bpf_obj_get_info_by_fd(program, &information, &size) == 0 else { return 0 }
        return information.recursion_misses
    }
}
