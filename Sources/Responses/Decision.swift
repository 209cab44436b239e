import Drift
import Events
import Workloads

/// What was decided about an alert, done, or ended: one line.
package struct Decision: Sendable, Equatable {
    package enum Act: String, Sendable, CaseIterable, Codable {
        case notified, revoked, restricted, frozen, killed
        /// The ends of a restriction and of a freeze.
        case lifted, thawed
        /// Waits for somebody; was approved; nobody did in time.
        case queued, approved, expired
        /// A guard spoke against it.
        case refused
    }

    package enum Outcome: String, Sendable, Codable { case success, failure, unknown }

    package var act: Act
    package var outcome: Outcome
    package var ticket: Ticket
    /// Nil where the whole response is meant.
    package var step: StepKind?
    /// Nanoseconds since the epoch.
    package var time: Int64
    /// Until when it is so.
    package var until: Int64?
    /// Who asked for it, and why, or why it is so.
    package var who: String?
    package var why: String?
    /// Whom was sent to, and what came back.
    package var outlet: String?
    package var answer: String?
    /// Of a restriction: what of the baseline could not be let through.
    package var notes: [String] = []
    /// Of the end of a restriction: connects that it refused.
    package var turnedAway: UInt64?

    /// `outcome`: where it is not that of the act, or of a dry run.
    init(_ act: Act, _ ticket: Ticket, _ step: StepKind? = nil, at time: Int64, outcome: Outcome? = nil) {
        self.act = act
        self.outcome = outcome ?? (ticket.mode == .dryRun ? .unknown : act == .refused ? .failure : .success)
        self.ticket = ticket
        self.step = step
        self.time = time
    }

    package var isDryRun: Bool { ticket.mode == .dryRun }

    /// One sentence that a tired person understands.
    package var reason: String {
        let subject = ticket.target.workload.id
        var text: String
        if outcome == .failure, act != .refused {
            text = "\(subject) could not be \(act.rawValue)"
            if act == .notified { text = "\(outlet ?? "nobody") could not be told of \(subject)" }
            if act == .revoked { text = "what \(subject) used could not be revoked by \(outlet ?? "nobody")" }
        } else {
            text = isDryRun ? "dry run: \(conditional(subject))" : deed(subject)
        }
        if let until { text += " until \(Timestamp.text(until).prefix(19))Z" }
        if let turnedAway { text += "; \(turnedAway) \(turnedAway == 1 ? "connect was" : "connects were") refused" }
        if let who { text += ", by \(who)" }
        if let why, !why.isEmpty { text += ": \(why)" }
        if let answer, !answer.isEmpty { text += ": \(answer)" }
        return text + " (policy \(ticket.policy))"
    }

    private func deed(_ subject: String) -> String {
        switch act {
        case .notified: "\(outlet ?? "somebody") was told of \(subject)"
        case .revoked: "\(outlet ?? "somebody") was asked to revoke what \(subject) used"
        case .restricted: "\(subject) may reach only what its baseline knows"
        case .frozen: "\(subject) is frozen"
        case .killed: "\(subject) was killed"
        case .lifted: "the restriction of \(subject) is lifted"
        case .thawed: "\(subject) is thawed"
        case .queued: "what is to be done about \(subject) waits for approval"
        case .approved: "what is to be done about \(subject) was approved"
        case .expired: "what waited for approval about \(subject) is not done any more"
        case .refused: "the step \(step?.rawValue ?? "asked for") was not done to \(subject)"
        }
    }

    private func conditional(_ subject: String) -> String {
        switch act {
        case .notified: "\(outlet ?? "somebody") would be told of \(subject)"
        case .revoked: "\(outlet ?? "somebody") would be asked to revoke what \(subject) used"
        case .restricted: "\(subject) would be kept to what its baseline knows"
        case .frozen: "\(subject) would be frozen"
        case .killed: "\(subject) would be killed"
        case .queued: "what is to be done about \(subject) would wait for approval"
        case .refused: "the step \(step?.rawValue ?? "asked for") would not be done to \(subject)"
        case .lifted, .thawed, .approved, .expired: deed(subject)
        }
    }
}
