import Events

/// crun keeps `<root>/<id>/status` and a copy of the bundle's config.json.
enum Crun {
    static func claims(root: String, most: Int = 65_536, _ context: RuntimeContext) -> [Claim] {
        Files.directories(in: root, limit: most).compactMap { claim(root: root, id: $0, context) }
    }

    static func claim(root: String, id: String, _ context: RuntimeContext) -> Claim? {
        guard let status = context.files.json("\(root)/\(id)/status") else { return nil }
        let pid = status["pid"].integer.flatMap { UInt32(exactly: $0) }
        guard
            var facts = context.facts(id: id, bundle: status["bundle"].string, tool: .crun)
                ?? status["bundle"].string.map({ context.leastFacts(id: id, bundle: $0, tool: .crun, name: nil) })
        else { return nil }
        // The bundle may be gone, or changed, since: crun kept what it ran.
        if facts.annotations.isEmpty, let config = context.files.json("\(root)/\(id)/config.json") {
            facts.annotations = config["annotations"].strings
        }
        facts.started = status["created"].string.flatMap(Timestamp.nanoseconds) ?? facts.started
        return Claim(
            facts: facts, cgroupPath: status["cgroup-path"].string, pid: pid,
            startTicks: status["process-start-time"].integer.flatMap { UInt64(exactly: $0) })
    }
}
