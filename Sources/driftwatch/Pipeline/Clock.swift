import Evidence
import Foundation
import Workloads

/// Relates the kernel's time of an act to the time of day.
struct Clock {
    /// Nanoseconds to add to time since boot.
    private(set) var offset: Int64

    init() { offset = Self.measured() }

    /// Nanoseconds since boot, suspend included: the clock of the kernel half.
    static func boot() -> UInt64 { UInt64(read(CLOCK_BOOTTIME)) }

    /// Nanoseconds since the epoch.
    static func wall() -> Int64 { read(CLOCK_REALTIME) }

    /// All clocks that tell whether the monitor runs.
    static func reading() -> Pulse.Reading {
        Pulse.Reading(
            wall: wall(), boot: boot(), awake: UInt64(read(CLOCK_MONOTONIC)),
            processor: UInt64(read(CLOCK_PROCESS_CPUTIME_ID)))
    }

    static func heartbeat() -> Heartbeat { Heartbeat(wall: wall(), boot: boot(), bootID: Boot.id) }

    func epoch(_ boot: UInt64) -> Int64 { Int64(bitPattern: boot) &+ offset }

    /// Follows steps of the time of day. Differences under a millisecond are the noise of reading two clocks.
    mutating func follow() {
        let now = Self.measured()
        if abs(now - offset) > 1_000_000 { offset = now }
    }

    private static func measured() -> Int64 { read(CLOCK_REALTIME) - read(CLOCK_BOOTTIME) }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
