/// From what is known of a cgroup to the workload's id, as the contract names it.
enum Identity {
    /// A container, once a runtime has vouched for it.
    static func workload(_ facts: ContainerFacts, confidence: Workload.Confidence = .runtime) -> Workload {
        let reference = facts.image.map(ImageReference.parse)
        var digests = facts.digests
        if let digest = reference?.digest, !digests.contains(digest) { digests.insert(digest, at: 0) }
        var image: Image?
        if let reference, !ImageReference.isBareID(reference.name) {
            image = Image(name: reference.name, tag: reference.tag, digests: digests)
        } else if let id = reference?.name ?? digests.first {
            image = Image(name: String(id), digests: digests)
        }
        image?.given = facts.image

        var workload = Workload(
            id: "", kind: .oci, instance: facts.id, digest: digests.first,
            container: Container(id: facts.id, name: facts.name, runtime: facts.runtime, image: image),
            labels: facts.labels, started: facts.started, confidence: confidence)
        workload.annotations = facts.annotations
        if !facts.environment.isEmpty { workload.container?.environment = facts.environment }
        name(&workload, facts)
        // Else any user could call a container as somebody else's workload is called, and teach that one's baseline.
        if !facts.isUsers, let given = facts.value("driftwatch.workload"), isUsable(given) { workload.id = given }
        return workload
    }

    private static func name(_ workload: inout Workload, _ facts: ContainerFacts) {
        if let pod = KubernetesPod(facts) {
            let owner =
                facts.pod.flatMap { KubernetesOwner($0) }
                ?? KubernetesOwner(pod: pod.name, labels: facts.podLabels.merging(facts.labels) { own, _ in own })
            workload.pod = pod.described(by: facts)
            workload.kind = .k8s
            workload.id = "k8s/\(pod.namespace)/\(owner.kind)/\(owner.name)/\(pod.container)"
            workload.container?.name = pod.container
            workload.orchestrator = Orchestrator(
                type: "kubernetes", namespace: pod.namespace, resourceType: owner.kind, resourceName: owner.name)
            return
        }
        for prefix in ["com.docker.compose", "io.podman.compose"] {
            // podman-compose writes the project under its own name and the service under docker's.
            guard let project = facts.value(prefix + ".project"),
                let service = facts.value(prefix + ".service") ?? facts.value("com.docker.compose.service")
            else { continue }
            workload.kind = .compose
            workload.id = "compose/\(project)/\(service)"
            workload.serviceName = service
            workload.orchestrator = Orchestrator(
                type: "compose", namespace: project, resourceType: "service", resourceName: service)
            return
        }
        guard facts.runtime != "crun", facts.runtime != "runc", facts.runtime != "youki" else {
            workload.kind = .oci
            workload.id = "oci/\(facts.id)"
            return
        }
        if let name = facts.name, !MadeUpName.matches(name) {
            workload.kind = .container
            workload.id = "container/\(name)"
        } else if let image = workload.container?.image {
            workload.kind = .image
            // An image without a name is called by the first digits of its id, as the tools print it.
            let bare = image.name.hasPrefix("sha256:") ? String(image.name.dropFirst(7)) : image.name
            workload.id = "image/" + (ImageReference.isBareID(bare) ? String(bare.prefix(12)) : bare)
        } else {
            workload.kind = .container
            workload.id = "container/" + (facts.name ?? String(facts.id.prefix(12)))
        }
    }

    /// An override comes from an image's or a container's author: it must be a path that globs can match.
    static func isUsable(_ id: String) -> Bool {
        id.utf8.count <= 253 && !id.isEmpty
            && id.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { segment in
                !segment.isEmpty && segment != "." && segment != ".."
                    && segment.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7f && $0 != "*" }
            }
    }

    /// A cgroup that no runtime vouches for; `path` from the root of the hierarchy, `cgroup` its id.
    static func workload(path: String, cgroup: UInt64, userName: (UInt32) -> String?) -> Workload {
        if path == "/" { return .host }
        if let unit = SystemdUnit(path: path) {
            switch unit.owner {
            case .unit(let name):
                var workload = Workload(
                    id: "unit/" + name, kind: .unit, instance: String(cgroup), serviceName: unit.service)
                let components = path.split(separator: "/")
                let own = SystemdUnit.unescape(components[unit.depth - 1])
                workload.unit = SystemdUnit.unit(named: own)
                if let run = SystemdUnit.invocation(of: own) {
                    workload.instance = run
                    workload.confidence = .systemd
                }
                return workload
            case .user(let uid):
                let name = userName(uid) ?? String(uid)
                return Workload(id: "user/" + name, kind: .user, instance: String(cgroup))
            }
        }
        return Workload(id: "cgroup" + path, kind: .cgroup, instance: String(cgroup))
    }
}

/// Names that the Kubernetes runtimes write beside a container.
struct KubernetesPod: Equatable {
    var namespace: String
    var name: String
    var uid: String?
    var container: String

    /// With what the cluster says of it, or else the node's own files.
    func described(by facts: ContainerFacts) -> Pod {
        var pod = facts.pod ?? Pod(namespace: namespace, name: name, labels: facts.podLabels)
        pod.uid = uid
        pod.serviceAccount = pod.serviceAccount ?? facts.serviceAccount
        return pod
    }

    init?(_ facts: ContainerFacts) {
        // containerd's CRI, then labels of CRI-O and dockershim, which share kubelet's own names. No kubelet is a user's.
        guard !facts.isUsers,
            let namespace = facts.value("io.kubernetes.cri.sandbox-namespace")
                ?? facts.value("io.kubernetes.pod.namespace"),
            let name = facts.value("io.kubernetes.cri.sandbox-name") ?? facts.value("io.kubernetes.pod.name")
        else { return nil }
        self.namespace = namespace
        self.name = name
        uid = facts.podUID
        let type = facts.value("io.kubernetes.cri.container-type") ?? facts.value("io.kubernetes.cri-o.ContainerType")
        if type == "sandbox" {
            // Kubelet's word for the container that only holds a pod's namespaces; no user's container can have capitals.
            container = "POD"
        } else {
            container =
                facts.value("io.kubernetes.cri.container-name") ?? facts.value("io.kubernetes.container.name")
                ?? String(facts.id.prefix(12))
        }
    }
}
