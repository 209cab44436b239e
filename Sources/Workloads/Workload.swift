/// Who runs in a cgroup. Passed along with every act: a copy is one reference.
package struct Workload: Sendable, Hashable, Codable {
    package enum Kind: String, Sendable, CaseIterable, Codable {
        case k8s, compose, container, image, oci, unit, user, cgroup, host
    }

    /// What an identity rests on, the surest first.
    package enum Confidence: String, Sendable, CaseIterable, Codable {
        /// A runtime vouches for it: its own record or answer, tied to the cgroup or to a process in it.
        case runtime
        /// The kernel saw a runtime make it, and nothing that the runtime wrote could be read; also the root cgroup.
        case kernel
        /// systemd gave the unit an invocation.
        case systemd
        /// Only a cgroup is called so.
        case name
    }

    private struct Fields: Sendable, Hashable, Codable {
        var id: String
        var kind: Kind
        var instance: String
        var digest: String?
        var container: Container?
        var orchestrator: Orchestrator?
        var pod: Pod?
        var serviceName: String?
        var labels: [String: String]
        /// Nil in what was kept before these were told apart.
        var annotations: [String: String]?
        var started: Int64?
        var ended: Int64?
        var confidence: Confidence
        var unit: Unit?
    }

    /// What systemd's files say of a unit.
    package struct Unit: Sendable, Hashable, Codable {
        /// The instance's own name: `getty@tty1.service`.
        package var name: String
        /// The file that defines it.
        package var file: String?
        package var description: String?
        package var documentation: String?

        package init(name: String, file: String? = nil, description: String? = nil, documentation: String? = nil) {
            self.name = name
            self.file = file
            self.description = description
            self.documentation = documentation
        }
    }

    /// Never changed once it is shared: a writer copies it first.
    private final class Storage: @unchecked Sendable {
        var fields: Fields
        init(_ fields: Fields) { self.fields = fields }
    }
    private var storage: Storage

    private var fields: Fields {
        get { storage.fields }
        set {
            if isKnownUniquelyReferenced(&storage) {
                storage.fields = newValue
            } else {
                storage = Storage(newValue)
            }
        }
    }

    /// As users write it: `container/web`, `unit/cron.service`, `host`.
    package var id: String {
        get { storage.fields.id }
        set { fields.id = newValue }
    }
    package var kind: Kind {
        get { storage.fields.kind }
        set { fields.kind = newValue }
    }
    /// Tells one run of the workload from another: the container's id, else the id of its cgroup.
    package var instance: String {
        get { storage.fields.instance }
        set { fields.instance = newValue }
    }
    /// Content that runs: of a container its image, of a unit its main executable. `sha256:<hex>`.
    package var digest: String? {
        get { storage.fields.digest }
        set { fields.digest = newValue }
    }
    package var container: Container? {
        get { storage.fields.container }
        set { fields.container = newValue }
    }
    package var orchestrator: Orchestrator? {
        get { storage.fields.orchestrator }
        set { fields.orchestrator = newValue }
    }
    /// Set where the workload is a container of Kubernetes.
    package var pod: Pod? {
        get { storage.fields.pod }
        set { fields.pod = newValue }
    }
    package var serviceName: String? {
        get { storage.fields.serviceName }
        set { fields.serviceName = newValue }
    }
    package var labels: [String: String] {
        get { storage.fields.labels }
        set { fields.labels = newValue }
    }
    /// What its runtime was told of it beside labels.
    package var annotations: [String: String] {
        get { storage.fields.annotations ?? [:] }
        set { fields.annotations = newValue }
    }
    /// When the instance began, nanoseconds since the epoch; nil where nobody can tell.
    package var started: Int64? {
        get { storage.fields.started }
        set { fields.started = newValue }
    }
    /// When the runtime says that the instance ended, nanoseconds since the epoch.
    package var ended: Int64? {
        get { storage.fields.ended }
        set { fields.ended = newValue }
    }
    package var confidence: Confidence {
        get { storage.fields.confidence }
        set { fields.confidence = newValue }
    }

    /// Set where the workload is a systemd unit.
    package var unit: Unit? {
        get { storage.fields.unit }
        set { fields.unit = newValue }
    }

    package init(
        id: String, kind: Kind, instance: String, digest: String? = nil, container: Container? = nil,
        orchestrator: Orchestrator? = nil, serviceName: String? = nil, labels: [String: String] = [:],
        started: Int64? = nil, confidence: Confidence = .name
    ) {
        storage = Storage(
            Fields(
                id: id, kind: kind, instance: instance, digest: digest, container: container,
                orchestrator: orchestrator, serviceName: serviceName, labels: labels, started: started,
                confidence: confidence))
    }

    package init(from decoder: any Decoder) throws {
        storage = Storage(try Fields(from: decoder))
    }

    package func encode(to encoder: any Encoder) throws { try fields.encode(to: encoder) }

    package static let host = Workload(id: "host", kind: .host, instance: "host", confidence: .kernel)

    package static func == (left: Workload, right: Workload) -> Bool {
        left.storage === right.storage || left.storage.fields == right.storage.fields
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(id)
        hasher.combine(instance)
    }

    /// Has a root file system and namespaces of its own.
    package var isContainer: Bool {
        switch kind {
        case .k8s, .compose, .container, .image, .oci: true
        case .unit, .user, .cgroup, .host: false
        }
    }
}

package struct Container: Sendable, Hashable, Codable {
    package var id: String
    package var name: String?
    /// `crun`, `runc`, `podman`, `docker`, `containerd`.
    package var runtime: String
    package var image: Image?
    /// Of the words of its environment those that somebody asked for: what the others hold is nobody's business.
    package var environment: Set<String>?

    package init(id: String, name: String? = nil, runtime: String, image: Image? = nil) {
        self.id = id
        self.name = name
        self.runtime = runtime
        self.image = image
    }
}

package struct Image: Sendable, Hashable, Codable {
    /// Without tag and digest: `docker.io/library/nginx`.
    package var name: String
    package var tag: String?
    /// `sha256:<hex>`, the manifest's first.
    package var digests: [String]
    /// As its user called it, be it by name, digest or id; nil where only the image itself is known.
    package var given: String?

    package init(name: String, tag: String? = nil, digests: [String] = []) {
        self.name = name
        self.tag = tag
        self.digests = digests
    }

    /// Of `name:tag`, as people write it.
    package init(reference: String, digests: [String] = []) {
        let (name, tag, _) = ImageReference.parse(reference)
        self.init(name: name, tag: tag, digests: digests)
    }

    /// `name:tag`, as people write it.
    package var reference: String { tag.map { "\(name):\($0)" } ?? name }
}

package struct Orchestrator: Sendable, Hashable, Codable {
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
