import Events

/// dockerd keeps `<data root>/containers/<id>/config.v2.json`.
enum Docker {
    static func facts(id: String, _ context: RuntimeContext) -> ContainerFacts? {
        for root in context.roots.docker.sorted() {
            if let facts = facts(id: id, root: root, context) { return facts }
        }
        return nil
    }

    private static func facts(id: String, root: String, _ context: RuntimeContext) -> ContainerFacts? {
        guard let config = context.files.json("\(root)/containers/\(id)/config.v2.json"), config.has("Name") else {
            return nil
        }
        var facts = ContainerFacts(id: id, runtime: "docker")
        // Names are written with a leading slash.
        facts.name = config["Name"].string.map { $0.hasPrefix("/") ? String($0.dropFirst()) : $0 }
        facts.image = config["Config"]["Image"].string
        facts.labels = config["Config"]["Labels"].strings
        facts.environment = config["Config"]["Env"].words(of: context.environment)
        facts.started = config["State"]["StartedAt"].string.flatMap(Timestamp.nanoseconds)
        if (facts.started ?? 0) <= 0 { facts.started = config["Created"].string.flatMap(Timestamp.nanoseconds) }
        if let image = config["Image"].string {
            let driver = config["Driver"].string ?? "overlay2"
            let repositories = context.files.json("\(root)/image/\(driver)/repositories.json")
            let pulled = repositories.flatMap { digest(of: image, named: facts.image, in: $0) }
            facts.digests = [pulled, image].compactMap { $0 }
        }
        return facts
    }

    /// The digest by which an image was pulled: an entry `name@sha256:...` with the image's id.
    private static func digest(of image: String, named reference: String?, in repositories: JSON) -> String? {
        let all = repositories["Repositories"].members
        let name = reference.map { ImageReference.parse($0).name }
        var candidates: [JSON] = []
        if let name, let own = all[name] { candidates.append(own) }
        candidates += all.sorted { $0.key < $1.key }.map(\.value)
        for candidate in candidates {
            let digests = candidate.strings.compactMap { $0.value == image ? ImageReference.parse($0.key).digest : nil }
            if let first = digests.min() { return first }
        }
        return nil
    }
}
