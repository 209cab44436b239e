import Workloads

/// What SPIRE's workload attestors would say of a workload: `k8s:ns:shop`, `systemd:id:web.service`, `unix:uid:0`.
struct Selectors: Sendable {
    private var all: Set<String> = []

    init(_ workload: Workload, process: ProcessFacts?) {
        if workload.kind == .k8s { addKubernetes(workload) }
        if let container = workload.container, ["docker", "podman"].contains(container.runtime) {
            addDocker(container, labels: workload.labels)
        }
        if let unit = workload.unit {
            add("systemd:id", unit.name)
            add("systemd:fragment_path", unit.file)
        }
        if let process { addUnix(process) }
    }

    private mutating func add(_ selector: String, _ value: String?) {
        if let value, !value.isEmpty { all.insert(selector + ":" + value) }
    }

    private mutating func addKubernetes(_ workload: Workload) {
        add("k8s:ns", workload.orchestrator?.namespace)
        add("k8s:container-name", workload.container?.name)
        guard let pod = workload.pod else { return addImages(workload, pod: nil) }
        add("k8s:sa", pod.serviceAccount)
        add("k8s:node-name", pod.node)
        add("k8s:pod-name", pod.name)
        add("k8s:pod-uid", pod.uid)
        for (key, value) in pod.labels { add("k8s:pod-label:\(key)", value) }
        for owner in pod.owners {
            add("k8s:pod-owner:\(owner.kind)", owner.name)
            add("k8s:pod-owner-uid:\(owner.kind)", owner.uid)
        }
        addImages(workload, pod: pod)
    }

    /// What the whole pod runs, only the cluster knows; what the container runs, its runtime tells as the kubelet would.
    private mutating func addImages(_ workload: Workload, pod: Pod?) {
        if let members = pod?.members {
            add("k8s:pod-image-count", String(members.count { !$0.isInit }))
            add("k8s:pod-init-image-count", String(members.count(where: \.isInit)))
            for member in members {
                for image in member.images { add(member.isInit ? "k8s:pod-init-image" : "k8s:pod-image", image) }
            }
            if let own = members.first(where: { $0.id == workload.instance }) {
                for image in own.images { add("k8s:container-image", image) }
                return
            }
        }
        guard let image = workload.container?.image else { return }
        add("k8s:container-image", image.reference)
        for digest in image.digests { add("k8s:container-image", "\(image.name)@\(digest)") }
    }

    private mutating func addDocker(_ container: Container, labels: [String: String]) {
        for (key, value) in labels { add("docker:label:\(key)", value) }
        for word in container.environment ?? [] { add("docker:env", word) }
        add("docker:image_id", container.image?.given)
        // Of the digests, an image's own comes last.
        add("docker:image_config_digest", container.image?.digests.last)
    }

    private mutating func addUnix(_ process: ProcessFacts) {
        add("unix:uid", String(process.uid))
        add("unix:gid", String(process.gid))
        add("unix:user", process.user)
        add("unix:group", process.group)
        for gid in process.supplementaryGroups { add("unix:supplementary_gid", String(gid)) }
        for name in process.supplementaryNames { add("unix:supplementary_group", name) }
        add("unix:path", process.executable)
        add("unix:sha256", process.sha256)
    }

    /// SPIRE's rule: an entry applies to who has every one of its selectors.
    func satisfy(_ required: [String]) -> Bool { !required.isEmpty && required.allSatisfy(all.contains) }
}
