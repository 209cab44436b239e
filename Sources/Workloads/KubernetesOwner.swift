/// Who made a pod, told from labels where there are any, else from the pod's name.
///
/// Controllers name pods after themselves: a Deployment's ReplicaSet `<deployment>-<hash>-<5>`, a CronJob's Job
/// `<cronjob>-<minutes>-<5>`, a StatefulSet `<set>-<ordinal>`, a DaemonSet or a Job `<name>-<5>`. Hash and suffix use 27
/// characters without vowels (k8s.io/apimachinery/pkg/util/rand). A DaemonSet's name is not told from a bare Job's
/// without labels: it counts as `daemonset`.
struct KubernetesOwner: Equatable {
    var kind: String
    var name: String

    init(pod: String, labels: [String: String] = [:]) {
        let words = pod.split(separator: "-", omittingEmptySubsequences: false)
        let suffix = words.last ?? ""
        let isRandom = words.count > 1 && suffix.utf8.count == 5 && Self.isSafe(suffix)
        func head(_ dropped: Int) -> String { words.dropLast(dropped).joined(separator: "-") }

        if let job = labels["batch.kubernetes.io/job-name"] ?? labels["job-name"] {
            self = Self.job(job)
        } else if let hash = labels["pod-template-hash"], isRandom, words.count > 2, words[words.count - 2] == hash {
            (kind, name) = ("deployment", head(2))
        } else if labels["statefulset.kubernetes.io/pod-name"] != nil, words.count > 1 {
            (kind, name) = ("statefulset", head(1))
        } else if labels["controller-revision-hash"] != nil, isRandom {
            (kind, name) = ("daemonset", head(1))
        } else if isRandom, words.count > 2, Self.isTime(words[words.count - 2]) {
            (kind, name) = ("cronjob", head(2))
        } else if isRandom, words.count > 2, Self.isTemplateHash(words[words.count - 2]) {
            (kind, name) = ("deployment", head(2))
        } else if isRandom {
            (kind, name) = ("daemonset", head(1))
        } else if words.count > 1, !suffix.isEmpty, suffix.utf8.count <= 4, suffix.utf8.allSatisfy(Self.isDigit) {
            (kind, name) = ("statefulset", head(1))
        } else {
            (kind, name) = ("pod", pod)
        }
    }

    /// By what the cluster says of the pod; nil where it does not say who made it.
    ///
    /// A ReplicaSet is called after its Deployment and the pod's `pod-template-hash`; a static pod is its node's.
    init?(_ pod: Pod) {
        guard let owner = pod.owners.first, owner.kind != "Node" else { return nil }
        switch owner.kind {
        case "Job": self = Self.job(owner.name)
        case "ReplicaSet":
            self.init(bare: "replicaset", owner.name)
            if let hash = pod.labels["pod-template-hash"], owner.name.hasSuffix("-" + hash) {
                self.init(bare: "deployment", String(owner.name.dropLast(hash.count + 1)))
            }
        default: self.init(bare: owner.kind.lowercased(), owner.name)
        }
    }

    private static func job(_ job: String) -> KubernetesOwner {
        var owner = KubernetesOwner(bare: "job", job)
        if let dash = job.lastIndex(of: "-"), isTime(job[job.index(after: dash)...]) {
            owner = KubernetesOwner(bare: "cronjob", String(job[..<dash]))
        }
        return owner
    }

    private init(bare kind: String, _ name: String) {
        self.kind = kind
        self.name = name
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static let safe = Set("bcdfghjklmnpqrstvwxz2456789".utf8)
    private static func isSafe(_ word: Substring) -> Bool { word.utf8.allSatisfy(safe.contains) }

    /// The hash is a 32 bit number in decimal, each digit mapped to a safe character: up to ten of them.
    private static func isTemplateHash(_ word: Substring) -> Bool {
        (6...10).contains(word.utf8.count) && isSafe(word)
    }

    /// Minutes since the epoch, or seconds before Kubernetes 1.21.
    private static func isTime(_ word: Substring) -> Bool {
        (word.utf8.count == 8 || word.utf8.count == 10) && word.utf8.allSatisfy(isDigit) && word.first != "0"
    }
}
