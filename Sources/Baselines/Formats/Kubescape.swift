import Events

/// The words that Kubescape's profiles use in place of others
/// (kubescape/storage, pkg/registry/file/dynamicpathdetector and networkmatch).
enum Kubescape {
    static let group = "spdx.softwarecomposition.kubescape.io/"
    static let version = group + "v1beta1"

    /// Exactly one segment of a path, one argument, or one label of a domain.
    static let one = "⋯"
    /// Any further arguments; only arguments have it.
    static let rest = "⋯⋯"
    /// Any number of segments of a path, at its end at least one. In an argument it is a star.
    static let star = "*"

    enum Label {
        static let namespace = "kubescape.io/workload-namespace"
        static let kind = "kubescape.io/workload-kind"
        static let name = "kubescape.io/workload-name"
        static let container = "kubescape.io/workload-container-name"
    }

    /// Kinds of owners, as Kubernetes spells them.
    static let kinds = Dictionary(
        uniqueKeysWithValues: [
            "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "CronJob", "Job", "Pod",
        ].map { ($0.lowercased(), $0) })

    /// Flags that say how a file is accessed; the others say how it is found or waited for.
    static let accesses: [(flag: String, access: Access)] = [
        ("O_RDONLY", .read), ("O_WRONLY", .write), ("O_RDWR", [.read, .write]), ("O_APPEND", .append),
        ("O_CREAT", .create), ("O_TRUNC", .truncate), ("O_PATH", .path),
    ]
    static let otherFlags: Set<String> = [
        "O_EXCL", "O_NOCTTY", "O_NONBLOCK", "O_DSYNC", "O_SYNC", "O_FASYNC", "O_ASYNC", "O_DIRECT", "O_LARGEFILE",
        "O_DIRECTORY", "O_NOFOLLOW", "O_NOATIME", "O_CLOEXEC",
    ]
}

/// The Kubernetes part of a workload id: `k8s/<namespace>/<owner kind>/<owner>/<container>`.
struct PodName: Hashable {
    var namespace: String
    var kind: String
    var owner: String
    var container: String

    init?(workload: String) {
        let parts = workload.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5, parts[0] == "k8s", parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        (namespace, kind, owner, container) = (parts[1], parts[2], parts[3], parts[4])
    }

    /// All of it but the container.
    var pod: String { "k8s/\(namespace)/\(kind)/\(owner)" }
}
