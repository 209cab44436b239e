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
        return facts
    }
}
