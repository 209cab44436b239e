import Events

extension BaselineStatus {
    /// The evidence of both: sums of what was seen, the span of both times, the lower completeness.
    package func merged(_ other: BaselineStatus) -> BaselineStatus {
        func both<Value>(_ left: Value?, _ right: Value?, _ join: (Value, Value) -> Value) -> Value? {
            guard let left, let right else { return left ?? right }
            return join(left, right)
        }
        func sum(_ left: Int, _ right: Int) -> Int { min(left + right, Self.most) }
        let order = State.allCases
        return BaselineStatus(
            state: both(state, other.state) { order.firstIndex(of: $0)! < order.firstIndex(of: $1)! ? $0 : $1 },
            completeness: both(completeness, other.completeness, min),
            coverage: both(coverage, other.coverage) {
                Coverage(seen: sum($0.seen, $1.seen), lost: sum($0.lost, $1.lost))
            },
            instances: both(instances, other.instances, sum), learnedFrom: both(learnedFrom, other.learnedFrom, min),
            learnedUntil: both(learnedUntil, other.learnedUntil, max), gaps: sum(gaps, other.gaps))
    }
}

extension Baseline {
    /// The union; where the metadata differ, what is told is the first's, and the difference is named.
    package func merged(_ other: Baseline) -> (baseline: Baseline, conflicts: [String]) {
        var conflicts: [String] = []
        if key.workload != other.key.workload {
            conflicts.append("workload: \(key.workload) and \(other.key.workload)")
        }
        var result = self
        if key.digest != other.key.digest {
            conflicts.append("digest: \(key.digest ?? "none") and \(other.key.digest ?? "none")")
            // What is normal for both contents belongs to neither alone.
            result.key.digest = nil
        }
        if let mine = image, let theirs = other.image, mine != theirs {
            conflicts.append("image: \(mine) and \(theirs)")
        }
        result.image = image ?? other.image
        conflicts += spec.swallowed(by: other.spec).map { "what it allows: \($0.wide) makes \($0.narrow) moot" }
        conflicts += other.spec.swallowed(by: spec).map { "what it allows: \($0.narrow) is moot beside \($0.wide)" }
        result.spec = spec.union(other.spec)
        result.status = status.merged(other.status)
        return (result, conflicts)
    }

    /// What the other baseline has more and less than this one.
    package func difference(to other: Baseline) -> BaselineDifference {
        BaselineDifference(from: spec.canonical, to: other.spec.canonical)
    }
}

/// Entries that came and went between two baselines.
package struct BaselineDifference: Sendable, Equatable, Encodable {
    package struct Entry: Sendable, Equatable, Encodable {
        package var kind: Kind
        /// The entry as a file has it.
        package var entry: String
        /// What it says, in words.
        package var words: String
    }

    package var added: [Entry]
    package var removed: [Entry]
    package var isEmpty: Bool { added.isEmpty && removed.isEmpty }

    package init(from old: BaselineSpec, to new: BaselineSpec) {
        let (old, new) = (Self.entries(old), Self.entries(new))
        let (oldTexts, newTexts) = (Set(old.map { $0.key }), Set(new.map { $0.key }))
        added = new.filter { !oldTexts.contains($0.key) }
        removed = old.filter { !newTexts.contains($0.key) }
    }

    /// A line per entry, `+` or `-` before it.
    package var text: String {
        (removed.map { "- \($0.kind.rawValue): \($0.words)\n" } + added.map { "+ \($0.kind.rawValue): \($0.words)\n" })
            .joined()
    }

    private static func entries(_ spec: BaselineSpec) -> [Entry] {
        spec.exec.map { Entry(kind: .exec, entry: $0.text, words: $0.words) }
            + spec.connect.map { Entry(kind: .connect, entry: $0.text, words: $0.words) }
            + spec.listen.map { Entry(kind: .listen, entry: $0.text, words: $0.words) }
            + spec.open.map { Entry(kind: .open, entry: $0.text, words: $0.words) }
    }
}

extension BaselineDifference.Entry {
    fileprivate var key: String { kind.rawValue + entry }
}

private func name(_ program: String) -> String { program == "*" ? "any program" : YAMLText.scalar(program) }

extension ExecEntry {
    /// In words, for people.
    package var words: String {
        let by = parent.map { " by \(name($0))" } ?? ""
        let with = arguments.map { " with [\($0.map(YAMLText.scalar).joined(separator: ", "))]" } ?? ""
        return "\(name(executable)) run\(by)\(with)"
    }
}

extension ConnectEntry {
    /// In words, for people.
    package var words: String {
        let place =
            switch peer {
            case .domain(let domain): YAMLText.scalar(domain)
            case .block(let block): block.prefix == block.base.width ? "\(block.base)" : "\(block)"
            case .scope(let scope): "any \(scope.rawValue) address"
            case .path(let path): YAMLText.scalar(path)
            case .unseen: "a socket"
            }
        let port = ports.map { " port \(YAMLText.ports($0))" } ?? ""
        return "\(name(executable)) to \(place)\(port)\(transport.map { " by \($0)" } ?? "")"
    }
}

extension ListenEntry {
    /// In words, for people.
    package var words: String {
        "\(name(executable)) on \(ports.map { "port \(YAMLText.ports($0))" } ?? "any port")\(transport.map { " by \($0)" } ?? "")"
    }
}

extension OpenEntry {
    /// In words, for people.
    package var words: String {
        "\(name(executable)) opens \(YAMLText.scalar(path)) to \(access.names.joined(separator: ", "))"
    }
}
