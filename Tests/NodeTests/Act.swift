import Testing

/// One thing done by a provoker, in a directory and a cgroup named after the case: a row of docs/evasions.md, judged by
/// the lines that Tests/Fixtures/events holds for it.
struct Act: Sendable, CustomTestStringConvertible {
    let name: String
    /// What is done, in the words of the catalogue.
    let what: String
    /// Kind of the lines compared.
    let kind: String
    /// Commands run one after the other in the case's directory DIR; a provoker is found beside the others in BIN.
    let commands: [[String]]
    /// Runs outside of the cgroup until the commands have ended; a server, mostly.
    let beside: [String]?
    /// Only lines of this executable's last component are compared; nil: of any of the provokers.
    let executable: String?
    /// A tier with this gap sees nothing of it.
    let gap: String?
    /// Some kernels show it to that tier all the same.
    let isSometimesSeen: Bool

    var testDescription: String { name }

    init(
        _ kind: String, _ name: String, _ what: String, by executable: String? = nil, gap: String? = nil,
        sometimesSeen: Bool = false, beside: [String]? = nil, _ commands: [String]...
    ) {
        self.kind = kind
        self.name = "\(kind)-\(name)"
        self.what = what
        self.commands = commands
        self.beside = beside
        self.executable = executable
        self.gap = gap
        self.isSometimesSeen = sometimesSeen
    }

    static let all = opens + execs + connects + listens
}
