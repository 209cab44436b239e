/// Which behaviours only one replica shows.
enum OneReplica {
    /// Those of the candidates, each done by one replica, that are not part of a pattern that others share.
    static func only(
        _ candidates: some Collection<Behaviour>, beside firm: [Behaviour], replica: (Behaviour) -> UInt64
    ) -> Set<Behaviour> {
        var lonely = Set(candidates)
        guard !lonely.isEmpty else { return [] }
        let known = BaselineIndex(Generaliser.spec(of: firm))
        lonely = lonely.filter { !known.knows($0) }
        let single = Set(lonely.flatMap { Generaliser.spec(of: [$0]).entryTexts })
        for pattern in Generaliser.spec(of: Array(candidates) + firm).eachAlone
        where !single.contains(pattern.entryTexts[0]) {
            let index = BaselineIndex(pattern)
            let covered = lonely.filter(index.knows)
            guard !covered.isEmpty else { continue }
            if Set(covered.map(replica)).count > 1 || firm.contains(where: index.knows) { lonely.subtract(covered) }
        }
        return lonely
    }
}

extension BaselineSpec {
    /// Each entry as it is written, with its kind.
    var entryTexts: [String] {
        exec.map { "exec " + $0.text } + connect.map { "connect " + $0.text } + listen.map { "listen " + $0.text }
            + open.map { "open " + $0.text }
    }

    /// Each entry by itself.
    fileprivate var eachAlone: [BaselineSpec] {
        exec.map { BaselineSpec(exec: [$0]) } + connect.map { BaselineSpec(connect: [$0]) }
            + listen.map { BaselineSpec(listen: [$0]) } + open.map { BaselineSpec(open: [$0]) }
    }
}

extension BaselineKey {
    /// Units, sessions and the host are each the only one of their kind, so their runs differ as people do.
    var hasReplicas: Bool {
        let kind = workload.split(separator: "/", maxSplits: 1).first ?? ""
        return !["unit", "user", "cgroup", "host"].contains(kind)
    }
}
