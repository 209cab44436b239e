/// A sign of life that a monitor leaves on the disk, so that the next one knows since when nobody watched.
package struct Heartbeat: Sendable, Equatable {
    /// Nanoseconds since the epoch.
    package var wall: Int64
    /// Nanoseconds since boot, suspend included.
    package var boot: UInt64
    /// Which start of the machine that is; empty where it is not known.
    package var bootID: String

    package init(wall: Int64, boot: UInt64, bootID: String) {
        self.wall = wall
        self.boot = boot
        self.bootID = bootID
    }

    package var text: String { "\(wall) \(boot) \(bootID)" }

    /// Also of the time of day alone, as it once was.
    package init?(_ text: String) {
        let words = text.split(separator: " ")
        guard let wall = words.first.flatMap({ Int64($0) }) else { return nil }
        self.wall = wall
        boot = words.count == 3 ? UInt64(words[1]) ?? 0 : 0
        bootID = words.count == 3 ? String(words[2]) : ""
    }

    /// Nanoseconds from this one to another of the same start of the machine; nil where it is of another.
    package func age(at now: Heartbeat) -> UInt64? {
        !bootID.isEmpty && bootID == now.bootID && now.boot >= boot ? now.boot - boot : nil
    }

    /// The stretch of time between this one and the next monitor, in the time of day as it is now.
    package func downtime(until now: Heartbeat) -> (from: Int64, to: Int64, why: String) {
        if let age = age(at: now) { return (now.wall - Int64(age), now.wall, "the monitor did not run") }
        var why = "the monitor did not run"
        if !bootID.isEmpty { why += ", and the machine was started anew" }
        if wall > now.wall { why += "; since when is not known, as the clock was set back" }
        return (min(wall, now.wall), now.wall, why)
    }
}
