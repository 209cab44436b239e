import Events

/// podman, and CRI-O, keep containers in containers/storage: `<root>/overlay-containers/containers.json` with names and
/// images, and a bundle per container in `<id>/userdata`.
enum Podman {
    /// The storage root that a bundle lies in: `<root>/<driver>-containers/<id>/userdata`.
    static func storage(ofBundle bundle: String) -> (root: String, driver: String)? {
        let parts = bundle.split(separator: "/")
        guard parts.count > 3, parts[parts.count - 1] == "userdata", parts[parts.count - 3].hasSuffix("-containers")
        else { return nil }
        return ("/" + parts.dropLast(3).joined(separator: "/"), String(parts[parts.count - 3].dropLast(11)))
    }

    static func facts(
        id: String, bundle: String, storage: (root: String, driver: String), _ context: RuntimeContext
    ) -> ContainerFacts? {
        var facts = ContainerFacts(id: id, runtime: "podman")
        if let config = context.files.json(bundle + "/config.json") {
            facts.annotations = config["annotations"].strings
        }
        if facts.annotations["io.container.manager"] == "cri-o" { facts.runtime = "cri-o" }
        let directory = "\(storage.root)/\(storage.driver)-containers"
        // Containers of --rm and of transient stores are listed beside the others.
        for list in ["containers.json", "volatile-containers.json"] {
            guard let entry = context.files.json("\(directory)/\(list)")?.array.first(where: { $0["id"].string == id })
            else { continue }
            let metadata = entry["metadata"].text.flatMap { JSON(bytes: Array($0.utf8)) }
            facts.name = entry["names"].array.first?.string ?? metadata?["name"].string
            facts.image = metadata?["image-name"].string
            facts.started = entry["created"].string.flatMap(Timestamp.nanoseconds)
            if let image = entry["image"].string { describe(&facts, image: image, storage, context) }
            // Asked again while podman writes: without the labels it would be called otherwise.
            guard let config = config(of: id, root: storage.root, context) else { return nil }
            facts.labels.merge(config["labels"].strings) { old, _ in old }
            facts.environment = config["spec"]["process"]["env"].words(of: context.environment)
            return facts
        }
        return facts.annotations.isEmpty || KubernetesPod(facts) == nil ? nil : facts
    }

    private static func describe(
        _ facts: inout ContainerFacts, image id: String, _ storage: (root: String, driver: String),
        _ context: RuntimeContext
    ) {
        let images = context.files.json("\(storage.root)/\(storage.driver)-images/images.json")
        guard let image = images?.array.first(where: { $0["id"].string == id }) else {
            facts.digests = ["sha256:" + id]
            return
        }
        facts.image = facts.image ?? image["names"].array.first?.string
        // The digest is of the manifest; an image that was built here may have none.
        facts.digests = [image["digest"].string, "sha256:" + id].compactMap { $0 }
    }

    /// Labels, and what podman itself was asked for, are only in its own database: bbolt until version 4, SQLite since. Nil
    /// while it is being written.
    private static func config(of id: String, root: String, _ context: RuntimeContext) -> JSON? {
        var config = context.bolt(root + "/libpod/bolt_state.db")?.value(["ctr", id, "config"])
        if config == nil {
            let path = root + "/db.sql"
            switch PodmanDatabase.config(of: id, path: path) {
            case .found(let document): config = document
            case .busy: return nil
            case .broken: context.files.tell(path, isNo: "database of podman")
            case .none: break
            }
        }
        guard let config, config.count <= Files.limit else { return JSON(nil) }
        return JSON(bytes: config) ?? JSON(nil)
    }
}
