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

/// Where acts of one kind went. Each is counted once: as known, emitted, over quota or lost.
package struct Tally: BitwiseCopyable, Hashable, Sendable {
    package var known: UInt64 = 0
    package var emitted: UInt64 = 0
    package var overQuota: UInt64 = 0
    package var lost: UInt64 = 0

    package static func += (left: inout Tally, right: Tally) {
        left.known += right.known
        left.emitted += right.emitted
        left.overQuota += right.overQuota
        left.lost += right.lost
    }
}

/// All that the processes of a cgroup did.
package struct Account: BitwiseCopyable, Hashable, Sendable {
    package var exec = Tally()
    package var connect = Tally()
    package var listen = Tally()
    package var open = Tally()

    package init() {}

    package static func += (left: inout Account, right: Account) {
        left.exec += right.exec
        left.connect += right.connect
        left.listen += right.listen
        left.open += right.open
    }
}

/// Records that are no acts: of cgroups, and of ends of processes.
package struct News: BitwiseCopyable, Hashable, Sendable {
    package var emitted: UInt64 = 0
    package var lost: UInt64 = 0
}

/// A cgroup's bucket of novel opens.
package struct Quota: BitwiseCopyable, Sendable {
    /// Thousandths.
    package var tokens: UInt64
    /// Nanoseconds since boot.
    package var refilled: UInt64
    private var over: (UInt64, UInt64, UInt64, UInt64)

    /// Opens that were turned away.
    package var overOpens: UInt64 { over.3 }
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
    var incident: UInt64 = 0
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
    var quotaRate: UInt64
    var quotaBurst: UInt64
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
}
