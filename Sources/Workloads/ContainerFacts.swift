/// What a runtime says of one container, before it is decided how the workload is called.
package struct ContainerFacts: Sendable, Equatable {
    package var id: String
    package var runtime: String
    /// A name that a user gave or a tool made up; nil under a bare runtime.
    package var name: String?
    /// As the user wrote it: `docker.io/library/nginx:1.27`.
    package var image: String?
    /// Manifest digests first, then the image's id.
    package var digests: [String] = []
    package var labels: [String: String] = [:]
    package var annotations: [String: String] = [:]
    /// Of the words of its environment those that were asked for.
    package var environment: Set<String> = []
    /// Nanoseconds since the epoch.
    package var started: Int64?
    /// Who runs it is not root: what it calls itself beyond its own name is nobody's word but a user's.
    var isUsers = false
    /// Something of it was left out: see `bound`.
    private(set) var isCut = false
    /// Of a Kubernetes container: labels of its pod alone.
    package var podLabels: [String: String] = [:]
    /// Of a Kubernetes container: where the kubelet keeps what belongs to its pod.
    package var podDirectory: String?
    /// As whom its pod speaks to the cluster, by the pod's token.
    var serviceAccount: String?
    /// What the cluster says of its pod.
    package var pod: Pod?

    package init(
        id: String, runtime: String, name: String? = nil, image: String? = nil, digests: [String] = [],
        labels: [String: String] = [:], annotations: [String: String] = [:], started: Int64? = nil
    ) {
        self.id = id
        self.runtime = runtime
        self.name = name
        self.image = image
        self.digests = digests
        self.labels = labels
        self.annotations = annotations
        self.started = started
    }

    /// Labels that a container may have; Kubernetes' and compose's own are a few dozen.
    static let mostLabels = 1024

    /// Leaves out labels and annotations that are nobody's names: too long, or too many.
    mutating func bound() {
        labels = bounded(labels)
        annotations = bounded(annotations)
        podLabels = bounded(podLabels)
    }

    private mutating func bounded(_ all: [String: String]) -> [String: String] {
        let usable = all.filter {
            $0.key.utf8.count <= JSON.longestString && $0.value.utf8.count <= JSON.longestString
        }
        let kept = usable.count <= Self.mostLabels ? usable : [:]
        if kept.count < all.count { isCut = true }
        return kept
    }

    /// Takes what a runtime mounts into the container: that leads to the pod's directory.
    package mutating func mounts(_ mounts: JSON) {
        podDirectory = podDirectory ?? podUID.flatMap { ServiceAccount.directory(uid: $0, mounts: mounts) }
    }

    /// Of the pod's labels, what is not the runtimes' own.
    package mutating func podLabels(_ labels: [String: String]) {
        podLabels = labels.filter { !$0.key.hasPrefix("io.kubernetes.") && !$0.key.hasPrefix("io.cri-containerd.") }
    }

    mutating func readServiceAccount() {
        guard serviceAccount == nil, let pod = KubernetesPod(self), let uid = pod.uid,
            let directory = podDirectory ?? ServiceAccount.directory(uid: uid, mounts: JSON(nil))
        else { return }
        serviceAccount = ServiceAccount.name(uid: uid, namespace: pod.namespace, directory: directory)
    }

    var podUID: String? { value("io.kubernetes.cri.sandbox-uid") ?? value("io.kubernetes.pod.uid") }

    func value(_ key: String) -> String? {
        (labels[key] ?? annotations[key]).flatMap { $0.isEmpty ? nil : $0 }
    }
}

/// A runtime says: this container is mine, and this is how to find its cgroup.
struct Claim {
    var facts: ContainerFacts
    /// As the runtime wrote it, perhaps seen from a cgroup namespace of its own.
    var cgroupPath: String?
    /// First process in the host's pid namespace, with its start in clock ticks where known.
    var pid: UInt32?
    var startTicks: UInt64?
    /// Whose runtime says so: only the root user's is believed about cgroups that are not the user's own.
    var user: UInt32 = 0
}

/// Image references: `[registry[:port]/]repository[:tag][@digest]`.
enum ImageReference {
    static func parse(_ reference: String) -> (name: String, tag: String?, digest: String?) {
        var rest = reference[...]
        var digest: String?
        if let at = rest.firstIndex(of: "@") {
            digest = String(rest[rest.index(after: at)...])
            rest = rest[..<at]
        }
        var tag: String?
        // A colon before the last slash belongs to the registry's port.
        let last = rest.lastIndex(of: "/") ?? rest.startIndex
        if let colon = rest[last...].lastIndex(of: ":") {
            tag = String(rest[rest.index(after: colon)...])
            rest = rest[..<colon]
        }
        return (String(rest), tag, digest)
    }

    /// An image that was given by its id has no name.
    static func isBareID(_ name: String) -> Bool {
        name == "sha256" || (name.utf8.count >= 12 && name.utf8.allSatisfy(isHex))
    }

    static func isHex(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
