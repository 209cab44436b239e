import Baselines
import Events
import Evidence
import Foundation

/// The monitor of a state directory, as it is known from outside.
struct RunningMonitor: Encodable {
    /// Its last sign of life is of just now.
    var running: Bool
    var pid: Int32?
    var version: String?
    var tier: String?
    var started: String?
    /// The last sign of life, and how many seconds ago that was; not known of another start of the machine.
    var heartbeat: String
    var age: Double?

    /// It says each second that it lives; on a slow disk less often.
    private static let mostAge = 10.0

    /// Nil where none ever ran.
    static func find(in directory: String) throws -> (monitor: RunningMonitor, vitals: Vitals?)? {
        let left = try Store.peek([StoreWrite.heartbeatName, Vitals.name], directory: directory)
        guard let heartbeat = left?[StoreWrite.heartbeatName].flatMap(Heartbeat.init) else { return nil }
        let vitals = left?[Vitals.name].flatMap { try? JSONDecoder().decode(Vitals.self, from: Data($0.utf8)) }
        let age = heartbeat.age(at: Clock.heartbeat()).map { Double($0 / 1_000_000) / 1000 }
        let monitor = RunningMonitor(
            running: age.map { $0 < mostAge } == true && vitals?.ended != true, pid: vitals?.pid,
            version: vitals?.version, tier: vitals?.tier, started: vitals?.started,
            heartbeat: Timestamp.text(heartbeat.wall), age: age)
        return (monitor, vitals)
    }

    var words: String {
        guard running, let age else { return "none runs; the last one was there until \(heartbeat)" }
        let who = pid.map { "pid \($0)" } ?? "one that is just starting"
        let since = started.map { " since \($0)" } ?? ""
        return "\(who)\(since), tier \(tier ?? "unknown"), last heard of \(Int(age.rounded())) s ago"
    }
}

extension Vitals.Workload {
    var unseen: UInt64 {
        ledger.values.reduce(0) { sum, counts in
            ["lost", "over_quota", "undecodable"].reduce(sum) { $0 + (counts[$1] ?? 0) }
        }
    }
}
