import Events

/// Writes baselines in canonical form, an entry a line, so that a diff of two files shows what changed.
package enum BaselineWriter {
    package static func file(_ baseline: Baseline) -> String {
        metadata(baseline) + spec(baseline.spec) + status(baseline.status)
    }

    /// Several baselines as the documents of one stream.
    package static func stream(_ baselines: [Baseline]) -> String {
        baselines.map(file).joined(separator: "---\n")
    }

    static func metadata(_ baseline: Baseline) -> String {
        var text = "apiVersion: driftwatch/v1\nkind: Baseline\nmetadata:\n"
        text += "  workload: \(YAMLText.scalar(baseline.key.workload))\n"
        if let image = baseline.image { text += "  image: \(YAMLText.scalar(image))\n" }
        if let digest = baseline.key.digest { text += "  digest: \(YAMLText.scalar(digest))\n" }
        return text
    }

    package static func spec(_ spec: BaselineSpec) -> String {
        guard !spec.isEmpty else { return "spec: {}\n" }
        return "spec:\n" + lists(spec, indent: "  ")
    }

    /// The lists of a spec, as a person pastes them below `spec:`.
    package static func lists(_ spec: BaselineSpec, indent: String = "") -> String {
        let spec = spec.canonical
        return list("exec", spec.exec, indent) + list("connect", spec.connect, indent)
            + list("listen", spec.listen, indent) + list("open", spec.open, indent)
    }

    private static func list(_ name: String, _ entries: [some BaselineEntry], _ indent: String) -> String {
        guard !entries.isEmpty else { return "" }
        return "\(indent)\(name):\n" + entries.map { "\(indent)  - \($0.text)\n" }.joined()
    }

    private static func status(_ status: BaselineStatus) -> String {
        var text = ""
        if let state = status.state { text += "  state: \(state.rawValue)\n" }
        if let completeness = status.completeness { text += "  completeness: \(YAMLText.decimal(completeness))\n" }
        if let coverage = status.coverage { text += "  coverage: {seen: \(coverage.seen), lost: \(coverage.lost)}\n" }
        if status.gaps > 0 { text += "  gaps: \(status.gaps)\n" }
        if let instances = status.instances { text += "  instances: \(instances)\n" }
        if let from = status.learnedFrom { text += "  learnedFrom: \(Timestamp.text(from))\n" }
        if let until = status.learnedUntil { text += "  learnedUntil: \(Timestamp.text(until))\n" }
        return text.isEmpty ? "" : "status:\n" + text
    }
}

extension ExecEntry {
    package var text: String {
        var fields = ["exe: \(YAMLText.scalar(executable))"]
        if let parent { fields.append("parent: \(YAMLText.scalar(parent))") }
        if let arguments { fields.append("args: [\(arguments.map(YAMLText.scalar).joined(separator: ", "))]") }
        return mapping(fields, breadth)
    }
}

extension ConnectEntry {
    package var text: String {
        var fields = ["exe: \(YAMLText.scalar(executable))"]
        switch peer {
        case .domain(let domain): fields.append("domain: \(YAMLText.scalar(domain))")
        case .block(let block): fields.append("cidr: \(YAMLText.scalar(block.description))")
        case .scope(let scope): fields.append("class: \(scope.rawValue)")
        case .path(let path): fields.append("path: \(YAMLText.scalar(path))")
        case .unseen: break
        }
        if let ports { fields.append("port: \(YAMLText.ports(ports))") }
        if let transport { fields.append("transport: \(transport)") }
        return mapping(fields, breadth)
    }
}

extension ListenEntry {
    package var text: String {
        var fields = ["exe: \(YAMLText.scalar(executable))"]
        if let ports { fields.append("port: \(YAMLText.ports(ports))") }
        if let transport { fields.append("transport: \(transport)") }
        return mapping(fields, breadth)
    }
}

extension OpenEntry {
    package var text: String {
        mapping(
            [
                "exe: \(YAMLText.scalar(executable))", "path: \(YAMLText.scalar(path))",
                "access: [\(access.names.joined(separator: ", "))]",
            ], breadth)
    }
}

private func mapping(_ fields: [String], _ breadth: Breadth) -> String {
    "{\((fields + (breadth.count > 0 ? ["breadth: \(breadth.count)"] : [])).joined(separator: ", "))}"
}
