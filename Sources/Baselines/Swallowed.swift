import Events

extension BaselineSpec {
    /// The entries that another spec allows by one that is wider, so that together the narrow ones say nothing: whoever
    /// wrote the one meant less than whoever wrote the other.
    func swallowed(by other: BaselineSpec) -> [(narrow: String, wide: String)] {
        pairs(exec, other.exec) { narrow, wide in
            (wide.parent == nil || narrow.parent.map { Glob.covers(path: wide.parent!, $0) } ?? false)
                && (wide.arguments == nil || narrow.arguments.map { Glob.covers(words: wide.arguments!, $0) } ?? false)
        }
            + pairs(connect, other.connect) { narrow, wide in
                covers(wide.ports, narrow.ports) && (wide.transport == nil || wide.transport == narrow.transport)
                    && wide.peer.covers(narrow.peer)
            }
            + pairs(listen, other.listen) { narrow, wide in
                covers(wide.ports, narrow.ports) && (wide.transport == nil || wide.transport == narrow.transport)
            }
            + pairs(open, other.open) { narrow, wide in
                narrow.access.isSubset(of: wide.access) && Glob.covers(path: wide.path, narrow.path)
            }
    }

    private func pairs<Entry: BaselineEntry>(
        _ narrow: [Entry], _ wide: [Entry], _ covers: (Entry, Entry) -> Bool
    ) -> [(narrow: String, wide: String)] {
        // Most are there literally, and only an entry for the same program or for any can be wider.
        let same = Set(wide)
        let byProgram = Dictionary(grouping: wide) { $0.executable }
        return narrow.filter { !same.contains($0) }.compactMap { entry in
            let others = (byProgram[entry.executable] ?? []) + (entry.executable == "*" ? [] : byProgram["*"] ?? [])
            return others.first { covers(entry, $0) }.map { (entry.text, $0.text) }
        }
    }

    private func covers(_ wide: ClosedRange<UInt16>?, _ narrow: ClosedRange<UInt16>?) -> Bool {
        guard let wide else { return true }
        return narrow.map { wide.contains($0.lowerBound) && wide.contains($0.upperBound) } ?? false
    }
}

extension ConnectEntry.Peer {
    fileprivate func covers(_ other: Self) -> Bool {
        switch (self, other) {
        case (.block(let wide), .block(let narrow)): wide.prefix <= narrow.prefix && wide.contains(narrow.base)
        case (.scope(let wide), .block(let narrow)): wide.holds(narrow)
        case (.scope(let wide), .scope(let narrow)): wide == narrow
        case (.domain(let wide), .domain(let narrow)): Glob.covers(domain: wide, narrow)
        case (.path(let wide), .path(let narrow)): Glob.covers(path: wide, narrow)
        case (.unseen, .unseen): true
        default: false
        }
    }
}

extension Glob {
    /// Whether all that the second pattern matches the first does too; false also where that is hard to say.
    static func covers(path wide: String, _ narrow: String) -> Bool {
        if wide == "*" || wide == narrow { return true }
        return covers(pathTokens(wide), pathTokens(narrow))
    }

    static func covers(domain wide: String, _ narrow: String) -> Bool {
        wide == narrow || covers(domainTokens(wide), domainTokens(narrow))
    }

    static func covers(words wide: [String], _ narrow: [String]) -> Bool {
        wide == narrow || covers(wordTokens(wide), wordTokens(narrow))
    }

    private static func covers(_ wide: [Token], _ narrow: [Token]) -> Bool {
        // reach[i]: the tokens so far cover the first i of the narrow ones.
        var reach = [Bool](repeating: false, count: narrow.count + 1)
        reach[0] = true
        for token in wide {
            var next = [Bool](repeating: false, count: narrow.count + 1)
            if token == .deep {
                var on = false
                for index in 0...narrow.count {
                    on = on || reach[index]
                    next[index] = on
                }
            } else {
                for index in 0..<narrow.count where reach[index] {
                    next[index + 1] = covers(token, narrow[index])
                }
            }
            reach = next
        }
        return reach[narrow.count]
    }

    private static func covers(_ wide: Token, _ narrow: Token) -> Bool {
        switch (wide, narrow) {
        case (_, .deep): false
        case (.any, _), (.deep, _): true
        case (.partial, .literal(let bytes)), (.partialWord, .literal(let bytes)): matchesToken(wide, bytes)
        default: wide == narrow
        }
    }
}
