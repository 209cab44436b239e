import Events

/// Reads Kubescape's ApplicationProfile, NetworkNeighborhood and ContainerProfile, and lists of them.
struct KubescapeReader {
    private enum Sort: String {
        case application = "ApplicationProfile"
        case network = "NetworkNeighborhood"
        case container = "ContainerProfile"

        var kinds: Set<Kind> {
            switch self {
            case .application: [.exec, .open]
            case .network: [.connect, .listen]
            case .container: Set(Kind.allCases)
            }
        }
    }

    static func isKubescape(_ value: YAMLValue) -> Bool {
        guard let version = try? value.value(of: "apiVersion")?.scalar("apiVersion").text else { return false }
        // `kubectl get -o yaml` wraps what it got into a list of its own.
        let items = (try? value.value(of: "items")?.sequence("items")) ?? []
        return version.hasPrefix(Kubescape.group) || version == "v1" && (items.first.map(isKubescape) ?? false)
    }

    static func profiles(_ value: YAMLValue, workload: String?) throws(FileRefusal) -> [Profile] {
        guard let kind = value.value(of: "kind") else { throw value.refusal("kind is missing") }
        let name = try kind.text("kind")
        if name.hasSuffix("List") {
            var profiles: [Profile] = []
            for item in try value.value(of: "items")?.sequence("items") ?? [] {
                profiles += try self.profiles(item, sort: Sort(rawValue: String(name.dropLast(4))), workload)
            }
            return profiles
        }
        return try profiles(value, sort: nil, workload)
    }

    /// `sort`: of a list, whose items need not say it.
    private static func profiles(
        _ value: YAMLValue, sort: Sort?, _ workload: String?
    ) throws(FileRefusal) -> [Profile] {
        var sort = sort
        if let kind = value.value(of: "kind") {
            sort = Sort(rawValue: try kind.text("kind"))
            guard sort != nil else {
                throw kind.refusal(
                    "kind must be ApplicationProfile, NetworkNeighborhood or ContainerProfile, not "
                        + shown(try kind.text("kind")))
            }
        }
        guard let sort else { throw value.refusal("kind is missing") }
        guard let spec = value.value(of: "spec"), !spec.isNull else { throw value.refusal("spec is missing") }
        let owner = try Owner(value, workload: workload)

        var sections: [(container: String?, place: String, value: YAMLValue)] = []
        for group in ["containers", "initContainers", "ephemeralContainers"] {
            guard let list = spec.value(of: group), !list.isNull else { continue }
            for item in try list.sequence("spec.\(group)") {
                guard let name = try item.value(of: "name")?.text("name") else {
                    throw item.refusal("an entry of spec.\(group) needs a name")
                }
                sections.append((name, "spec.\(group)[\(name)]", item))
            }
        }
        if sections.isEmpty, sort == .container { sections.append((owner.container, "spec", spec)) }

        var profiles: [Profile] = []
        for section in sections {
            var reader = KubescapeReader(place: section.place)
            let id = try owner.workload(of: section.container, alone: sections.count == 1, at: section.value)
            try reader.read(section.value)
            reader.joinDirectories()
            profiles.append(
                Profile(
                    baseline: Baseline(
                        key: BaselineKey(workload: id, digest: reader.digest), image: reader.image,
                        spec: reader.spec.canonical),
                    kinds: sort.kinds, leftOut: reader.leftOut))
        }
        return profiles
    }

    // MARK: One container

    private let place: String
    private var spec = BaselineSpec()
    private var image: String?
    private var digest: String?
    private var leftOut: [String] = []

    private init(place: String) { self.place = place }

    private mutating func read(_ section: YAMLValue) throws(FileRefusal) {
        for (key, value) in try section.members(place) where !value.isEmpty {
            switch key {
            case "name", "containers", "initContainers", "ephemeralContainers": continue
            case "execs": for item in try value.sequence("execs") { try exec(item) }
            case "opens": for item in try value.sequence("opens") { try open(item) }
            case "egress": for item in try value.sequence("egress") { try egress(item) }
            case "ingress": for item in try value.sequence("ingress") { try ingress(item) }
            case "imageTag": image = try value.text("imageTag")
            case "imageID":
                // A bare digest is that of the image's configuration, by which nothing is known here.
                let text = try value.text("imageID")
                let written = text.firstIndex(of: "@").map { String(text[text.index(after: $0)...]) }
                digest = written?.isEmpty ?? true ? nil : written
            default: leave(value, key, Self.reasons[key] ?? "is not known")
            }
        }
    }

    private static let reasons = [
        "capabilities": "a baseline does not speak of capabilities",
        "syscalls": "a baseline does not speak of system calls",
        "seccompProfile": "a baseline does not speak of system calls",
        "endpoints": "a baseline does not look into HTTP",
        "rulePolicies": "they are about Kubescape's own rules",
        "identifiedCallStacks": "a baseline does not speak of call stacks",
        "architectures": "a baseline does not speak of architectures",
        "matchLabels": "the workload id says whose the baseline is",
        "matchExpressions": "the workload id says whose the baseline is",
    ]

    private mutating func leave(_ value: YAMLValue, _ what: String, _ why: String) {
        leftOut.append("\(value.file):\(value.node.line): \(place).\(what) is left out: \(why)")
    }

    private mutating func exec(_ value: YAMLValue) throws(FileRefusal) {
        guard let path = value.value(of: "path") else { throw value.refusal("an entry of execs needs a path") }
        let program = try path.text("path")
        guard program.utf8.first == Glob.slash else {
            return leave(path, "execs[\(program)]", "only its name is known, not its path")
        }
        if let environment = value.value(of: "envs"), !environment.isEmpty {
            leave(environment, "execs[\(program)].envs", "a baseline does not speak of the environment")
        }
        var words: [String] = []
        for item in try value.list("args") { words.append(try item.text("a word of args", numbersToo: true)) }
        let isRequired = try value.value(of: "argsRequired")?.scalar("argsRequired").text == "true"
        let executable = Glob.escape(program)
        guard !words.isEmpty else {
            spec.exec.append(ExecEntry(executable: executable, arguments: isRequired ? [] : nil))
            return
        }
        guard !words.dropLast().contains(Kubescape.rest) else {
            return leave(value, "execs[\(program)]", "\(Kubescape.rest) stands before the last word of args")
        }
        let patterns = words.map(Self.word)
        spec.exec.append(ExecEntry(executable: executable, arguments: patterns))
        // Kubescape's first word is the path that was run, ours the name by which the program was told of it.
        if let first = words.first, first.utf8.first == Glob.slash, let name = first.split(separator: "/").last {
            spec.exec.append(ExecEntry(executable: executable, arguments: [Glob.escape(name)] + patterns.dropFirst()))
        }
    }

    private static func word(_ text: String) -> String {
        if text == Kubescape.rest { return "**" }
        return text.split(separator: "/", omittingEmptySubsequences: false)
            .map { $0 == Kubescape.one ? "*" : Glob.escape($0) }.joined(separator: "/")
    }

    private mutating func open(_ value: YAMLValue) throws(FileRefusal) {
        guard let path = value.value(of: "path") else { throw value.refusal("an entry of opens needs a path") }
        let text = try path.text("path", numbersToo: true)
        guard let pattern = Self.path(text) else {
            return leave(path, "opens[\(text)]", "the path is not absolute")
        }
        var access: Access = []
        for item in try value.list("flags") {
            let flag = try item.text("flags", numbersToo: true)
            if let known = Kubescape.accesses.first(where: { $0.flag == flag }) {
                access.formUnion(known.access)
            } else if !Kubescape.otherFlags.contains(flag) {
                leave(item, "opens[\(text)].flags[\(flag)]", "the flag is not known")
            }
        }
        if access.isEmpty {
            access = .read
            leftOut.append("\(value.file):\(value.node.line): \(place).opens[\(text)] has no flags; taken as read only")
        }
        spec.open.append(OpenEntry(executable: "*", path: pattern, access: access))
    }

    /// Nil where the path is not absolute.
    private static func path(_ text: String) -> String? {
        if text == Kubescape.star { return "/**" }
        guard text.utf8.first == Glob.slash else { return nil }
        var segments: [String] = []
        for segment in text.split(separator: "/") {
            switch String(segment) {
            case Kubescape.one: segments.append("*")
            case Kubescape.star: if segments.last != "**" { segments.append("**") }
            case let other: segments.append(Glob.escape(other))
            }
        }
        // At the end the star is at least one segment.
        if segments.last == "**" { segments[segments.count - 1] = "*/**" }
        return "/" + segments.joined(separator: "/")
    }

    /// A directory and all below it are two entries there and one here.
    private mutating func joinDirectories() {
        let below = "/*/**"
        var access: [String: Access] = [:]
        for entry in spec.open { access[entry.path, default: []].formUnion(entry.access) }
        for (path, accesses) in access where path.hasSuffix(below) {
            let directory = String(path.dropLast(below.count))
            guard access[directory] == accesses else { continue }
            spec.open.removeAll { $0.path == path || $0.path == directory }
            spec.open.append(OpenEntry(executable: "*", path: directory + "/**", access: accesses))
        }
    }

    private mutating func egress(_ value: YAMLValue) throws(FileRefusal) {
        let name = try identifier(value)
        var peers: [ConnectEntry.Peer] = []
        for item in try value.list("dnsNames") + value.one("dns") {
            let text = try item.text("dnsNames")
            guard let pattern = Self.domain(text), Glob.faultInDomain(pattern) == nil else {
                leave(item, "egress[\(name)].dnsNames[\(text)]", "it is no domain name")
                continue
            }
            peers.append(.domain(pattern))
        }
        for item in try value.list("ipAddresses") + value.one("ipAddress") {
            let text = try item.text("ipAddresses")
            if text == Kubescape.star {
                peers += [AddressBlock("0.0.0.0/0")!, AddressBlock("::/0")!].map { .block($0) }
            } else if let block = AddressBlock(text) {
                peers.append(.block(block.masked))
            } else {
                leave(item, "egress[\(name)].ipAddresses[\(text)]", "it is neither an address nor a block of them")
            }
        }
        guard !peers.isEmpty else {
            let selector = ["podSelector", "namespaceSelector"].compactMap { value.value(of: $0) }
                .first { !$0.isEmpty }
            return leave(
                selector ?? value, "egress[\(name)]",
                selector == nil ? "it names no peer" : "pods are chosen by their labels; add their addresses as cidr")
        }
        for (ports, transport) in try ports(value, "egress[\(name)]") {
            if transport == .sctp {
                leave(value, "egress[\(name)].ports", "of SCTP no peers are seen; making such a socket is allowed")
                spec.connect.append(ConnectEntry(executable: "*", peer: .unseen, transport: .sctp))
                continue
            }
            for peer in peers {
                spec.connect.append(ConnectEntry(executable: "*", peer: peer, ports: ports, transport: transport))
            }
        }
    }

    private mutating func ingress(_ value: YAMLValue) throws(FileRefusal) {
        let name = try identifier(value)
        if value.value(of: "ports")?.isEmpty ?? true {
            return leave(value, "ingress[\(name)]", "it names no port, and who connects is not looked at")
        }
        for (ports, transport) in try ports(value, "ingress[\(name)]") {
            spec.listen.append(ListenEntry(executable: "*", ports: ports, transport: transport))
        }
        leave(value, "ingress[\(name)] but for its ports", "a baseline does not say who may connect")
    }

    private func identifier(_ value: YAMLValue) throws(FileRefusal) -> String {
        guard let name = value.value(of: "identifier"), !name.isEmpty else { return "line \(value.node.line)" }
        // Mostly a hash.
        return String(try name.text("identifier", numbersToo: true).prefix(16))
    }

    private mutating func ports(
        _ value: YAMLValue, _ what: String
    ) throws(FileRefusal) -> [(ClosedRange<UInt16>?, Transport?)] {
        var ports: [(ClosedRange<UInt16>?, Transport?)] = []
        for item in try value.list("ports") {
            let written = try item.value(of: "protocol")?.scalar("protocol").text ?? ""
            guard let transport = written.isEmpty ? Transport.tcp : Transport(written.lowercased()) else {
                leave(item, "\(what).ports", "the protocol \(shown(written)) is not known")
                continue
            }
            var range: ClosedRange<UInt16>?
            if let port = item.value(of: "port"), !port.isNull { range = try port.ports("port") }
            ports.append((range, transport))
        }
        return value.value(of: "ports")?.isEmpty ?? true ? [(nil, nil)] : ports
    }

    /// Nil where it is none; the domain itself is looked at by the caller.
    private static func domain(_ text: String) -> String? {
        var labels = Glob.canonicalDomain(text).split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard !labels.contains("**") else { return nil }
        for index in labels.indices {
            switch labels[index] {
            case Kubescape.one: labels[index] = "*"
            // At the end one label or more.
            case Kubescape.star where index > 0 && index == labels.count - 1: labels[index] = "*.**"
            case Kubescape.star where index == 0: continue
            default: labels[index] = Glob.escape(labels[index])
            }
        }
        return labels.joined(separator: ".")
    }
}

/// Whose a profile is, as its metadata say.
private struct Owner {
    private var pod: String?
    var container: String?
    private let given: String?
    private let metadata: YAMLValue

    init(_ value: YAMLValue, workload: String?) throws(FileRefusal) {
        given = workload
        metadata = value.value(of: "metadata") ?? value
        func text(_ group: String, _ key: String) throws(FileRefusal) -> String? {
            guard let value = metadata.value(of: group)?.value(of: key), !value.isEmpty else { return nil }
            return try value.text(key, numbersToo: true)
        }
        container = try text("labels", Kubescape.Label.container)
        let namespace = try text("labels", Kubescape.Label.namespace)
        if let kind = try text("labels", Kubescape.Label.kind), let name = try text("labels", Kubescape.Label.name) {
            var place = namespace
            if place == nil, let own = metadata.value(of: "namespace") { place = try own.text("metadata.namespace") }
            pod = "k8s/\(place ?? "default")/\(kind.lowercased())/\(name)"
        } else if let id = try text("annotations", "kubescape.io/wlid") {
            pod = Self.pod(wlid: id)
        }
    }

    /// `wlid://cluster-c/namespace-n/deployment-d`.
    private static func pod(wlid: String) -> String? {
        let parts = wlid.split(separator: "/").dropFirst().map(String.init)
        guard wlid.hasPrefix("wlid://"), parts.count == 3, parts[1].hasPrefix("namespace-"),
            let dash = parts[2].firstIndex(of: "-")
        else { return nil }
        let (kind, name) = (parts[2][..<dash], parts[2][parts[2].index(after: dash)...])
        return "k8s/\(parts[1].dropFirst("namespace-".count))/\(kind.lowercased())/\(name)"
    }

    /// `alone`: the file has no other container.
    func workload(of container: String?, alone: Bool, at place: YAMLValue) throws(FileRefusal) -> String {
        if let given { return alone ? given : "\(given)/\(container ?? "")" }
        guard let pod, let container else {
            throw metadata.refusal(
                "the labels do not say whose profile it is (kubescape.io/workload-kind, -name, -namespace"
                    + (container == nil ? ", -container-name" : "") + "); say it with --workload")
        }
        return "\(pod)/\(container)"
    }
}

extension YAMLValue {
    /// Nothing, or only nothings.
    fileprivate var isEmpty: Bool {
        switch node.content {
        case .scalar(let text, _): text.isEmpty || isNull || text == "false"
        case .sequence(let items): items.isEmpty
        case .mapping(let pairs): pairs.allSatisfy { YAMLValue(node: $0.value, file: file).isEmpty }
        }
    }

    fileprivate func list(_ key: String) throws(FileRefusal) -> [YAMLValue] {
        guard let value = value(of: key), !value.isNull else { return [] }
        return try value.sequence(key)
    }

    /// The value of a key as a list; none where it is empty.
    fileprivate func one(_ key: String) -> [YAMLValue] {
        value(of: key).flatMap { $0.isEmpty ? nil : [$0] } ?? []
    }
}
