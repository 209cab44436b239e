import Baselines
import Drift

/// Says which policies an alert calls for. Confined to the pipeline's thread; a policy that does not match costs a few
/// comparisons.
package struct Matcher: Sendable {
    private struct Key: Hashable {
        var policy: Int
        var workload: String
    }

    private struct Window {
        /// Of the first act that counts, nanoseconds since boot.
        var began: UInt64
        var acts: UInt64
    }

    private let policies: [Policy]
    private var windows: [Key: Window] = [:]
    /// Far more than are counted at a time; beyond that counting begins anew.
    private static let mostWindows = 4096

    package init(_ policies: [Policy]) { self.policies = policies }

    /// The indices of policies; `now` in nanoseconds since boot.
    package mutating func matches(_ alert: Anomaly, at now: UInt64) -> [Int] {
        var found: [Int] = []
        for (index, policy) in policies.enumerated() where Self.applies(policy.match, alert) {
            if policy.match.count <= 1 || counts(alert, Key(policy: index, workload: alert.workload.id), now) {
                found.append(index)
            }
        }
        return found
    }

    private static func applies(_ match: Match, _ alert: Anomaly) -> Bool {
        alert.severity >= match.severity && match.rules.contains(alert.rule)
            && match.baselines.contains(alert.baseline?.state ?? "none")
            && (match.workloads.isEmpty || match.workloads.contains { Glob.matchesPath($0, alert.workload.id) })
    }

    /// Whether with these acts there are enough within the time; then counting begins anew.
    private mutating func counts(_ alert: Anomaly, _ key: Key, _ now: UInt64) -> Bool {
        let match = policies[key.policy].match
        let length = UInt64(match.within * 1e9)
        var window = windows[key] ?? Window(began: now, acts: 0)
        if now > window.began + length { window = Window(began: now, acts: 0) }
        window.acts += max(1, alert.count)
        guard window.acts < match.count else {
            windows[key] = nil
            return true
        }
        if windows.count >= Self.mostWindows, windows[key] == nil { windows.removeAll() }
        windows[key] = window
        return false
    }
}
