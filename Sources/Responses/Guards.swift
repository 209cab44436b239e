import Baselines
import Workloads

/// What speaks against laying hands on a workload, whatever a policy says.
struct Guards: Sendable {
    /// Without these, workloads cannot be run, stopped or reached any more.
    static let indispensable = [
        "unit/containerd.service", "unit/docker.service", "unit/podman.service", "unit/crio.service",
        "unit/kubelet.service", "unit/k3s.service", "unit/k3s-agent.service", "unit/rke2-server.service",
        "unit/rke2-agent.service", "unit/k0scontroller.service", "unit/k0sworker.service", "unit/microk8s*",
        "unit/snap.microk8s*", "unit/systemd-*.service", "unit/dbus.service", "unit/dbus-broker.service",
        "unit/ssh.service", "unit/sshd.service", "unit/init.scope", "unit/driftwatch.service",
    ]

    let protected: [String]
    let mostPerMinute: Int
    let stopFile: String?
    /// The monitor's own cgroup, from the hierarchy's root.
    let own: String
    /// Whether a file is there.
    let exists: @Sendable (String) -> Bool

    /// Instances that hands were laid on within the last minute, and when, nanoseconds since boot.
    private var touched: [(home: UInt64, time: UInt64)] = []
    private static let minute: UInt64 = 60_000_000_000

    init(_ policy: ResponsePolicy, own: String, exists: @escaping @Sendable (String) -> Bool) {
        protected = policy.protected
        mostPerMinute = policy.mostPerMinute
        stopFile = policy.stopFile
        self.own = own
        self.exists = exists
    }

    /// Why the step is not to be taken; nil: it may be, and is counted as taken.
    mutating func refusal(of kind: StepKind, on target: Target, at now: UInt64) -> String? {
        if let stopFile, exists(stopFile) { return "\(stopFile) is there" }
        guard kind != .notify else { return nil }
        let workload = target.workload
        if let glob = protected.first(where: { Glob.matchesPath($0, workload.id) }) { return "\(glob) is protected" }
        guard kind.isForced else { return nil }
        if let refusal = refusal(ofCgroup: target) { return refusal }
        if Self.indispensable.contains(where: { Glob.matchesPath($0, workload.id) }) {
            return "the node cannot do without \(workload.id)"
        }
        touched.removeAll { now > $0.time + Self.minute }
        guard !touched.contains(where: { $0.home == target.home }) else { return nil }
        let others = Set(touched.map(\.home)).count
        guard others < mostPerMinute else {
            return "within a minute \(others) workloads were dealt with, and no more may be"
        }
        touched.append((target.home, now))
        return nil
    }

    private func refusal(ofCgroup target: Target) -> String? {
        guard target.workload.kind != .host else { return "the host itself is never touched" }
        guard target.home != 0, target.path.hasPrefix("/") else { return "nobody knows its cgroup" }
        guard target.path != "/" else { return "the host itself is never touched" }
        guard own != target.path, !own.hasPrefix(target.path + "/") else { return "the monitor runs in it" }
        return nil
    }
}
