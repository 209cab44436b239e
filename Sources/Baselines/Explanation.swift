import Events

/// What differs between a behaviour and the nearest known one.
package struct Explanation: Sendable, Equatable {
    package enum Dimension: String, Sendable {
        case executable, parent, arguments, path, access, destination, port, transport
    }
    package var dimension: Dimension
    /// The known behaviour that comes nearest, as it is written in the baseline; nil where nothing comes near.
    package var nearest: String?

    package init(dimension: Dimension, nearest: String?) {
        self.dimension = dimension
        self.nearest = nearest
    }
}

extension BaselineSpec {
    /// The entry that comes nearest to a behaviour that the spec does not know; reads all of the spec.
    package func nearest(to behaviour: Behaviour) -> Explanation {
        switch behaviour {
        case .exec(let exec): nearest(to: exec)
        case .connect(let connect): nearest(to: connect)
        case .listen(let listen): nearest(to: listen)
        case .open(let open): nearest(to: open)
        }
    }

    private func nearest(to wanted: ExecBehaviour) -> Explanation {
        let own = exec.filter { Glob.matchesPath($0.executable, wanted.executable) }
        let parented = own.filter { $0.parent.map { Glob.matchesPath($0, wanted.parent) } ?? true }
        let words = wanted.arguments.joined(separator: " ")
        if let best = best(parented, { -distance(($0.arguments ?? []).joined(separator: " "), words) }) {
            return Explanation(dimension: .arguments, nearest: best.text)
        }
        if let best = best(own, { common($0.parent ?? "", wanted.parent) }) {
            return Explanation(dimension: .parent, nearest: best.text)
        }
        // Another program that the same parent runs says more than any other.
        let siblings = exec.filter { $0.parent.map { $0 != "*" && Glob.matchesPath($0, wanted.parent) } ?? false }
        let near = best(siblings, { common($0.executable, wanted.executable) })
        return Explanation(dimension: .executable, nearest: near?.text)
    }

    private func nearest(to wanted: OpenBehaviour) -> Explanation {
        let own = open.filter { Glob.matchesPath($0.executable, wanted.executable) }
        if let best = best(
            own.filter { Glob.matchesPath($0.path, wanted.path) }, { $0.access.rawValue.nonzeroBitCount })
        {
            return Explanation(dimension: .access, nearest: best.text)
        }
        let near = best(own, { commonSegments($0.path, wanted.path) * 1000 + min(common($0.path, wanted.path), 999) })
        if let near, commonSegments(near.path, wanted.path) > 1 || open.count == own.count {
            return Explanation(dimension: .path, nearest: near.text)
        }
        if let other = open.first(where: { Glob.matchesPath($0.path, wanted.path) }), own.isEmpty {
            return Explanation(dimension: .executable, nearest: other.text)
        }
        return Explanation(dimension: own.isEmpty ? .executable : .path, nearest: near?.text)
    }

    private func nearest(to wanted: ListenBehaviour) -> Explanation {
        let own = listen.filter { Glob.matchesPath($0.executable, wanted.executable) }
        if let best = own.first(where: { $0.ports?.contains(wanted.port) ?? true }) {
            return Explanation(dimension: .transport, nearest: best.text)
        }
        if let best = best(own, { -abs(Int($0.ports?.lowerBound ?? 0) - Int(wanted.port)) }) {
            return Explanation(dimension: .port, nearest: best.text)
        }
        let other = listen.first { $0.ports?.contains(wanted.port) ?? true }
        return Explanation(dimension: .executable, nearest: other?.text)
    }

    private func nearest(to wanted: ConnectBehaviour) -> Explanation {
        let own = connect.filter { Glob.matchesPath($0.executable, wanted.executable) }
        let port: UInt16? = if case .ip(let address, _) = wanted.peer { address.port } else { nil }
        let there = own.filter { $0.covers(wanted.peer) }
        if let best = there.first(where: { port == nil || $0.ports?.contains(port!) ?? true }) {
            return Explanation(dimension: .transport, nearest: best.text)
        }
        if let best = best(there, { -abs(Int($0.ports?.lowerBound ?? 0) - Int(port ?? 0)) }) {
            return Explanation(dimension: .port, nearest: best.text)
        }
        if let best = best(own, { $0.likeness(to: wanted.peer) + ($0.ports?.contains(port ?? 0) == true ? 8 : 0) }) {
            return Explanation(dimension: .destination, nearest: best.text)
        }
        return Explanation(dimension: .executable, nearest: connect.first { $0.covers(wanted.peer) }?.text)
    }

    /// The first of the entries that score highest.
    private func best<Entry>(_ entries: [Entry], _ score: (Entry) -> Int) -> Entry? {
        var best: (entry: Entry, score: Int)?
        for entry in entries {
            let found = score(entry)
            if best.map({ found > $0.score }) ?? true { best = (entry, found) }
        }
        return best?.entry
    }
}

extension ConnectEntry {
    fileprivate func covers(_ peer: ConnectBehaviour.Peer) -> Bool {
        switch (self.peer, peer) {
        case (.path(let pattern), .unix(let path)): Glob.matchesPath(pattern, path)
        case (.block(let block), .ip(let address, _)): block.contains(address.ip)
        case (.scope(let scope), .ip(let address, _)): scope == address.ip.scope
        case (.domain(let pattern), .ip(_, .some(let domain))): Glob.matchesDomain(pattern, domain)
        case (.unseen, .unseen): true
        default: false
        }
    }

    fileprivate func likeness(to peer: ConnectBehaviour.Peer) -> Int {
        switch (self.peer, peer) {
        case (.path(let pattern), .unix(let path)): 64 + common(pattern, path)
        case (.block(let block), .ip(let address, _)):
            if block.base.isIPv4 != address.ip.isIPv4 {
                16
            } else {
                16 + (0..<16).prefix { block.base.bytes[$0] == address.ip.bytes[$0] }.count
            }
        case (.domain(let pattern), .ip(_, .some(let domain))):
            32 + zip(pattern.utf8.reversed(), domain.utf8.reversed()).prefix { $0 == $1 }.count
        case (.scope(let scope), .ip(let address, _)): scope == address.ip.scope ? 32 : 16
        case (.domain, .ip): 16
        default: 0
        }
    }
}

private func common(_ left: String, _ right: String) -> Int {
    zip(left.utf8, right.utf8).prefix { $0 == $1 }.count
}

private func commonSegments(_ left: String, _ right: String) -> Int {
    zip(left.utf8.split(separator: Glob.slash), right.utf8.split(separator: Glob.slash))
        .prefix { $0.elementsEqual($1) }.count + 1
}

/// A cheap measure of how much two texts differ.
private func distance(_ left: String, _ right: String) -> Int {
    let start = common(left, right)
    return max(left.utf8.count, right.utf8.count) - start
}

extension BaselineSpec {
    /// The smallest spec that knows the behaviour and others only where their names are made up at each run.
    package static func allowing(_ behaviour: Behaviour) -> BaselineSpec {
        Generaliser.spec(of: [Generaliser.shape(of: behaviour)])
    }

    /// Each entry as a file has it, without its list.
    package var entries: [String] {
        exec.map(\.text) + connect.map(\.text) + listen.map(\.text) + open.map(\.text)
    }

    /// The YAML that would allow the behaviour, to be pasted below `spec:`.
    package static func allowText(for behaviour: Behaviour) -> String {
        BaselineWriter.lists(allowing(behaviour))
    }
}
