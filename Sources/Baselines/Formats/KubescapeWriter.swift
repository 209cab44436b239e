import Events

/// Writes baselines as Kubescape's profiles.
enum KubescapeWriter {
    /// One document for each baseline.
    static func containerProfiles(_ baselines: [Baseline]) -> Draft {
        documents(baselines.map { [$0] }, kind: "ContainerProfile") { baseline, indent, omissions in
            image(baseline, indent) + execs(baseline.spec, indent, &omissions)
                + opens(baseline.spec, indent, &omissions)
                + ingress(baseline.spec, indent, &omissions) + egress(baseline.spec, indent, &omissions)
        }
    }

    /// One document for each pod, a section for each of its containers.
    static func applicationProfiles(_ baselines: [Baseline]) -> Draft {
        documents(pods(baselines), kind: "ApplicationProfile") { baseline, indent, omissions in
            image(baseline, indent) + execs(baseline.spec, indent, &omissions)
                + opens(baseline.spec, indent, &omissions)
        }
    }

    static func networkNeighborhoods(_ baselines: [Baseline]) -> Draft {
        documents(pods(baselines), kind: "NetworkNeighborhood") { baseline, indent, omissions in
            ingress(baseline.spec, indent, &omissions) + egress(baseline.spec, indent, &omissions)
        }
    }

    private static func pods(_ baselines: [Baseline]) -> [[Baseline]] {
        var groups: [[Baseline]] = []
        for baseline in baselines {
            let pod = PodName(workload: baseline.key.workload)?.pod ?? baseline.key.workload
            if let index = groups.firstIndex(where: {
                (PodName(workload: $0[0].key.workload)?.pod ?? $0[0].key.workload) == pod
            }) {
                groups[index].append(baseline)
            } else {
                groups.append([baseline])
            }
        }
        return groups
    }

    private static func documents(
        _ groups: [[Baseline]], kind: String, section: (Baseline, String, inout Omissions) -> String
    ) -> Draft {
        var draft = Draft(text: "", leftOut: [])
        for group in groups {
            let isWhole = kind == "ContainerProfile"
            var text = "apiVersion: \(Kubescape.version)\nkind: \(kind)\n" + metadata(group[0], container: isWhole)
            text += isWhole ? "spec:\n" : "spec:\n  containers:\n"
            for baseline in group {
                var omissions = Omissions()
                let indent = isWhole ? "  " : "    "
                if !isWhole { text += "  - name: \(YAMLText.scalar(containerName(baseline)))\n" }
                let body = section(baseline, indent, &omissions)
                // A profile without a word would be no mapping.
                text += body.isEmpty ? "\(indent)execs: []\n" : body
                draft.leftOut += omissions.lines(of: baseline.key.workload)
                if PodName(workload: baseline.key.workload) == nil {
                    draft.leftOut.append(
                        "\(baseline.key.workload): it is no Kubernetes workload; bind the profile to a pod by its label "
                            + "kubescape.io/user-defined-profile")
                }
            }
            draft.text += (draft.text.isEmpty ? "" : "---\n") + text
        }
        return draft
    }

    private static func containerName(_ baseline: Baseline) -> String {
        PodName(workload: baseline.key.workload)?.container ?? plainName(baseline.key.workload)
    }

    private static func metadata(_ baseline: Baseline, container: Bool) -> String {
        guard let pod = PodName(workload: baseline.key.workload) else {
            return "metadata:\n  name: \(plainName(baseline.key.workload))\n"
        }
        let name = plainName("\(pod.kind)-\(pod.owner)" + (container ? "-\(pod.container)" : ""))
        var labels = [
            (Kubescape.Label.kind, Kubescape.kinds[pod.kind] ?? pod.kind), (Kubescape.Label.name, pod.owner),
            (Kubescape.Label.namespace, pod.namespace),
        ]
        if container { labels.insert((Kubescape.Label.container, pod.container), at: 0) }
        return "metadata:\n  name: \(name)\n  namespace: \(YAMLText.scalar(pod.namespace))\n  labels:\n"
            + labels.map { "    \($0): \(YAMLText.scalar($1))\n" }.joined()
    }

    private static func image(_ baseline: Baseline, _ indent: String) -> String {
        guard let image = baseline.image else { return "" }
        let id = baseline.key.digest.map { digest in
            "\(indent)imageID: \(YAMLText.scalar("\(image.split(separator: "@").first ?? "")@\(digest)"))\n"
        }
        return (id ?? "") + "\(indent)imageTag: \(YAMLText.scalar(image))\n"
    }

    // MARK: Programs

    private static func execs(_ spec: BaselineSpec, _ indent: String, _ omissions: inout Omissions) -> String {
        var lines: [String] = []
        for entry in spec.canonical.exec {
            guard let program = Glob.literal(entry.executable) else {
                omissions.add("a pattern of programs is left out", entry)
                continue
            }
            if entry.parent != nil { omissions.add("the parent is left out: any program may run it", entry) }
            var text = "\(indent)- path: \(YAMLText.scalar(program))\n"
            if let arguments = entry.arguments {
                guard let words = words(arguments, entry, &omissions) else { continue }
                text +=
                    words.isEmpty
                    ? "\(indent)  argsRequired: true\n"
                    : "\(indent)  args: [\(words.map(YAMLText.scalar).joined(separator: ", "))]\n"
            }
            if !lines.contains(text) { lines.append(text) }
        }
        return list("execs", lines, indent)
    }

    /// Nil where a word cannot be said even more widely.
    private static func words(_ patterns: [String], _ entry: ExecEntry, _ omissions: inout Omissions) -> [String]? {
        var words: [String] = []
        for (index, pattern) in patterns.enumerated() {
            if pattern == "**", index == patterns.count - 1 {
                words.append(Kubescape.rest)
            } else if let text = Glob.literal(pattern) {
                guard !text.contains(Kubescape.one) else {
                    omissions.add("a word with \(Kubescape.one) in it cannot be said; the entry is left out", entry)
                    return nil
                }
                // Kubescape's first word is the path that was run, not the name the program was told.
                words.append(index == 0 && !text.contains("/") ? Kubescape.one : text)
            } else {
                words.append(segments(pattern) ?? Kubescape.one)
                if segments(pattern) == nil { omissions.add("a star inside a word becomes any word", entry) }
            }
        }
        return words
    }

    /// Where stars are whole segments.
    private static func segments(_ pattern: String) -> String? {
        var result: [String] = []
        for segment in pattern.split(separator: "/", omittingEmptySubsequences: false) {
            if segment == "*" {
                result.append(Kubescape.one)
            } else if let literal = Glob.literal(segment), !literal.contains(Kubescape.one) {
                result.append(literal)
            } else {
                return nil
            }
        }
        return result.joined(separator: "/")
    }

    // MARK: Files

    private static func opens(_ spec: BaselineSpec, _ indent: String, _ omissions: inout Omissions) -> String {
        var places: [String: Access] = [:]
        for entry in spec.canonical.open {
            let paths = paths(entry, &omissions)
            if !paths.isEmpty, entry.executable != "*" {
                omissions.add("the program is left out: any may open the file", entry)
            }
            for path in paths { places[path, default: []].formUnion(entry.access) }
        }
        let lines = places.sorted { $0.key < $1.key }.map { path, access in
            "\(indent)- path: \(YAMLText.scalar(path))\n\(indent)  flags: [\(flags(access).joined(separator: ", "))]\n"
        }
        return list("opens", lines, indent)
    }

    private static func flags(_ access: Access) -> [String] {
        let modes: [String] =
            switch (access.contains(.read), access.contains(.write)) {
            case (true, true): ["O_RDONLY", "O_RDWR", "O_WRONLY"]
            case (true, false): ["O_RDONLY"]
            case (false, true): ["O_WRONLY"]
            case (false, false): []
            }
        let others: [(Access, String)] = [
            (.append, "O_APPEND"), (.create, "O_CREAT"), (.truncate, "O_TRUNC"), (.path, "O_PATH"),
        ]
        return modes + others.filter { access.contains($0.0) }.map(\.1)
    }

    private static func paths(_ entry: OpenEntry, _ omissions: inout Omissions) -> [String] {
        if ["*", "**", "/**"].contains(entry.path) { return [Kubescape.star] }
        guard entry.path.utf8.first == Glob.slash else {
            omissions.add("what has no place in the tree is left out", entry)
            return []
        }
        var segments: [String] = []
        let written = entry.path.split(separator: "/").map(String.init)
        for (index, segment) in written.enumerated() {
            if segment == "**" {
                if segments.last != Kubescape.star { segments.append(Kubescape.star) }
            } else if segment == "*" {
                // One segment and any more are what the star at the end means.
                let isRest = index == written.count - 2 && written.last == "**"
                segments.append(isRest ? Kubescape.star : Kubescape.one)
            } else if let literal = Glob.literal(segment) {
                guard literal != Kubescape.star, !literal.contains(Kubescape.one) else {
                    omissions.add(
                        "a name that is a star or \(Kubescape.one) cannot be said; the entry is left out", entry)
                    return []
                }
                segments.append(literal)
            } else {
                omissions.add("a star inside a name becomes any name", entry)
                segments.append(Kubescape.one)
            }
        }
        let path = "/" + segments.joined(separator: "/")
        // Ours is the directory too.
        guard written.last == "**", written.dropLast().last != "*" else { return [path] }
        return [String(path.dropLast(2)), path]
    }

    // MARK: Peers

    private static func ingress(_ spec: BaselineSpec, _ indent: String, _ omissions: inout Omissions) -> String {
        var ports: Set<String> = []
        for entry in spec.canonical.listen {
            guard let port = port(entry.ports, entry.transport, indent, entry, &omissions) else { continue }
            if entry.executable != "*" { omissions.add("the program is left out: any may listen", entry) }
            ports.formUnion(port)
        }
        guard !ports.isEmpty else { return "" }
        return list(
            "ingress",
            [
                "\(indent)- identifier: any\n\(indent)  type: external\n\(indent)  ipAddresses: [\"*\"]\n\(indent)  ports:\n"
                    + ports.sorted().joined()
            ], indent)
    }

    private static func egress(_ spec: BaselineSpec, _ indent: String, _ omissions: inout Omissions) -> String {
        var peers: [String: (type: String, key: String, ports: Set<String>)] = [:]
        for entry in spec.canonical.connect {
            let peer: (name: String, type: String, key: String)
            switch entry.peer {
            case .domain(let pattern):
                guard let name = domain(pattern) else {
                    omissions.add("a domain of any depth, or with a star inside a label, is left out", entry)
                    continue
                }
                peer = (name, "external", "dnsNames")
            case .block(let block):
                let isOwn = block.base.scope == .private || block.base.scope == .loopback
                let name = block.prefix == block.base.width ? "\(block.base)" : "\(block)"
                peer = (name, isOwn ? "internal" : "external", "ipAddresses")
            case .scope:
                omissions.add("a class of addresses is left out: give its blocks", entry)
                continue
            case .path:
                omissions.add("a Unix socket is left out", entry)
                continue
            case .unseen:
                omissions.add("a socket whose peers are not seen is left out", entry)
                continue
            }
            guard let port = port(entry.ports, entry.transport, indent, entry, &omissions) else { continue }
            if entry.executable != "*" { omissions.add("the program is left out: any may connect", entry) }
            peers[peer.name, default: (peer.type, peer.key, [])].ports.formUnion(port)
        }
        let lines = peers.sorted { $0.key < $1.key }.map { name, peer in
            "\(indent)- identifier: \(YAMLText.scalar(name))\n\(indent)  type: \(peer.type)\n"
                + "\(indent)  \(peer.key): [\(YAMLText.scalar(name))]\n\(indent)  ports:\n"
                + peer.ports.sorted().joined()
        }
        return list("egress", lines, indent)
    }

    /// Nil where the transport has no word.
    private static func port(
        _ ports: ClosedRange<UInt16>?, _ transport: Transport?, _ indent: String, _ entry: some BaselineEntry,
        _ omissions: inout Omissions
    ) -> [String]? {
        guard [nil, .tcp, .udp, .sctp].contains(transport) else {
            omissions.add("a transport other than TCP, UDP and SCTP is left out", entry)
            return nil
        }
        if let ports, ports.count > 1 { omissions.add("a range of ports becomes any port", entry) }
        let number = ports.flatMap { $0.count == 1 ? String($0.lowerBound) : nil }
        let names = transport.map { [$0.description.uppercased()] } ?? ["TCP", "UDP"]
        return names.map {
            "\(indent)  - {name: \($0)-\(number ?? "any"), protocol: \($0), port: \(number ?? "null")}\n"
        }
    }

    private static func domain(_ pattern: String) -> String? {
        var labels = pattern.split(separator: ".").map(String.init)
        // One label or more at the end.
        let isOpen = labels.count > 2 && labels.suffix(2) == ["*", "**"]
        if isOpen { labels.removeLast(2) }
        for index in labels.indices where Glob.literal(labels[index]) == nil {
            guard labels[index] == "*" else { return nil }
            if index > 0 { labels[index] = Kubescape.one }
        }
        return labels.joined(separator: ".") + (isOpen ? "." + Kubescape.star : ".")
    }

    private static func list(_ name: String, _ items: [String], _ indent: String) -> String {
        items.isEmpty ? "" : "\(indent)\(name):\n" + items.joined()
    }
}
