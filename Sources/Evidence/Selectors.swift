import Workloads

/// What SPIRE's workload attestors would say of a workload: `k8s:ns:shop`, `systemd:id:web.service`, `unix:uid:0`.
struct Selectors: Sendable {
    private var all: Set<String> = []

    init(_ workload: Workload, process: ProcessFacts?) {
        let labels = workload.labels
        func add(_ selector: String, _ value: String?) {
            if let value, !value.isEmpty { all.insert(selector + ":" + value) }
        }
        func label(_ keys: String...) -> String? { keys.lazy.compactMap { labels[$0] }.first }

        switch workload.kind {
        case .k8s:
            add("k8s:ns", workload.orchestrator?.namespace)
            add("k8s:sa", workload.orchestrator?.serviceAccount)
            add("k8s:container-name", workload.container?.name)
            add("k8s:container-image", workload.container?.image?.reference)
            for digest in workload.container?.image?.digests ?? [] {
                add("k8s:container-image", workload.container?.image.map { "\($0.name)@\(digest)" })
            }
            add("k8s:pod-name", label("io.kubernetes.cri.sandbox-name", "io.kubernetes.pod.name"))
            add("k8s:pod-uid", label("io.kubernetes.cri.sandbox-uid", "io.kubernetes.pod.uid"))
            for (key, value) in labels { add("k8s:pod-label:\(key)", value) }
        case .compose, .container, .image, .oci:
            add("docker:image_id", workload.container?.image?.reference)
            for digest in workload.container?.image?.digests ?? [] { add("docker:image_id", digest) }
            for (key, value) in labels { add("docker:label:\(key)", value) }
        case .unit:
            add("systemd:id", workload.unit?.name)
            add("systemd:fragment_path", workload.unit?.file)
        case .user, .cgroup, .host: break
        }
        guard let process else { return }
        add("unix:uid", String(process.uid))
        add("unix:gid", String(process.gid))
        add("unix:user", process.user)
        add("unix:group", process.group)
        add("unix:path", process.executable)
        add("unix:sha256", process.sha256)
    }

    /// SPIRE's rule: an entry applies to who has every one of its selectors.
    func satisfy(_ required: [String]) -> Bool { !required.isEmpty && required.allSatisfy(all.contains) }
}

/// The process that would ask for an identity.
package struct ProcessFacts: Sendable, Hashable {
    package var uid: UInt32
    package var gid: UInt32
    package var user: String?
    package var group: String?
    package var executable: String?
    /// Hex, of the executable's content.
    package var sha256: String?

    package init(
        uid: UInt32, gid: UInt32, user: String? = nil, group: String? = nil, executable: String? = nil,
        sha256: String? = nil
    ) {
        self.uid = uid
        self.gid = gid
        self.user = user
        self.group = group
        self.executable = executable
        self.sha256 = sha256
    }
}
