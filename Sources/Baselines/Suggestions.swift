import Events

/// A line for a baseline, and how many alerts it would have silenced.
package struct Suggestion: Sendable, Equatable, Encodable {
    package var kind: Kind
    /// The entry as a file has it.
    package var entry: String
    /// Alerts that neither the baseline nor the suggestions before knew.
    package var alerts: Int
    /// Distinct behaviours among them.
    package var behaviours: Int
}

/// Finds the fewest lines that silence the most, and none that lint finds too broad.
package enum Suggestions {
    /// Of more behaviours the loudest are looked at.
    static let mostBehaviours = 2000

    private struct Candidate {
        var entry: String
        var kind: Kind
        var members: [Int]
        /// Of two that silence the same, the one with fewer stars is asked for less.
        var breadth: Int
    }

    /// `alerts`: of one workload, how often each behaviour was told.
    package static func of(_ alerts: [Behaviour: Int], limit: Int = 10) -> [Suggestion] {
        let loudest = alerts.sorted { ($0.value, "\($1.key)") > ($1.value, "\($0.key)") }.prefix(mostBehaviours)
        let behaviours = loudest.map(\.key)
        let counts = loudest.map(\.value)
        var candidates = candidates(behaviours)
        var left = Set(behaviours.indices)
        var suggestions: [Suggestion] = []
        while suggestions.count < limit, !left.isEmpty {
            for index in candidates.indices { candidates[index].members.removeAll { !left.contains($0) } }
            candidates.removeAll { $0.members.isEmpty }
            func silenced(_ candidate: Candidate) -> Int { candidate.members.reduce(0) { $0 + counts[$1] } }
            guard
                let best = candidates.max(by: {
                    (silenced($0), -$0.breadth, $1.entry) < (silenced($1), -$1.breadth, $0.entry)
                })
            else { break }
            suggestions.append(
                Suggestion(
                    kind: best.kind, entry: best.entry, alerts: silenced(best), behaviours: best.members.count))
            left.subtract(best.members)
        }
        return suggestions
    }

    private static func candidates(_ behaviours: [Behaviour]) -> [Candidate] {
        var spec = Generaliser.spec(of: behaviours.map(Generaliser.shape))
        for behaviour in behaviours { spec = spec.adding(BaselineSpec.allowing(behaviour)) }
        spec = spec.adding(wider(behaviours)).canonical
        let indices = Dictionary(grouping: behaviours.indices) { behaviours[$0].kind }
        let byProgram = Dictionary(grouping: behaviours.indices) { behaviours[$0].executable }

        var candidates: [Candidate] = []
        func add<Entry: BaselineEntry>(_ entries: [Entry], _ kind: Kind, _ spec: (Entry) -> BaselineSpec) {
            for entry in entries {
                let alone = spec(entry)
                let key = BaselineKey(workload: "")
                let document = BaselineFile.Document(
                    baseline: Baseline(key: key, spec: alone), file: "", line: 0, lines: .init())
                guard document.lint().isEmpty else { continue }
                let index = BaselineIndex(alone)
                let program = Glob.literal(entry.executable)
                let members = (program.map { byProgram[$0] ?? [] } ?? indices[kind] ?? [])
                    .filter { behaviours[$0].kind == kind && index.knows(behaviours[$0]) }
                candidates.append(
                    Candidate(
                        entry: entry.text, kind: kind, members: members,
                        breadth: breadth(entry)))
            }
        }
        add(spec.exec, .exec) { BaselineSpec(exec: [$0]) }
        add(spec.connect, .connect) { BaselineSpec(connect: [$0]) }
        add(spec.listen, .listen) { BaselineSpec(listen: [$0]) }
        add(spec.open, .open) { BaselineSpec(open: [$0]) }
        return candidates
    }

    /// Stars, what is left out, and bits of an address that may be any.
    private static func breadth(_ entry: some BaselineEntry) -> Int {
        let stars = entry.text.utf8.count { $0 == Glob.star }
        switch entry {
        case let exec as ExecEntry: return stars + (exec.parent == nil ? 1 : 0) + (exec.arguments == nil ? 1 : 0)
        case let connect as ConnectEntry:
            guard case .block(let block) = connect.peer else { return stars }
            return stars + block.base.width - block.prefix
        default: return stars
        }
    }

    /// What a person would write who has seen a few of a sort: long before the generaliser would.
    private static func wider(_ behaviours: [Behaviour]) -> BaselineSpec {
        let few = 3
        var spec = BaselineSpec()
        var directories: [OpenEntry.Place: (paths: Set<String>, access: Access)] = [:]
        var programs: [String: (programs: Set<String>, access: Access)] = [:]
        var runs: [String: Set<String>] = [:]
        var blocks: [ConnectEntry: Set<IPAddress>] = [:]
        for behaviour in behaviours {
            switch Generaliser.shape(of: behaviour) {
            case .open(let open):
                programs[open.path, default: ([], [])].programs.insert(open.executable)
                programs[open.path]!.access.formUnion(open.access)
                var segments = open.path.split(separator: "/").map(String.init)
                guard open.path.utf8.first == Glob.slash, !segments.isEmpty else { continue }
                segments.removeLast()
                while !segments.isEmpty {
                    if !PathFanOut.isGuarded(segments) {
                        let place = OpenEntry.Place(
                            executable: open.executable, path: "/" + segments.joined(separator: "/"))
                        directories[place, default: ([], [])].paths.insert(open.path)
                        directories[place]!.access.formUnion(open.access)
                    }
                    segments.removeLast()
                }
            case .exec(let exec): runs[exec.executable, default: []].insert(exec.parent)
            case .connect(let connect):
                guard case .ip(let address, nil) = connect.peer else { continue }
                for prefix in address.ip.isIPv4 ? [24, 16] : [64, 48] {
                    let entry = ConnectEntry(
                        executable: connect.executable,
                        peer: .block(AddressBlock(base: address.ip, prefix: prefix).masked),
                        ports: address.port...address.port, transport: connect.transport)
                    blocks[entry, default: []].insert(address.ip)
                }
            case .listen: continue
            }
        }
        for (place, found) in directories where found.paths.count >= few {
            for ending in ["/*", "/**"] {
                spec.open.append(
                    OpenEntry(executable: place.executable, path: place.path + ending, access: found.access))
            }
        }
        for (path, found) in programs where found.programs.count >= few {
            spec.open.append(OpenEntry(executable: "*", path: path, access: found.access))
        }
        for (program, parents) in runs where parents.count >= few {
            spec.exec.append(ExecEntry(executable: program))
        }
        spec.connect += blocks.filter { $0.value.count >= few }.map(\.key)
        return spec
    }
}

extension BaselineSpec {
    /// Both, neither sorted nor joined.
    fileprivate func adding(_ other: BaselineSpec) -> BaselineSpec {
        BaselineSpec(
            exec: exec + other.exec, connect: connect + other.connect, listen: listen + other.listen,
            open: open + other.open)
    }
}
