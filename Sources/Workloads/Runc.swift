import Events

/// runc keeps `<root>/<id>/state.json`.
enum Runc {
    static func claims(root: String, most: Int = 65_536, _ context: RuntimeContext) -> [Claim] {
        Files.directories(in: root, limit: most).compactMap { claim(root: root, id: $0, context) }
    }

    static func claim(root: String, id: String, _ context: RuntimeContext) -> Claim? {
        guard let state = context.files.json("\(root)/\(id)/state.json"), state["id"].string == id else { return nil }
        let bundle = state["config"]["labels"].array.compactMap(\.string).first { $0.hasPrefix("bundle=") }
            .map { String($0.dropFirst(7)) }
        var facts =
            context.facts(id: id, bundle: bundle, tool: .runc)
            ?? context.leastFacts(id: id, bundle: bundle, tool: .runc, name: nil)
        facts.started = state["created"].string.flatMap(Timestamp.nanoseconds) ?? facts.started
        return Claim(
            facts: facts, cgroupPath: cgroupPath(state),
            pid: state["init_process_pid"].integer.flatMap { UInt32(exactly: $0) },
            startTicks: state["init_process_start"].integer.flatMap { UInt64(exactly: $0) })
    }

    /// The end of the path: what was asked for, else the scope that systemd was asked for.
    private static func cgroupPath(_ state: JSON) -> String? {
        let asked = state["config"]["cgroups"]
        if let path = asked["path"].string { return Bundle.cgroupPath(asked: path) }
        guard let name = asked["name"].string else { return nil }
        guard let prefix = asked["scope_prefix"].string else { return "/" + name }
        return "/\(prefix)-\(name).scope"
    }
}
