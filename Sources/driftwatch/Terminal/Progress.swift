import Drift
import Foundation

/// A calm picture of what is being learned, on standard error, redrawn in place; nothing where that is no terminal.
final class Progress {
    struct Line: Equatable {
        var workload: String
        /// 0...1
        var completeness: Double
        var behaviours: Int
        var state: String
    }

    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let colour = ProcessInfo.processInfo.environment["NO_COLOR", default: ""].isEmpty
    private var drawn = 0
    private var last: [Line] = []

    /// At most this many workloads have a line, the least complete first; a screen is small.
    private static let most = 8

    func show(_ current: @autoclosure () -> [Line]) {
        guard isTerminal else { return }
        let lines = current()
        guard lines != last else { return }
        last = lines
        clear()
        let chosen = lines.sorted { ($0.completeness, $0.workload) < ($1.completeness, $1.workload) }.prefix(Self.most)
        var text = chosen.map(render).joined()
        if lines.count > chosen.count { text += "  and \(lines.count - chosen.count) more\n" }
        drawn = chosen.count + (lines.count > chosen.count ? 1 : 0)
        StandardFiles.writeError(text)
    }

    /// Takes the picture away, so that what is printed next stands alone.
    func clear() {
        guard isTerminal, drawn > 0 else { return }
        StandardFiles.writeError("\u{1b}[\(drawn)A\u{1b}[J")
        drawn = 0
        last = []
    }

    private func render(_ line: Line) -> String {
        let width = 20
        let full = Int((min(max(line.completeness, 0), 1) * Double(width)).rounded(.down))
        let bar = String(repeating: "#", count: full) + String(repeating: ".", count: width - full)
        let name = printable(line.workload).prefix(40).padding(toLength: 41, withPad: " ", startingAt: 0)
        let shade = colour ? ("\u{1b}[2m", "\u{1b}[0m") : ("", "")
        let percent = String(format: "%5.1f", line.completeness * 100)
        return
            "  \(name)\(shade.0)[\(bar)]\(shade.1) \(percent) %  \(line.behaviours) behaviour\(line.behaviours == 1 ? "" : "s"), \(line.state)\n"
    }
}
