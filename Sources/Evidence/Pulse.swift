/// Notices when the monitor did not run: stopped, starved of processor time, busy with one thing, or asleep with the
/// machine. A state machine; it reads no clock itself.
package struct Pulse: Sendable {
    /// The clocks at one moment, in nanoseconds.
    package struct Reading: Sendable, Equatable {
        /// Since the epoch.
        package var wall: Int64
        /// Since boot, with the time that the machine slept.
        package var boot: UInt64
        /// The same without.
        package var awake: UInt64
        /// Processor time of this process.
        package var processor: UInt64

        package init(wall: Int64, boot: UInt64, awake: UInt64, processor: UInt64) {
            self.wall = wall
            self.boot = boot
            self.awake = awake
            self.processor = processor
        }
    }

    /// A stretch of time without the monitor, in the time of day as it is now.
    package struct Pause: Sendable, Equatable {
        package var from: Int64
        package var to: Int64
        package var why: String
    }

    /// Twice the beat of the sweep: less is the ordinary roughness of a busy machine.
    package static let limit: UInt64 = 2_000_000_000
    /// Clocks are not read at the same moment.
    private static let noise: Int64 = 100_000_000

    private var last: Reading
    /// How far the time of day went without the monitor watching and judging; less than 0 where it was set back.
    private var unlearned: Int64 = 0

    package init(_ reading: Reading) { last = reading }

    /// To be called at each turn of the main loop.
    package mutating func beat(_ now: Reading) -> Pause? {
        defer { last = now }
        let awake = now.awake &- last.awake
        let whole = now.boot &- last.boot
        let asleep = whole > awake ? whole - awake : 0
        let isPause = awake > Self.limit
        let isSleep = asleep > Self.limit
        // Time that went by unwatched, and steps of the clock, are no time of learning.
        let skipped = now.wall &- last.wall &- (isPause ? 0 : Int64(awake))
        if abs(skipped) > Self.noise { unlearned += skipped }
        guard isPause || isSleep else { return nil }
        let why: String
        if !isPause {
            why = "the machine slept for \(Self.seconds(asleep)) s"
        } else {
            let busy = now.processor &- last.processor > awake / 2
            let slept = isSleep ? ", and the machine slept for \(Self.seconds(asleep)) s" : ""
            why =
                busy
                ? "the monitor was busy for \(Self.seconds(awake)) s\(slept)"
                : "the monitor did not run for \(Self.seconds(awake)) s: it was stopped, or starved of processor time\(slept)"
        }
        // By the clock that nobody sets, so that the length is true whatever became of the time of day.
        return Pause(from: now.wall - Int64(whole), to: now.wall, why: why)
    }

    /// Nanoseconds of the time of day, since the last call, that no learning may count.
    package mutating func takeUnlearned() -> Int64 {
        defer { unlearned = 0 }
        return unlearned
    }

    private static func seconds(_ nanoseconds: UInt64) -> String {
        let tenths = (nanoseconds + 50_000_000) / 100_000_000
        return "\(tenths / 10).\(tenths % 10)"
    }
}
