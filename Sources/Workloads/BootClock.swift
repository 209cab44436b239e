import Foundation

/// This start of the machine.
package enum Boot {
    /// New at each boot and random, so it also tells nodes apart.
    package static let id: String = (Files.text("/proc/sys/kernel/random/boot_id") ?? "").filter { !$0.isWhitespace }
}

extension Resolver {
    /// Nanoseconds since boot, suspend included: the clock of the events.
    package static func clock() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Nanoseconds since the epoch.
    static func epoch(_ sinceBoot: UInt64) -> Int64 {
        var real = timespec()
        clock_gettime(CLOCK_REALTIME, &real)
        let behind = Int64(clock()) - Int64(sinceBoot)
        return Int64(real.tv_sec) * 1_000_000_000 + Int64(real.tv_nsec) - behind
    }
}
