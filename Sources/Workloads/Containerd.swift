/// containerd keeps a bundle per container in `<state>/io.containerd.runtime.v2.task/<namespace>/<id>`.
enum Containerd {
    struct Place: Equatable {
        var state: String
        var namespace: String
    }

    static func place(ofBundle bundle: String) -> Place? {
        let parts = bundle.split(separator: "/")
        guard parts.count > 3, parts[parts.count - 3].hasPrefix("io.containerd.runtime.") else { return nil }
        return Place(
            state: "/" + parts.dropLast(3).joined(separator: "/"), namespace: String(parts[parts.count - 2]))
    }

    static func facts(id: String, bundle: String, _ place: Place, _ context: RuntimeContext) -> ContainerFacts? {
        guard let config = context.files.json(bundle + "/config.json") else { return nil }
        var facts = ContainerFacts(id: id, runtime: "containerd")
        facts.annotations = config["annotations"].strings
        // A client like ctr calls the container by the name that the user gave; nerdctl makes up an id and labels it.
        facts.name =
            facts.annotations["nerdctl/name"] ?? facts.annotations["io.kubernetes.cri.container-name"]
            ?? (id.utf8.count == 64 && id.utf8.allSatisfy(ImageReference.isHex) ? nil : id)
        facts.image = facts.annotations["io.kubernetes.cri.image-name"]
        facts.mounts(config["mounts"])
        describe(&facts, place, context)
        return facts
    }

    /// Image, digest and labels are in containerd's metadata only.
    private static func describe(_ facts: inout ContainerFacts, _ place: Place, _ context: RuntimeContext) {
        guard let root = context.roots.containerd[place.state],
            let metadata = context.bolt(root + "/io.containerd.metadata.v1.bolt/meta.db")
        else { return }
        let container = ["v1", place.namespace, "containers", facts.id]
        let image = metadata.text(container + ["image"])
        facts.image = facts.image ?? image
        facts.labels = metadata.texts(container + ["labels"])
        // Labels of the pod tell who made it; the container has only kubelet's own.
        if let sandbox = facts.annotations["io.kubernetes.cri.sandbox-id"], sandbox != facts.id {
            let pod = metadata.texts(["v1", place.namespace, "containers", sandbox, "labels"])
            facts.labels.merge(pod) { own, _ in own }
            facts.podLabels(pod)
        } else if facts.annotations["io.kubernetes.cri.container-type"] == "sandbox" {
            facts.podLabels(facts.labels)
        }
        for name in [image, facts.image].compactMap({ $0 }) {
            guard let digest = metadata.text(["v1", place.namespace, "images", name, "target", "digest"]) else {
                continue
            }
            facts.digests = [digest]
            return
        }
    }
}
