import Workloads

/// What SPIRE's workload attestors would say of a workload: `k8s:ns:shop`, `systemd:id:web.service`, `unix:uid:0`.
struct Selectors: Sendable {
    private var all: Set<String> = []

    init(_ workload: Workload, process: ProcessFacts?) {
        func add(_ selector: String, _ value: String?) {
            if let value, !value.isEmpty { all.insert(selector + ":" + value) }
        }
        switch workload.kind {
        case .k8s:
            add("k8s:ns", workload.orchestrator?.namespace)
            add("k8s:sa", workload.pod?.serviceAccount)
            add("k8s:node-name", workload.pod?.node)
            add("k8s:container-name", workload.container?.name)
            add("k8s:container-image", workload.container?.image?.reference)
            for digest in workload.container?.image?.digests ?? [] {
                add("k8s:container-image", workload.container?.image.map { "\($0.name)@\(digest)" })
            }
            add("k8s:pod-name", workload.pod?.name)
            add("k8s:pod-uid", workload.pod?.uid)
            for (key, value) in workload.pod?.labels ?? [:] { add("k8s:pod-label:\(key)", value) }
            for owner in workload.pod?.owners ?? [] {
                add("k8s:pod-owner:\(owner.kind)", owner.name)
                add("k8s:pod-owner-uid:\(owner.kind)", owner.uid)
            }
        case .compose, .container, .image, .oci:
            add("docker:image_id", workload.container?.image?.reference)
            // Of the digests, an image's own comes last.
            add("docker:image_config_digest", workload.container?.image?.digests.last)
            for (key, value) in workload.labels { add("docker:label:\(key)", value) }
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
        for gid in process.supplementaryGroups { add("unix:supplementary_gid", String(gid)) }
        for name in process.supplementaryNames { add("unix:supplementary_group", name) }
        add("unix:path", process.executable)
        add("unix:sha256", process.sha256)
    }

    /// SPIRE's rule: an entry applies to who has every one of its selectors.
    func satisfy(_ required: [String]) -> Bool { !required.isEmpty && required.allSatisfy(all.contains) }
}
