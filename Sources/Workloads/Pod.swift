/// The pod of a Kubernetes container.
package struct Pod: Sendable, Hashable, Codable {
    /// Who made it, as Kubernetes calls it: the ReplicaSet, not yet the Deployment.
    package struct Owner: Sendable, Hashable, Codable {
        package var kind: String
        package var name: String
        package var uid: String?

        package init(kind: String, name: String, uid: String? = nil) {
            self.kind = kind
            self.name = name
            self.uid = uid
        }
    }

    /// A container of it, as the cluster tells.
    package struct Member: Sendable, Hashable, Codable {
        /// As its runtime numbers it.
        package var id: String?
        /// What it runs, by name and by digest.
        package var images: Set<String>
        /// It runs before the others do.
        package var isInit: Bool

        package init(id: String?, images: Set<String>, isInit: Bool = false) {
            self.id = id
            self.images = images
            self.isInit = isInit
        }
    }

    package var namespace: String
    package var name: String
    package var uid: String?
    package var node: String?
    /// As whom it speaks to the cluster.
    package var serviceAccount: String?
    /// The pod's own: what a container or an image is labelled with is not among them.
    package var labels: [String: String]
    package var owners: [Owner]
    /// Nil where the cluster has not told.
    package var members: [Member]?
    /// When the cluster last said so, where it does not answer any more; nanoseconds since the epoch.
    package var staleSince: Int64?

    package init(
        namespace: String, name: String, uid: String? = nil, node: String? = nil, serviceAccount: String? = nil,
        labels: [String: String] = [:], owners: [Owner] = []
    ) {
        self.namespace = namespace
        self.name = name
        self.uid = uid
        self.node = node
        self.serviceAccount = serviceAccount
        self.labels = labels
        self.owners = owners
    }
}

/// The pods of this node, as the kubelet or the API server last listed them.
package struct PodList: Sendable, Equatable {
    /// By uid.
    private var pods: [String: Pod] = [:]

    /// A node holds some hundreds; a list of more than this is not of one node.
    package static let most = 4096

    package init() {}

    /// Nil for what is no list of pods.
    package init?(_ document: JSON) {
        guard document["kind"].string == "PodList" || document["kind"].string == "List", document.has("items") else {
            return nil
        }
        for item in document["items"].array.prefix(Self.most) {
            let metadata = item["metadata"]
            guard let namespace = metadata["namespace"].string, let name = metadata["name"].string,
                let uid = metadata["uid"].string
            else { continue }
            var pod = Pod(namespace: namespace, name: name, uid: uid, node: item["spec"]["nodeName"].string)
            pod.serviceAccount = item["spec"]["serviceAccountName"].string
            pod.labels = metadata["labels"].strings
            pod.owners = metadata["ownerReferences"].array.prefix(16).compactMap { owner in
                guard let kind = owner["kind"].string, let name = owner["name"].string else { return nil }
                return Pod.Owner(kind: kind, name: name, uid: owner["uid"].string)
            }
            pod.members = Self.members(item["status"])
            // The API server knows a static pod by its mirror; the runtime, by what the kubelet made of its file.
            pods[metadata["annotations"]["kubernetes.io/config.hash"].string ?? uid] = pod
        }
    }

    /// A pod may have as many as anybody likes; nobody likes this many.
    private static let mostMembers = 256

    private static func members(_ status: JSON) -> [Pod.Member]? {
        var members: [Pod.Member] = []
        for (key, isInit) in [("containerStatuses", false), ("initContainerStatuses", true)] {
            for container in status[key].array.prefix(mostMembers + 1) {
                // `containerd://ID`
                let id = container["containerID"].string?.split(separator: "/").last.map(String.init)
                let images = [container["image"].string, container["imageID"].string].compactMap(\.self)
                members.append(Pod.Member(id: id, images: Set(images), isInit: isInit))
            }
        }
        return members.isEmpty || members.count > mostMembers ? nil : members
    }

    package var count: Int { pods.count }

    /// The same list, of which nobody can say whether it still holds; it did then, nanoseconds since the epoch.
    package func stale(since time: Int64) -> PodList {
        var list = self
        for uid in pods.keys { list.pods[uid]!.staleSince = time }
        return list
    }

    /// The pod of this uid, if it is also called so.
    func pod(uid: String, namespace: String, name: String) -> Pod? {
        guard let pod = pods[uid], pod.namespace == namespace, pod.name == name else { return nil }
        return pod
    }
}
