/// What a runtime's command line says of the container that it starts.
struct RuntimeCall: Equatable {
    enum Tool: String {
        case crun, runc, youki, conmon
        case shim = "containerd-shim"
        /// A service manager or engine that makes cgroups on behalf of others: it starts containers, but names none.
        case engine
    }
    var tool: Tool
    var id: String
    var bundle: String?
    var name: String?
    /// Where a bare runtime keeps its state.
    var root: String?
    /// Of containerd.
    var namespace: String?

    /// Nil for a process that starts no container.
    init?(_ words: ProcessWords) {
        guard let tool = Self.tool(of: words) else { return nil }
        let arguments = words.arguments.dropFirst()
        switch tool {
        case .crun, .runc, .youki: self.init(runtime: tool, Array(arguments))
        case .conmon: self.init(conmon: Array(arguments))
        case .shim: self.init(shim: Array(arguments))
        case .engine: return nil
        }
        if let bundle, !bundle.hasPrefix("/") {
            self.bundle = bundle == "." ? words.workingDirectory : words.workingDirectory + "/" + bundle
        }
    }

    static func tool(of words: ProcessWords) -> Tool? {
        if let tool = tool(executable: words.executable) { return tool }
        guard isNameless(words.executable), let first = words.arguments.first else { return nil }
        return tool(executable: first)
    }

    /// crun and runc run as a sealed copy of themselves, in memory or on a detached mount: then the first word tells.
    static func isNameless(_ executable: String) -> Bool {
        executable.isEmpty || executable == "/" || executable.hasPrefix("memfd:") || executable.hasPrefix("/memfd:")
    }

    static func tool(executable: String) -> Tool? {
        let name = executable.split(separator: "/").last ?? ""
        switch name {
        case "crun": return .crun
        case "runc", "docker-runc", "crio-runc", "nvidia-container-runtime": return .runc
        case "youki": return .youki
        case "conmon", "conmonrs": return .conmon
        case "containerd-shim-runc-v2", "containerd-shim-runc-v1": return .shim
        case "systemd", "podman", "dockerd", "containerd", "crio", "buildkitd", "kubelet": return .engine
        default: return nil
        }
    }

    /// Options that are followed by a value, of crun, runc and youki together.
    private static let valued: Set<String> = [
        "cgroup-manager", "log", "log-format", "log-level", "root", "criu", "bundle", "b", "config", "f",
        "console-socket", "pid-file", "preserve-fds", "r",
    ]

    /// `crun [options] run|create [options] ID`
    private init?(runtime tool: Tool, _ words: [String]) {
        var positional: [String] = []
        var root: String?
        var bundle: String?
        var index = 0
        while index < words.count {
            let word = words[index]
            index += 1
            guard word.hasPrefix("-"), word.utf8.count > 1 else {
                positional.append(word)
                continue
            }
            if word == "--" {
                positional.append(contentsOf: words[index...])
                break
            }
            let option = Self.option(word)
            var value = option.value
            if value == nil, Self.valued.contains(option.name) {
                // runc's --rootless takes a value only behind an equals sign or as the next word; crun's takes it so too.
                guard index < words.count else { break }
                value = words[index]
                index += 1
            } else if value == nil, option.name == "rootless", positional.isEmpty, index < words.count,
                ["true", "false", "auto"].contains(words[index])
            {
                index += 1
            }
            switch option.name {
            case "root", "r": root = value
            case "bundle", "b": bundle = value
            default: break
            }
        }
        guard positional.count >= 2, positional[0] == "run" || positional[0] == "create", !positional[1].isEmpty else {
            return nil
        }
        self.tool = tool
        id = positional[1]
        self.bundle = bundle ?? "."
        self.root = root
    }

    /// `--name=value`, `--name`, `-name`, `-bVALUE`.
    private static func option(_ word: String) -> (name: String, value: String?) {
        if word.hasPrefix("--") {
            let body = word.dropFirst(2)
            if let equals = body.firstIndex(of: "=") {
                return (String(body[..<equals]), String(body[body.index(after: equals)...]))
            }
            return (String(body), nil)
        }
        let body = word.dropFirst()
        if let equals = body.firstIndex(of: "=") {
            return (String(body[..<equals]), String(body[body.index(after: equals)...]))
        }
        if body.count > 1, body.first == "b", body.contains("/") { return ("b", String(body.dropFirst())) }
        // A bundle of flags, the last of which may take a value: -db DIR.
        if body.count > 1, !valued.contains(String(body)), let last = body.last, last == "b" || last == "f" {
            return (String(last), nil)
        }
        return (String(body), nil)
    }

    private init?(conmon words: [String]) {
        let options = Self.pairs(words)
        guard let id = options["c"] ?? options["cid"] else { return nil }
        tool = .conmon
        self.id = id
        bundle = options["b"] ?? options["bundle"]
        name = options["n"] ?? options["name"]
    }

    private init?(shim words: [String]) {
        let options = Self.pairs(words)
        guard let id = options["id"] else { return nil }
        tool = .shim
        self.id = id
        namespace = options["namespace"]
        bundle = options["bundle"] ?? "."
    }

    /// Options with their values; the first of each counts.
    private static func pairs(_ words: [String]) -> [String: String] {
        var found: [String: String] = [:]
        var index = 0
        while index < words.count {
            let word = words[index]
            index += 1
            guard word.hasPrefix("-") else { continue }
            let body = word.drop { $0 == "-" }
            if let equals = body.firstIndex(of: "=") {
                let name = String(body[..<equals])
                if found[name] == nil { found[name] = String(body[body.index(after: equals)...]) }
            } else if index < words.count, !words[index].hasPrefix("-") {
                if found[String(body)] == nil { found[String(body)] = words[index] }
                index += 1
            }
        }
        return found
    }
}
