/// Patterns of tokens as one trie in flat arrays, without a string or an object per pattern.
///
/// An edge is found by a hash of its node and its token, keyed at random in each process, so that nobody can make
/// paths that collide. A token with a star is found by the literal bytes before its first and after its last star.
struct TokenTrie: Sendable {
    struct Node {
        /// Child on any one token; 0: none.
        var any: UInt32 = 0
        /// Child on any number of tokens; 0: none.
        var deep: UInt32 = 0
        var firstFrame: UInt32 = 0
        var frames: UInt16 = 0
        var terminal: UInt8 = 0
        var isDeep = false
    }

    /// Lengths of the literal bytes around the stars of some pattern below a node.
    struct Frame: Equatable {
        var prefix: UInt16
        var suffix: UInt16
    }

    struct Partial {
        var offset: UInt32
        var child: UInt32
        /// The next pattern with the same frame; 0: none.
        var next: UInt32
        var length: UInt16
        /// Of an argument.
        var isWord = false
    }

    /// Keyed by `SipHash` with the process's random seed.
    static func hash(_ tag: UInt64, _ bytes: Span<UInt8>) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(tag)
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
        return UInt64(truncatingIfNeeded: hasher.finalize())
    }

    static func hash(_ first: UInt64, _ second: UInt64, _ third: UInt64 = 0) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(first)
        hasher.combine(second)
        hasher.combine(third)
        return UInt64(truncatingIfNeeded: hasher.finalize())
    }

    private static func frameHash(_ node: UInt32, _ prefix: Span<UInt8>, _ suffix: Span<UInt8>) -> UInt64 {
        hash(hash(UInt64(node) | 2 << 32, prefix), suffix)
    }

    private static func rootHash(_ root: UInt64) -> UInt64 { hash(root, 1 << 40) }

    private var nodes: [Node] = [Node()]
    private var edges = HashTable()
    private var frames: [Frame] = []
    private var partials: [Partial] = [Partial(offset: 0, child: 0, next: 0, length: 0)]
    private var pool: [UInt8] = []

    var isEmpty: Bool { nodes.count == 1 }

    /// Collects patterns; the trie is made of all of them at once.
    struct Builder {
        private var trie = TokenTrie()
        private var edges: [UInt64: UInt32] = [:]
        private var frames: [UInt32: [Frame]] = [:]

        /// The node at which the pattern ends.
        @discardableResult
        mutating func insert(root: UInt64, _ tokens: [Glob.Token], terminal: UInt8) -> UInt32 {
            var node = child(TokenTrie.rootHash(root))
            for token in tokens {
                switch token {
                case .literal(let bytes): node = child(TokenTrie.hash(UInt64(node), bytes.span))
                case .any:
                    if trie.nodes[Int(node)].any == 0 { trie.nodes[Int(node)].any = make() }
                    node = trie.nodes[Int(node)].any
                case .deep:
                    if trie.nodes[Int(node)].isDeep { continue }
                    if trie.nodes[Int(node)].deep == 0 { trie.nodes[Int(node)].deep = make(isDeep: true) }
                    node = trie.nodes[Int(node)].deep
                case .partial(let pattern): node = partial(node, pattern, isWord: false)
                case .partialWord(let pattern): node = partial(node, pattern, isWord: true)
                }
            }
            trie.nodes[Int(node)].terminal |= terminal
            return node
        }

        mutating func finish() -> TokenTrie {
            var result = TokenTrie()
            result.nodes = Array(trie.nodes[...])
            for (node, list) in frames {
                result.nodes[Int(node)].firstFrame = UInt32(result.frames.count)
                result.nodes[Int(node)].frames = UInt16(clamping: list.count)
                result.frames += list
            }
            result.frames = Array(result.frames[...])
            result.partials = Array(trie.partials[...])
            result.pool = Array(trie.pool[...])
            result.edges = HashTable(edges)
            return result
        }

        private mutating func make(isDeep: Bool = false) -> UInt32 {
            trie.nodes.append(Node(isDeep: isDeep))
            return UInt32(trie.nodes.count - 1)
        }

        private mutating func child(_ edge: UInt64) -> UInt32 {
            if let node = edges[edge] { return node }
            let node = make()
            edges[edge] = node
            return node
        }

        private mutating func partial(_ node: UInt32, _ pattern: [UInt8], isWord: Bool) -> UInt32 {
            let (prefix, suffix) = Glob.frame(pattern)
            let frame = Frame(prefix: UInt16(clamping: prefix.count), suffix: UInt16(clamping: suffix.count))
            if frames[node]?.contains(frame) != true { frames[node, default: []].append(frame) }
            let edge = TokenTrie.frameHash(node, prefix.span, suffix.span)
            var index = edges[edge] ?? 0
            let first = index
            while index != 0 {
                let known = trie.partials[Int(index)]
                if trie.pool[Int(known.offset)..<Int(known.offset) + Int(known.length)].elementsEqual(pattern) {
                    return known.child
                }
                index = known.next
            }
            let node = make()
            trie.partials.append(
                Partial(
                    offset: UInt32(trie.pool.count), child: node, next: first, length: UInt16(clamping: pattern.count),
                    isWord: isWord))
            trie.pool += pattern
            edges[edge] = UInt32(trie.partials.count - 1)
            return node
        }
    }

    /// The nodes that are reached with some of the tokens read; at most as many as the trie has.
    struct Walk {
        private(set) var active: [UInt32] = []
        private var next: [UInt32] = []

        init(_ trie: TokenTrie, root: UInt64) {
            if let node = trie.edges[TokenTrie.rootHash(root)] { Self.add(node, trie, &active) }
        }

        var isDead: Bool { active.isEmpty }

        mutating func step(_ trie: TokenTrie, _ token: Span<UInt8>) {
            next.removeAll(keepingCapacity: true)
            for id in active {
                let node = trie.nodes[Int(id)]
                if node.isDeep { Self.add(id, trie, &next) }
                if node.any != 0 { Self.add(node.any, trie, &next) }
                if let child = trie.edges[TokenTrie.hash(UInt64(id), token)] { Self.add(child, trie, &next) }
                for frame in 0..<Int(node.frames) {
                    let frame = trie.frames[Int(node.firstFrame) + frame]
                    let (before, after) = (Int(frame.prefix), Int(frame.suffix))
                    guard before + after <= token.count else { continue }
                    let edge = TokenTrie.frameHash(
                        id, token.extracting(first: before), token.extracting(last: after))
                    var index = trie.edges[edge] ?? 0
                    while index != 0 {
                        let partial = trie.partials[Int(index)]
                        let end = Int(partial.offset) + Int(partial.length)
                        if Glob.matches(trie.pool[Int(partial.offset)..<end], token, isWord: partial.isWord) {
                            Self.add(partial.child, trie, &next)
                        }
                        index = partial.next
                    }
                }
            }
            swap(&active, &next)
        }

        /// All terminals at the end of the tokens, joined.
        func terminal(_ trie: TokenTrie) -> UInt8 {
            active.reduce(0) { $0 | trie.nodes[Int($1)].terminal }
        }

        func ends(_ trie: TokenTrie) -> [UInt32] {
            active.filter { trie.nodes[Int($0)].terminal != 0 }
        }

        private static func add(_ id: UInt32, _ trie: TokenTrie, _ set: inout [UInt32]) {
            // More than a few are active only below several `**`.
            if set.contains(id) { return }
            set.append(id)
            let deep = trie.nodes[Int(id)].deep
            if deep != 0 { add(deep, trie, &set) }
        }
    }

    /// What the patterns under the root give for the text split at the separator.
    func lookUp(root: UInt64, _ text: Span<UInt8>, separator: UInt8) -> Walk {
        var walk = Walk(self, root: root)
        // `/` alone is one empty segment, as the patterns have it.
        if text.count == 1, text[0] == separator {
            walk.step(self, text.extracting(first: 0))
            return walk
        }
        var start = 0
        var index = 0
        while !walk.isDead {
            if index == text.count || text[index] == separator {
                walk.step(self, text.extracting(start..<index))
                if index == text.count { break }
                start = index + 1
            }
            index += 1
        }
        return walk
    }
}

/// Sorted hashes with a number each, searched by interpolation: 12 bytes an entry, and hashes spread evenly.
struct HashTable: Sendable {
    private var keys: [UInt64]
    private var values: [UInt32]

    init(_ entries: [UInt64: UInt32] = [:]) {
        let sorted = entries.sorted { $0.key < $1.key }
        keys = sorted.map(\.key)
        values = sorted.map(\.value)
    }

    subscript(key: UInt64) -> UInt32? {
        HashTable.find(key, keys).map { values[$0] }
    }

    static func find(_ key: UInt64, _ keys: [UInt64]) -> Int? {
        let count = keys.count
        guard count > 0 else { return nil }
        // Where the key would stand if hashes were perfectly even; the true place is about a root of the count away.
        let guess = Int(key.multipliedFullWidth(by: UInt64(count)).high)
        var low = 0
        var high = count
        var step = 4
        if keys[guess] < key {
            low = guess + 1
            while guess + step < count, keys[guess + step] < key {
                low = guess + step + 1
                step *= 2
            }
            high = min(guess + step, count)
        } else {
            high = guess
            while guess - step >= 0, keys[guess - step] >= key {
                high = guess - step
                step *= 2
            }
            low = max(guess - step, 0)
        }
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] < key { low = middle + 1 } else { high = middle }
        }
        return low < count && keys[low] == key ? low : nil
    }
}
