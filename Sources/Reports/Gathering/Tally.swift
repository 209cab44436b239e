/// How often each of many names came, exact for all that matter: of very many, the rarest are counted together.
struct Tally: Encodable, Sendable {
    struct Entry: Encodable, Sendable, Equatable {
        var name: String
        var count: Int
        /// Where it first came.
        var line: UInt64
    }

    private var entries: [String: Entry] = [:]
    /// Of names that are not kept.
    private var rest = 0
    private let shown: Int
    /// Names are chosen by whoever starts workloads.
    private static let most = 4096

    init(shown: Int = 20) { self.shown = shown }

    mutating func add(_ name: String, line: UInt64, count: Int = 1) {
        entries[name, default: Entry(name: name, count: 0, line: line)].count += count
        guard entries.count >= 2 * Self.most else { return }
        for entry in sorted.dropFirst(Self.most) {
            rest += entry.count
            entries[entry.name] = nil
        }
    }

    subscript(name: String) -> Int { entries[name]?.count ?? 0 }

    /// The commonest first.
    var sorted: [Entry] { entries.values.sorted { ($1.count, $0.name) < ($0.count, $1.name) } }
    var first: ArraySlice<Entry> { sorted.prefix(shown) }
    /// Names beyond the first; at least.
    var more: Int { max(0, entries.count - shown) + (rest > 0 ? 1 : 0) }
    var isEmpty: Bool { entries.isEmpty }
    var names: Int { entries.count }
    var total: Int { entries.values.reduce(rest) { $0 + $1.count } }

    private enum CodingKeys: CodingKey { case first, names, total }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Array(first), forKey: .first)
        try container.encode(names, forKey: .names)
        try container.encode(total, forKey: .total)
    }
}

/// The first few of many by an order, and how many there were.
struct Selection<Element: Encodable & Sendable>: Encodable, Sendable {
    private(set) var first: [Element] = []
    private(set) var count = 0
    private let limit: Int
    private let precedes: @Sendable (Element, Element) -> Bool

    init(_ limit: Int, by precedes: @escaping @Sendable (Element, Element) -> Bool) {
        self.limit = limit
        self.precedes = precedes
    }

    mutating func add(_ element: Element) {
        count += 1
        if first.count == limit, let last = first.last, !precedes(element, last) { return }
        first.insert(element, at: first.firstIndex { precedes(element, $0) } ?? first.count)
        if first.count > limit { first.removeLast() }
    }

    mutating func add(_ elements: some Sequence<Element>) { for element in elements { add(element) } }

    var more: Int { count - first.count }

    private enum CodingKeys: CodingKey { case count, first }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(count, forKey: .count)
        try container.encode(first, forKey: .first)
    }
}
