import Events

/// Accounts for every act: what the kernel saw is what was told, known, turned away or lost.
package struct Ledger: Sendable, Equatable {
    /// One kind's account. The first seven are counted in the kernel, the last three by the consumer.
    package struct Entry: Sendable, Equatable {
        /// Repeats too.
        package var seen: UInt64 = 0
        /// Repeats, kept in the kernel.
        package var known: UInt64 = 0
        /// Handed to a ring.
        package var emitted: UInt64 = 0
        /// Novel, but over the workload's quota.
        package var overQuota: UInt64 = 0
        /// Novel, but lost on its way: the ring was full, where it is none of the next two.
        package var lost: UInt64 = 0
        /// Of those lost: came while another was described on the same CPU.
        package var interrupted: UInt64 = 0
        /// Of those lost: the kernel passed over a program that was running already on that CPU.
        package var passedOver: UInt64 = 0
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

        /// Novel acts that nobody looked at: lost, over quota or unreadable.
        package var unseen: UInt64 { lost &+ overQuota &+ undecodable }

        package var ringFull: UInt64 { lost &- interrupted &- passedOver }

        /// Every record that the kernel handed over has come.
        var isTaken: Bool { emitted == received &+ undecodable && held == 0 }

        static func &+ (left: Entry, right: Entry) -> Entry { left.with(right, &+) }
        static func &- (left: Entry, right: Entry) -> Entry { left.with(right, &-) }

        private func with(_ other: Entry, _ join: (UInt64, UInt64) -> UInt64) -> Entry {
            var entry = Entry()
            entry.seen = join(seen, other.seen)
            entry.known = join(known, other.known)
            entry.emitted = join(emitted, other.emitted)
            entry.overQuota = join(overQuota, other.overQuota)
            entry.lost = join(lost, other.lost)
            entry.interrupted = join(interrupted, other.interrupted)
            entry.passedOver = join(passedOver, other.passedOver)
            entry.received = join(received, other.received)
            entry.judged = join(judged, other.judged)
            entry.held = join(held, other.held)
            entry.undecodable = join(undecodable, other.undecodable)
            return entry
        }

        /// In the order of their names, as lines hold them.
        package static let fields: [(name: StaticString, path: WritableKeyPath<Entry, UInt64> & Sendable)] = [
            ("emitted", \.emitted), ("held", \.held), ("judged", \.judged), ("known", \.known), ("lost", \.lost),
            ("over_quota", \.overQuota), ("received", \.received), ("seen", \.seen), ("undecodable", \.undecodable),
        ]
    }

    private var exec = Entry()
    private var connect = Entry()
    private var listen = Entry()
    private var open = Entry()
    /// That the kernel was seen to ask for and found; a bit for each.
    package var capabilities: UInt64 = 0

    package init() {}

    package subscript(kind: Kind) -> Entry {
        get {
            switch kind {
            case .exec: exec
            case .connect: connect
            case .listen: listen
            case .open: open
            }
        }
        _modify {
            switch kind {
            case .exec: yield &exec
            case .connect: yield &connect
            case .listen: yield &listen
            case .open: yield &open
            }
        }
    }

    package var balances: Bool { exec.balances && connect.balances && listen.balances && open.balances }

    package var seen: UInt64 { exec.seen &+ connect.seen &+ listen.seen &+ open.seen }

    /// Novel acts that nobody looked at: lost, over quota or unreadable.
    package var unseen: UInt64 { exec.unseen &+ connect.unseen &+ listen.unseen &+ open.unseen }

    /// Every record that the kernel handed over has come and is judged.
    package var isTaken: Bool { exec.isTaken && connect.isTaken && listen.isTaken && open.isTaken }

    /// Takes the kernel's counters as they now are; those of the consumer stay.
    package mutating func setKernel(
        _ kind: Kind, known: UInt64, emitted: UInt64, overQuota: UInt64, lost: UInt64, interrupted: UInt64 = 0,
        passedOver: UInt64 = 0
    ) {
        self[kind].seen = known &+ emitted &+ overQuota &+ lost
        self[kind].known = known
        self[kind].emitted = emitted
        self[kind].overQuota = overQuota
        self[kind].lost = lost
        self[kind].interrupted = interrupted
        self[kind].passedOver = passedOver
    }

    package static func &+ (left: Ledger, right: Ledger) -> Ledger {
        var sum = left
        for kind in Kind.allCases { sum[kind] = left[kind] &+ right[kind] }
        sum.capabilities |= right.capabilities
        return sum
    }

    package static func &- (left: Ledger, right: Ledger) -> Ledger {
        var difference = left
        for kind in Kind.allCases { difference[kind] = left[kind] &- right[kind] }
        difference.capabilities &= ~right.capabilities
        return difference
    }
}
