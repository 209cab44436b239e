import Events

/// Accounts for every act: what the kernel saw is what was told, known, turned away or lost.
package struct Ledger: Sendable, Equatable {
    /// One kind's account. The first five are counted in the kernel, the last three by the consumer.
    package struct Entry: Sendable, Equatable {
        /// Repeats too.
        package var seen: UInt64 = 0
        /// Repeats, kept in the kernel.
        package var known: UInt64 = 0
        /// Handed to a ring.
        package var emitted: UInt64 = 0
        /// Novel, but over the workload's quota.
        package var overQuota: UInt64 = 0
        /// Novel, but the ring was full or the record could not be built.
        package var lost: UInt64 = 0
        /// Decoded.
        package var received: UInt64 = 0
        package var judged: UInt64 = 0
        /// Waiting for an identity.
        package var held: UInt64 = 0
        /// Taken from the ring, but no record that could be read.
        package var undecodable: UInt64 = 0

        package init() {}

        /// Both sides of each equation agree; true only at rest.
        package var balances: Bool {
            seen == known &+ emitted &+ overQuota &+ lost && emitted == received &+ undecodable
                && received == judged &+ held
        }

        package static func + (left: Entry, right: Entry) -> Entry {
            var sum = left
            for field in Entry.fields { sum[keyPath: field.path] &+= right[keyPath: field.path] }
            return sum
        }

        /// In the order of their names, as lines hold them.
        package static let fields: [(name: StaticString, path: WritableKeyPath<Entry, UInt64> & Sendable)] = [
            ("emitted", \.emitted), ("held", \.held), ("judged", \.judged), ("known", \.known), ("lost", \.lost),
            ("over_quota", \.overQuota), ("received", \.received), ("seen", \.seen), ("undecodable", \.undecodable),
        ]
    }

    private var entries: [Entry] = Kind.allCases.map { _ in Entry() }

    package init() {}

    package subscript(kind: Kind) -> Entry {
        get { entries[Int(kind.wireNumber) - 1] }
        set { entries[Int(kind.wireNumber) - 1] = newValue }
    }

    package var balances: Bool { entries.allSatisfy(\.balances) }

    /// Novel acts that nobody looked at: lost, over quota or unreadable.
    package var unseen: UInt64 { entries.reduce(0) { $0 &+ $1.lost &+ $1.overQuota &+ $1.undecodable } }

    /// Takes the kernel's counters as they now are; those of the consumer stay.
    package mutating func setKernel(
        _ kind: Kind, seen: UInt64, known: UInt64, emitted: UInt64, overQuota: UInt64, lost: UInt64
    ) {
        self[kind].seen = seen
        self[kind].known = known
        self[kind].emitted = emitted
        self[kind].overQuota = overQuota
        self[kind].lost = lost
    }

    /// The counters of both: of several consumers, or of kernel and consumer.
    package func merging(_ other: Ledger) -> Ledger {
        var sum = self
        for kind in Kind.allCases { sum[kind] = self[kind] + other[kind] }
        return sum
    }
}
