import Foundation
import Testing

/// What became of one case of docs/evasions.md.
enum Verdict: Sendable, Equatable {
    /// The lines that it must cause, and no others.
    case seen
    /// Not seen, as the tier says of itself.
    case gap(String)
    /// This kernel cannot do it.
    case impossible
    /// Neither, or the wrong lines.
    case missed

    var words: String {
        switch self {
        case .seen: "seen"
        case .gap(let id): "named gap (\(id))"
        case .impossible: "not possible here"
        case .missed: "missed"
        }
    }
}

/// Judges a case and notes the verdict in the file that DRIFTWATCH_VERDICTS names, one line a case: whatever is found
/// wrong meanwhile makes it `missed`, and stays an issue of the test.
func judged(_ id: String, _ body: () async throws -> Verdict) async throws {
    nonisolated(unsafe) var verdict = Verdict.missed
    nonisolated(unsafe) var wrong = false
    do {
        try await withKnownIssue(isIntermittent: true) {
            verdict = try await body()
        } matching: { _ in
            // Looked at, never excused.
            wrong = true
            return false
        }
    } catch {
        Verdict.note(id, .missed)
        throw error
    }
    Verdict.note(id, wrong ? .missed : verdict)
}

extension Verdict {
    fileprivate static func note(_ id: String, _ verdict: Verdict) {
        guard let path = ProcessInfo.processInfo.environment["DRIFTWATCH_VERDICTS"] else { return }
        let line = "\(id)\t\(verdict.words)\n"
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        _ = write(file, line, line.utf8.count)
        close(file)
    }
}
