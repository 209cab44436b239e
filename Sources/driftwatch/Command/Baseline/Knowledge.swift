import Baselines
import Drift
import Events
import Foundation

extension Completion {
    /// How much of what a workload does is known, and what is missing, as lines of comment below a baseline's file.
    var lines: [String] {
        var lines = [
            "# Known of what it does, by \(amount(starts, "start")) and \(amount(units, "minute")) after them:",
            "#   all \(text(all))",
        ]
        for kind in Kind.allCases {
            if let estimate = kinds[kind] { lines.append("#   \(kind.rawValue) \(text(estimate))") }
        }
        if !missing.isEmpty { lines.append("# It is not armed by itself: \(missing.joined(separator: ", ")).") }
        if let forecast, forecast > 0 {
            lines.append("# At the pace so far it is armed in about \(Explanation.duration(seconds: forecast)).")
        }
        return lines
    }

    private func amount(_ number: Int, _ unit: String) -> String { "\(number) \(unit)\(number == 1 ? "" : "s")" }

    /// Rounded down, so that nothing looks complete that is not.
    private func text(_ estimate: Estimate) -> String {
        let parts = [estimate.share, estimate.atLeast, estimate.atMost].map {
            String(format: "%.1f", ($0 * 1000).rounded(.down) / 10)
        }
        return "\(parts[0]) % (\(parts[1]) to \(parts[2]) %)"
    }
}
