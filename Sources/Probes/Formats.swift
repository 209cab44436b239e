// What the kernel half's maps hold, as Swift structs of the same layout; Map compares the sizes at start.

/// 128 bits that name one behaviour for as long as the monitor runs.
package struct NoveltyKey: BitwiseCopyable, Hashable, Sendable {
    package var high: UInt64
    package var low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

/// What the filter knows of one behaviour; times are nanoseconds since boot.
package struct Novelty: BitwiseCopyable, Sendable {
    /// Acts, the first one included.
    package var count: UInt64
    package var first: UInt64
    package var last: UInt64
    package var cgroup: UInt64
    /// As `enum record_kind` of the wire format.
    package var kind: UInt16
    private var padding: (UInt16, UInt16, UInt16) = (0, 0, 0)
}

/// Where acts of one kind went. Each is counted once: as known, emitted, over quota, or by why it was lost.
package struct Tally: BitwiseCopyable, Hashable, Sendable {
    package var known: UInt64 = 0
    package var emitted: UInt64 = 0
    package var overQuota: UInt64 = 0
    package var ringFull: UInt64 = 0
    /// Came while another was described on the same CPU.
    package var interrupted: UInt64 = 0

    fileprivate var acts: UInt64 { known &+ emitted &+ overQuota &+ ringFull &+ interrupted }

    package static func += (left: inout Tally, right: Tally) {
        left.known += right.known
        left.emitted += right.emitted
        left.overQuota += right.overQuota
        left.ringFull += right.ringFull
        left.interrupted += right.interrupted
    }
}

/// All that the processes of a cgroup did.
package struct Account: BitwiseCopyable, Hashable, Sendable {
    package var exec = Tally()
    package var connect = Tally()
    package var listen = Tally()
    package var open = Tally()
    /// That were used; a bit for each.
    package var capabilities: UInt64 = 0

    package init() {}

    package var acts: UInt64 { exec.acts &+ connect.acts &+ listen.acts &+ open.acts }

    package static func += (left: inout Account, right: Account) {
        left.exec += right.exec
        left.connect += right.connect
        left.listen += right.listen
        left.open += right.open
        left.capabilities |= right.capabilities
    }
}

/// Records of one sort that are no acts.
package struct News: BitwiseCopyable, Hashable, Sendable {
    package var emitted: UInt64 = 0
    package var overQuota: UInt64 = 0
    package var ringFull: UInt64 = 0
    package var interrupted: UInt64 = 0

    package init() {}
}

/// A workload's buckets of novel acts, and how many were turned away.
package struct Quota: BitwiseCopyable, Sendable {
    private struct Bucket: BitwiseCopyable {
        var tokens: UInt64
        var refilled: UInt64
    }
    private var buckets: (Bucket, Bucket, Bucket, Bucket, Bucket)
    private var over: (UInt64, UInt64, UInt64, UInt64)

    /// Acts that were turned away since the bucket was made: exec, connect, listen, open.
    package var turnedAway: [UInt64] { [over.0, over.1, over.2, over.3] }
    package var hasTurnedAway: Bool { over.0 | over.1 | over.2 | over.3 != 0 }
}

/// struct allowance: how many novel acts of a kind a workload may make.
package struct Allowance: BitwiseCopyable, Sendable {
    private var rate: UInt64
    private var burst: UInt64

    /// Acts a second, and how many may come at once.
    package init(rate: UInt64, burst: UInt64) {
        self.rate = rate * 1000
        self.burst = burst * 1000
    }
}

/// What each workload's novel acts draw from; the figures' reasons are in quota.bpf.h.
package struct Allowances: BitwiseCopyable, Sendable {
    package var opens = Allowance(rate: 1000, burst: 4000)
    /// Connects and listens.
    package var sockets = Allowance(rate: 500, burst: 1000)
    package var execs = Allowance(rate: 1000, burst: 1000)
    /// Execs beyond those that must not be missed.
    package var salientExecs = Allowance(rate: 100, burst: 500)
    /// Of resolvers.
    package var answers = Allowance(rate: 1000, burst: 400)
}

/// A process that was there before the probe.
package struct SeededProcess: Sendable {
    package var pid: UInt32
    /// Nanoseconds since boot; whole clock ticks, as /proc tells it, will do.
    package var start: UInt64
    /// A number of the caller's that records will carry as `exec`.
    package var exec: UInt64
    package var cgroup: UInt64

    package init(pid: UInt32, start: UInt64, exec: UInt64, cgroup: UInt64) {
        self.pid = pid
        self.start = start
        self.exec = exec
        self.cgroup = cgroup
    }
}

/// struct process
struct KernelProcess: BitwiseCopyable {
    var start: UInt64
    var exec: UInt64
    var execCgroup: UInt64
    /// Its end is told.
    var reported: UInt32 = 0
    var padding: UInt32 = 0
}

/// struct incident
struct KernelIncident: BitwiseCopyable {
    var start: UInt64
    var id: UInt64
}

/// struct config
struct KernelConfiguration: BitwiseCopyable {
    var secret: (UInt64, UInt64)
    var quotas: Allowances
    var tick: UInt64
    var ownProcess: UInt32
    var cgroupSubsystem: Int32
    var hierarchy: Int32
    var firstSeen: UInt32
}

/// struct control
struct KernelControl: BitwiseCopyable {
    var epoch: UInt64 = 0
    var incidentsActive: UInt64 = 0
    var unixWoken: UInt64 = 0
    var hears: UInt64 = 0
    var restrictions: UInt64 = 0
}
