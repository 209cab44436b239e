import Events

/// A spec compiled for judging: hashes of what is exact, a trie of what is a pattern, nothing to scan.
package struct BaselineIndex: Sendable {
    /// What a key is of, so that no two sorts of key meet.
    enum Tag: UInt64 {
        case program = 1
        case execAny, execWords, open, openTree, unix, unixTree, domain, domainTree, block, port, programTree
        case directory, tree, socket, scope
    }
    private static let anyProgram: UInt64 = 0
    private static let anyPort: UInt64 = 1 << 16
    private static let anyTransport: UInt64 = 1 << 20

    private var exact: [UInt64]
    /// Accesses of an opened path, 1 for all else.
    private var values: [UInt8]
    private var trie: TokenTrie
    private var hasProgramPatterns = false
    private var hasAnyProgram = false
    private var hasDirectories = false
    private var hasScopes = false
    /// Prefix lengths of blocks that are more than one address.
    private var prefixes4: [UInt8]
    private var prefixes6: [UInt8]
    private var ranges: [PortSpan]

    /// Ports of one class of programs and transport; the spans of a class neither meet nor overlap.
    private struct PortSpan {
        var group: UInt64
        var ports: ClosedRange<UInt16>
    }

    /// Of the entries as they were given; 0 for an index that knows nothing.
    package let entryCount: Int

    package init(_ spec: BaselineSpec) {
        var building = Building()
        for entry in spec.exec { building.add(entry) }
        for entry in spec.connect { building.add(entry) }
        for entry in spec.listen { building.add(entry) }
        for entry in spec.open { building.add(entry) }
        let sorted = building.exact.sorted { $0.key < $1.key }
        exact = sorted.map(\.key)
        values = sorted.map(\.value)
        trie = building.tries.finish()
        hasProgramPatterns = building.hasProgramPatterns
        hasAnyProgram = building.hasAnyProgram
        hasDirectories = building.hasDirectories
        hasScopes = building.hasScopes
        prefixes4 = building.prefixes4.sorted()
        prefixes6 = building.prefixes6.sorted()
        ranges = Self.joined(building.ranges)
        entryCount = spec.count
    }

    // MARK: Judging

    package func knows(_ behaviour: Behaviour) -> Bool {
        switch behaviour {
        case .exec(let exec): knows(exec)
        case .connect(let connect): knows(connect)
        case .listen(let listen): knows(listen)
        case .open(let open): open.access.isSubset(of: access(executable: open.executable, path: open.path))
        }
    }

    /// All accesses that entries allow the program to have to the path.
    package func access(executable: String, path: String) -> Access {
        var found: UInt8 = 0
        Self.withBytes(path) { path in
            for program in programs(executable) {
                found |= value(TokenTrie.hash(Self.key(.open, program), path)) ?? 0
                if hasDirectories { found |= accessByDirectory(program, path) }
                if !trie.isEmpty {
                    found |= trie.lookUp(root: Self.key(.openTree, program), path, separator: Glob.slash).terminal(trie)
                }
            }
        }
        return Access(rawValue: UInt32(found))
    }

    private func knows(_ exec: ExecBehaviour) -> Bool {
        let parents = programs(exec.parent)
        for program in programs(exec.executable) {
            for parent in parents {
                let pair = TokenTrie.hash(program, parent)
                if value(Self.key(.execAny, pair)) != nil { return true }
                var words = Self.key(.execWords, pair)
                for word in exec.arguments { words = Self.withBytes(word) { TokenTrie.hash(words, $0) } }
                if value(words) != nil { return true }
                if trie.isEmpty { continue }
                var walk = TokenTrie.Walk(trie, root: Self.key(.execWords, pair))
                for word in exec.arguments where !walk.isDead { Self.withBytes(word) { walk.step(trie, $0) } }
                if walk.terminal(trie) != 0 { return true }
            }
        }
        return false
    }

    private func knows(_ connect: ConnectBehaviour) -> Bool {
        let transports = [Self.code(connect.transport), Self.anyTransport]
        for program in programs(connect.executable) {
            for transport in transports {
                switch connect.peer {
                case .unix(let path):
                    let known = Self.withBytes(path) { path in
                        if value(TokenTrie.hash(Self.key(.unix, program, transport), path)) != nil { return true }
                        guard !trie.isEmpty else { return false }
                        let root = Self.key(.unixTree, program, transport)
                        return trie.lookUp(root: root, path, separator: Glob.slash).terminal(trie) != 0
                    }
                    if known { return true }
                case .unseen: if value(Self.key(.socket, program, transport)) != nil { return true }
                case .ip(let address, let domain):
                    let group = TokenTrie.hash(program, transport)
                    if let domain, knows(Glob.canonicalDomain(domain), group, address.port) { return true }
                    if knows(address, group) { return true }
                }
            }
        }
        return false
    }

    private func knows(_ domain: String, _ group: UInt64, _ port: UInt16) -> Bool {
        Self.withBytes(domain) { domain in
            let key = TokenTrie.hash(Self.key(.domain, group), domain)
            if knows(port, group: key) { return true }
            guard !trie.isEmpty else { return false }
            let ends = trie.lookUp(root: Self.key(.domainTree, group), domain, separator: UInt8(ascii: "."))
            return ends.ends(trie).contains { knows(port, group: Self.key(.domainTree, group, UInt64($0))) }
        }
    }

    private func knows(_ address: SocketAddress, _ group: UInt64) -> Bool {
        if knows(address.port, group: Self.key(AddressBlock(address.ip), group)) { return true }
        for prefix in address.ip.isIPv4 ? prefixes4 : prefixes6 {
            let block = AddressBlock(base: address.ip.masked(Int(prefix)), prefix: Int(prefix))
            if knows(address.port, group: Self.key(block, group)) { return true }
        }
        return hasScopes && knows(address.port, group: Self.key(address.ip.scope, group))
    }

    private func knows(_ listen: ListenBehaviour) -> Bool {
        for program in programs(listen.executable) {
            for transport in [Self.code(listen.transport), Self.anyTransport]
            where knows(listen.port, group: Self.key(.port, program, transport)) { return true }
        }
        return false
    }

    private func knows(_ port: UInt16, group: UInt64) -> Bool {
        if value(TokenTrie.hash(group, UInt64(port))) != nil || value(TokenTrie.hash(group, Self.anyPort)) != nil {
            return true
        }
        guard !ranges.isEmpty else { return false }
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            let span = ranges[middle]
            if (span.group, span.ports.upperBound) < (group, port) { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].group == group && ranges[low].ports.contains(port)
    }

    /// All classes of programs that the path belongs to: itself, any, and those named by patterns.
    private func programs(_ path: String) -> [UInt64] {
        Self.withBytes(path) { path in
            var classes = [TokenTrie.hash(Tag.program.rawValue, path)]
            if hasAnyProgram { classes.append(Self.anyProgram) }
            if hasProgramPatterns {
                let walk = trie.lookUp(root: Self.key(.programTree, 0), path, separator: Glob.slash)
                classes += walk.ends(trie).map { Self.key(.programTree, UInt64($0) + 1) }
            }
            return classes
        }
    }

    func value(_ key: UInt64) -> UInt8? {
        HashTable.find(key, exact).map { values[$0] }
    }

    // MARK: Keys

    static func key(_ tag: Tag, _ first: UInt64, _ second: UInt64 = 0) -> UInt64 {
        TokenTrie.hash(tag.rawValue, first, second)
    }

    private static func key(_ block: AddressBlock, _ group: UInt64) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(Tag.block.rawValue)
        hasher.combine(group)
        hasher.combine(block)
        return UInt64(truncatingIfNeeded: hasher.finalize())
    }

    private static func key(_ scope: IPAddress.Scope, _ group: UInt64) -> UInt64 {
        withBytes(scope.rawValue) { TokenTrie.hash(key(.scope, group), $0) }
    }

    private static func code(_ transport: Transport) -> UInt64 {
        switch transport {
        case .tcp: 1
        case .udp: 2
        case .unix: 3
        case .icmp: 4
        case .sctp: 5
        case .udplite: 6
        case .dccp: 7
        case .raw: 8
        case .packet: 9
        case .vsock: 10
        case .xdp: 11
        case .can: 12
        case .tipc: 13
        case .bluetooth: 14
        case .other(let number): 1 << 16 | UInt64(number)
        case .family(let number): 1 << 17 | UInt64(number)
        }
    }

    private static func withBytes<Result>(_ text: String, _ body: (Span<UInt8>) -> Result) -> Result {
        body(text.utf8Span.span)
    }

    // MARK: Building

    private struct Building {
        var exact: [UInt64: UInt8] = [:]
        var tries = TokenTrie.Builder()
        var hasProgramPatterns = false
        var hasAnyProgram = false
        var hasDirectories = false
        var hasScopes = false
        var prefixes4: Set<UInt8> = []
        var prefixes6: Set<UInt8> = []
        var ranges: [PortSpan] = []

        mutating func add(_ entry: ExecEntry) {
            let pair = TokenTrie.hash(program(entry.executable), entry.parent.map { program($0) } ?? anyParent())
            guard let arguments = entry.arguments else {
                exact[key(.execAny, pair)] = 1
                return
            }
            let tokens = Glob.wordTokens(arguments)
            var words = key(.execWords, pair)
            for token in tokens {
                guard case .literal(let bytes) = token else {
                    tries.insert(root: key(.execWords, pair), tokens, terminal: 1)
                    return
                }
                words = TokenTrie.hash(words, bytes.span)
            }
            exact[words] = 1
        }

        mutating func add(_ entry: OpenEntry) {
            let program = program(entry.executable)
            let access = UInt8(truncatingIfNeeded: entry.access.rawValue)
            if let literal = Glob.literalBytes(Array(entry.path.utf8)[...]) {
                exact[TokenTrie.hash(key(.open, program), literal.span), default: 0] |= access
            } else if let place = directoryKey(entry.path, program) {
                exact[place, default: 0] |= access
                hasDirectories = true
            } else {
                tries.insert(root: key(.openTree, program), pathPattern(entry.path), terminal: access)
            }
        }

        mutating func add(_ entry: ListenEntry) {
            let transport = entry.transport.map(code) ?? anyTransport
            add(entry.ports, group: key(.port, program(entry.executable), transport))
        }

        mutating func add(_ entry: ConnectEntry) {
            let program = program(entry.executable)
            let transport = entry.transport.map(code) ?? anyTransport
            let group = TokenTrie.hash(program, transport)
            switch entry.peer {
            case .unseen: exact[key(.socket, program, transport)] = 1
            case .path(let path):
                if let literal = Glob.literalBytes(Array(path.utf8)[...]) {
                    exact[TokenTrie.hash(key(.unix, program, transport), literal.span)] = 1
                } else {
                    tries.insert(root: key(.unixTree, program, transport), pathPattern(path), terminal: 1)
                }
            case .domain(let domain):
                let domain = Glob.canonicalDomain(domain)
                if let literal = Glob.literalBytes(Array(domain.utf8)[...]) {
                    add(entry.ports, group: TokenTrie.hash(key(.domain, group), literal.span))
                } else {
                    let end = tries.insert(root: key(.domainTree, group), Glob.domainTokens(domain), terminal: 1)
                    add(entry.ports, group: key(.domainTree, group, UInt64(end)))
                }
            case .scope(let scope):
                hasScopes = true
                add(entry.ports, group: key(scope, group))
            case .block(let block):
                if block.prefix < block.base.width {
                    if block.base.isIPv4 {
                        prefixes4.insert(UInt8(block.prefix))
                    } else {
                        prefixes6.insert(UInt8(block.prefix))
                    }
                }
                add(entry.ports, group: key(block.masked, group))
            }
        }

        private mutating func add(_ ports: ClosedRange<UInt16>?, group: UInt64) {
            guard let ports else {
                exact[TokenTrie.hash(group, anyPort)] = 1
                return
            }
            if ports.count == 1 {
                exact[TokenTrie.hash(group, UInt64(ports.lowerBound))] = 1
            } else {
                ranges.append(PortSpan(group: group, ports: ports))
            }
        }

        /// `*` alone is anything, also what is not in the tree.
        private func pathPattern(_ pattern: String) -> [Glob.Token] {
            pattern == "*" ? [.deep] : Glob.pathTokens(pattern)
        }

        private mutating func anyParent() -> UInt64 {
            hasAnyProgram = true
            return anyProgram
        }

        private mutating func program(_ pattern: String) -> UInt64 {
            if pattern == "*" || pattern == "**" { return anyParent() }
            if let literal = Glob.literalBytes(Array(pattern.utf8)[...]) {
                return TokenTrie.hash(Tag.program.rawValue, literal.span)
            }
            hasProgramPatterns = true
            let end = tries.insert(root: key(.programTree, 0), Glob.pathTokens(pattern), terminal: 1)
            return key(.programTree, UInt64(end) + 1)
        }
    }

    private static func joined(_ spans: [PortSpan]) -> [PortSpan] {
        var result: [PortSpan] = []
        for span in spans.sorted(by: { ($0.group, $0.ports.lowerBound) < ($1.group, $1.ports.lowerBound) }) {
            if let last = result.last, last.group == span.group,
                Int(span.ports.lowerBound) <= Int(last.ports.upperBound) + 1
            {
                result[result.count - 1].ports =
                    last.ports.lowerBound...max(last.ports.upperBound, span.ports.upperBound)
            } else {
                result.append(span)
            }
        }
        return result
    }
}
