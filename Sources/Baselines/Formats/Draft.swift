import Events

/// A baseline in the words of another tool, and what those words cannot say.
package struct Draft: Sendable, Equatable {
    package enum Format: String, Sendable, CaseIterable {
        /// Kubescape's one profile for a container, its older two, and what enforces instead of telling.
        case kubescape, applicationprofile, networkneighborhood, apparmor, networkpolicy
    }

    package var text: String
    /// A line each.
    package var leftOut: [String]

    package static func of(_ baselines: [Baseline], as format: Format) -> Draft {
        switch format {
        case .kubescape: KubescapeWriter.containerProfiles(baselines)
        case .applicationprofile: KubescapeWriter.applicationProfiles(baselines)
        case .networkneighborhood: KubescapeWriter.networkNeighborhoods(baselines)
        case .apparmor: AppArmor.draft(baselines)
        case .networkpolicy: NetworkPolicy.draft(baselines)
        }
    }
}

/// What cannot be said, counted so that a thousand entries of one sort are one line.
struct Omissions {
    private var counts: [String: Int] = [:]
    private var examples: [String: String] = [:]

    /// `what` reads on as "of N entries".
    mutating func add(_ what: String, _ entry: some BaselineEntry) {
        counts[what, default: 0] += 1
        if examples[what] == nil { examples[what] = entry.text }
    }

    var isEmpty: Bool { counts.isEmpty }

    func lines(of subject: String) -> [String] {
        counts.keys.sorted().map { what in
            let count = counts[what]!
            return
                "\(subject): \(what) (\(count == 1 ? "1 entry" : "\(count) entries, as")\(count == 1 ? ":" : "") \(examples[what]!))"
        }
    }
}

/// Names as Kubernetes takes them, and file names: lower case letters, digits and dashes.
func plainName(_ text: some StringProtocol) -> String {
    let words = text.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    return String(words.joined(separator: "-").prefix(63))
}
