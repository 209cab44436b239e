/// Who runs in a cgroup.
package struct Workload: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable, Codable {
        case k8s, compose, container, image, oci, unit, user, cgroup, host
    }

    /// As users write it: `container/web`, `unit/cron.service`, `host`.
    package var id: String
    package var kind: Kind
    /// Tells one run of the workload from another: the container's id, else the id of its cgroup.
    package var instance: String
    /// Content that runs: of a container its image, of a unit its main executable. `sha256:<hex>`.
    package var digest: String?
    package var container: Container?
    package var orchestrator: Orchestrator?
    package var serviceName: String?
    package var labels: [String: String]
    /// When the instance began, nanoseconds since the epoch; nil where nobody can tell.
    package var started: Int64?

    package init(
        id: String, kind: Kind, instance: String, digest: String? = nil, container: Container? = nil,
        orchestrator: Orchestrator? = nil, serviceName: String? = nil, labels: [String: String] = [:],
        started: Int64? = nil
    ) {
        self.id = id
        self.kind = kind
        self.instance = instance
        self.digest = digest
        self.container = container
        self.orchestrator = orchestrator
        self.serviceName = serviceName
        self.labels = labels
        self.started = started
    }

    package static let host = Workload(id: "host", kind: .host, instance: "host")

    /// Has a root file system and namespaces of its own.
    package var isContainer: Bool {
        switch kind {
        case .k8s, .compose, .container, .image, .oci: true
        case .unit, .user, .cgroup, .host: false
        }
    }
}

package struct Container: Sendable, Hashable {
    package var id: String
    package var name: String?
    /// `crun`, `runc`, `podman`, `docker`, `containerd`.
    package var runtime: String
    package var image: Image?

    package init(id: String, name: String? = nil, runtime: String, image: Image? = nil) {
        self.id = id
        self.name = name
        self.runtime = runtime
        self.image = image
    }
}

package struct Image: Sendable, Hashable {
    /// Without tag and digest: `docker.io/library/nginx`.
    package var name: String
    package var tag: String?
    /// `sha256:<hex>`, the manifest's first.
    package var digests: [String]

    package init(name: String, tag: String? = nil, digests: [String] = []) {
        self.name = name
        self.tag = tag
        self.digests = digests
    }

    /// `name:tag`, as people write it.
    package var reference: String { tag.map { "\(name):\($0)" } ?? name }
}

package struct Orchestrator: Sendable, Hashable {
    /// `kubernetes` or `compose`.
    package var type: String
    package var namespace: String?
    package var resourceType: String?
    package var resourceName: String?

    package init(type: String, namespace: String? = nil, resourceType: String? = nil, resourceName: String? = nil) {
        self.type = type
        self.namespace = namespace
        self.resourceType = resourceType
        self.resourceName = resourceName
    }
}
