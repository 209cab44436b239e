/// What of the runtimes' own files is needed to learn more about a container than its id.
struct RuntimeContext {
    let files: StateFiles
    var roots: RuntimeRoots
    /// Words of containers' environments that somebody asks for.
    var environment: Set<String> = []

    /// Everything that can be known of a container from its bundle: the directory tells which engine made it.
    ///
    /// Nil while the engine that must know it has not written it yet.
    func facts(id: String, bundle: String?, tool: RuntimeCall.Tool, via pid: UInt32? = nil) -> ContainerFacts? {
        // It becomes a part of paths.
        guard !id.utf8.contains(UInt8(ascii: "/")) else { return nil }
        if let bundle {
            if let storage = Podman.storage(ofBundle: bundle) {
                return Podman.facts(id: id, bundle: bundle, storage: storage, self)
            }
            if let place = Containerd.place(ofBundle: bundle) {
                return place.namespace == "moby"
                    ? Docker.facts(id: id, self) : Containerd.facts(id: id, bundle: bundle, place, self)
            }
        }
        let runtime = tool == .youki ? "youki" : tool == .crun ? "crun" : "runc"
        return Bundle.facts(id: id, bundle: bundle, runtime: runtime, via: pid, self)
    }

    /// The same without the engine's help, for when waiting for it has to end.
    func leastFacts(id: String, bundle: String?, tool: RuntimeCall.Tool, name: String?) -> ContainerFacts {
        var facts =
            bundle.flatMap { Bundle.facts(id: id, bundle: $0, runtime: "", via: nil, self) }
            ?? ContainerFacts(id: id, runtime: "")
        if let bundle, Podman.storage(ofBundle: bundle) != nil {
            facts.runtime = "podman"
        } else if let bundle, let place = Containerd.place(ofBundle: bundle) {
            facts.runtime = place.namespace == "moby" ? "docker" : "containerd"
        } else {
            facts.runtime = tool == .conmon ? "podman" : tool == .shim ? "containerd" : tool.rawValue
        }
        facts.name = facts.name ?? name
        return facts
    }

    /// A database of podman or containerd; nil where there is none, which is told where there is something else.
    func bolt(_ path: String) -> Bolt? {
        if let database = Bolt(path: path) { return database }
        if Files.exists(path) { files.tell(path, isNo: "bbolt database") }
        return nil
    }

    func config(bundle: String, via pid: UInt32?) -> JSON? {
        // The runtime may live in a mount namespace where the bundle is another directory, or the only one.
        if let pid, let there = Namespace.mount(of: pid), there != Namespace.ownMount,
            let document = files.json("/proc/\(pid)/root\(bundle)/config.json")
        {
            return document
        }
        return files.json(bundle + "/config.json")
    }
}

/// A bundle of the OCI runtime specification.
enum Bundle {
    static func facts(
        id: String, bundle: String?, runtime: String, via pid: UInt32?, _ context: RuntimeContext
    ) -> ContainerFacts {
        var facts = ContainerFacts(id: id, runtime: runtime)
        if let bundle, let config = context.config(bundle: bundle, via: pid) {
            facts.annotations = config["annotations"].strings
        }
        return facts
    }

    /// The cgroup that a bundle asks for, as the end of the path that it will have.
    static func cgroupPath(id: String, bundle: String?, via pid: UInt32?, _ context: RuntimeContext) -> String? {
        guard let bundle, let config = context.config(bundle: bundle, via: pid) else { return nil }
        guard let path = config["linux"]["cgroupsPath"].string else { return "/" + id }
        return cgroupPath(asked: path)
    }

    /// `/a/b`, or `slice:prefix:name` for systemd, which makes a scope of it.
    static func cgroupPath(asked path: String) -> String {
        let parts = path.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count == 3, !path.hasPrefix("/") {
            if parts[2].hasSuffix(".slice") { return "/\(parts[2])" }
            return parts[1].isEmpty ? "/\(parts[2]).scope" : "/\(parts[1])-\(parts[2]).scope"
        }
        let clean = path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
        return "/" + clean
    }
}

/// Where the runtimes of this node keep what they know.
struct RuntimeRoots: Equatable {
    var crun: Set<String> = ["/run/crun"]
    /// Directories that hold one directory per container with a state.json.
    var runc: Set<String> = ["/run/runc"]
    /// Directories that hold one such directory per namespace.
    var runcParents: Set<String> = ["/run/containerd/runc", "/run/docker/runtime-runc"]
    var docker: Set<String> = ["/var/lib/docker"]
    /// containerd's persistent directory by that of its running state.
    var containerd: [String: String] = ["/run/containerd": "/var/lib/containerd"]

    /// Where engines listen.
    var sockets = EngineSocket.usual

    static let none = RuntimeRoots(
        crun: [], runc: [], runcParents: [], docker: [], containerd: [:], sockets: [])

    /// Bounded: a flood of odd command lines must not make every look slow.
    static let capacity = 64

    /// Learns from how a program was called. Only for processes of root outside of containers.
    mutating func learn(_ words: ProcessWords) {
        switch RuntimeCall.tool(of: words) {
        case .crun:
            if let root = Self.value(["root"], words), root.hasPrefix("/"), crun.count < Self.capacity {
                crun.insert(root)
            }
        case .runc, .youki:
            if let root = Self.value(["root"], words), root.hasPrefix("/"), runc.count < Self.capacity {
                runc.insert(root)
            }
        case .engine:
            guard docker.count < Self.capacity, containerd.count < Self.capacity else { return }
            let name = words.executable.split(separator: "/").last
            if name == "dockerd" { learnDocker(words) }
            if name == "containerd" { learnContainerd(words) }
        case .conmon, .shim, nil: break
        }
    }

    private mutating func learnDocker(_ words: ProcessWords) {
        let daemon = Self.value(["config-file"], words) ?? "/etc/docker/daemon.json"
        let document = (try? Files.read(daemon)).flatMap { JSON(bytes: $0) }
        let data = Self.value(["data-root", "g", "graph"], words) ?? document?["data-root"].string ?? "/var/lib/docker"
        let exec = Self.value(["exec-root"], words) ?? document?["exec-root"].string ?? "/run/docker"
        docker.insert(data)
        runcParents.insert(exec + "/runtime-runc")
        containerd[exec + "/containerd/daemon"] = data + "/containerd/daemon"
    }

    private mutating func learnContainerd(_ words: ProcessWords) {
        let file = Self.value(["config", "c"], words) ?? "/etc/containerd/config.toml"
        let text = Files.text(file) ?? ""
        let state = Self.value(["state"], words) ?? Self.toml("state", text) ?? "/run/containerd"
        containerd[state] = Self.value(["root"], words) ?? Self.toml("root", text) ?? "/var/lib/containerd"
    }

    /// A string of a TOML file: in a table, or before the first one.
    static func toml(_ key: String, _ text: String, table: String? = nil) -> String? {
        var isHere = table == nil
        for line in text.split(separator: "\n") {
            let line = line.drop { $0 == " " || $0 == "\t" }
            if line.hasPrefix("[") {
                if isHere { return nil }
                isHere = line.hasPrefix("[" + table! + "]")
            }
            guard isHere, line.hasPrefix(key), let equals = line.firstIndex(of: "="),
                line[..<equals].split(whereSeparator: \.isWhitespace).first == key[...]
            else { continue }
            let quotes = line[equals...].split(omittingEmptySubsequences: false) { $0 == "\"" || $0 == "'" }
            return quotes.count > 2 ? String(quotes[1]) : nil
        }
        return nil
    }

    /// The value of an option written `--name value`, `--name=value` or `-n value`.
    static func value(_ names: [String], _ words: ProcessWords) -> String? {
        for (index, word) in words.arguments.enumerated() where word.hasPrefix("-") {
            let body = word.drop { $0 == "-" }
            for name in names {
                if body == name, index + 1 < words.arguments.count { return words.arguments[index + 1] }
                if body.hasPrefix(name + "=") { return String(body.dropFirst(name.count + 1)) }
            }
        }
        return nil
    }
}
