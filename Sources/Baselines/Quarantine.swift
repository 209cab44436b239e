import Crypto

/// Why a behaviour that was seen while its workload was learned is not learned.
package enum Quarantine: Hashable, Sendable {
    /// A process that came in from outside did it, or one below it.
    case session
    /// It reached a file outside its container.
    case outside
    /// It followed an act that the rule of this name speaks against.
    case follows(String)
    /// The rule of this name speaks against it, whatever is learned.
    case neverNormal(String)
    /// Acts of the workload were lost just then: what led to it may be among them.
    case loss
    /// One replica of several did it, and no other.
    case oneReplica

    /// As the store has it.
    package init(_ text: String) {
        let words = text.split(separator: " ", maxSplits: 1).map(String.init)
        self =
            switch (words.first, words.count) {
            case ("session", 1): .session
            case ("outside", 1): .outside
            case ("loss", 1): .loss
            case ("one-replica", 1): .oneReplica
            case ("follows", 2): .follows(words[1])
            case ("never-normal", 2): .neverNormal(words[1])
            // Of a newer version: nothing but a person lets it in.
            default: .neverNormal(text)
            }
    }

    package var text: String {
        switch self {
        case .session: "session"
        case .outside: "outside"
        case .follows(let rule): "follows \(rule)"
        case .neverNormal(let rule): "never-normal \(rule)"
        case .loss: "loss"
        case .oneReplica: "one-replica"
        }
    }

    /// For a person.
    package var reason: String {
        switch self {
        case .session: "done by someone who came in from outside"
        case .outside: "reached outside its container"
        case .follows(let rule): "followed an alert of \(rule)"
        case .neverNormal(let rule): "never normal: \(rule)"
        case .loss: "seen while acts of the workload were lost"
        case .oneReplica: "done by one replica only"
        }
    }

    package var isNeverNormal: Bool { if case .neverNormal = self { true } else { false } }

    /// Whether so much was seen of it without the reason that it may be learned: units of observation, and instances.
    func isOvercome(units: Int, instances: Int) -> Bool {
        switch self {
        case .neverNormal: false
        case .loss: units > 0
        case .oneReplica: instances > 1
        // What a stranger planted may run once or twice by itself.
        case .session, .outside, .follows: instances > 1 || units > 2
        }
    }
}

extension StoredBehaviour {
    /// By which a person names it among those of its baseline.
    package var id: String {
        let text = [shape.kind.rawValue, shape.executable, shape.storedObject].joined(separator: "\0")
        return SHA256.hash(data: Array(text.utf8)).prefix(4).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    /// The entry of a baseline that would know it, with its kind.
    package var entry: String { Generaliser.spec(of: [shape]).entryTexts.first ?? "" }
}

extension BaselineWriter {
    /// What is in quarantine, as lines of comment below a baseline's file.
    package static func quarantine(_ held: [StoredBehaviour], of workload: String) -> [String] {
        guard !held.isEmpty else { return [] }
        let lines = held.map { row in
            "#   \(row.id)  \(row.entry)  # \(row.quarantine?.reason ?? ""), \(row.count == 1 ? "once" : "\(row.count) times")"
        }
        return ["# In quarantine, so no part of it; driftwatch baseline approve \(workload) --quarantined lets it in:"]
            + lines
    }
}
