import ArgumentParser
import Evidence
import Logging
import Sinks

/// How the monitor keeps what it said, so that nobody can change it unseen.
struct ProofOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("The Ed25519 key that signs the evidence; else one is made in the state.", valueName: "file")
    )
    var evidenceKey: String?
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Where signed checkpoints of the evidence are sent, out of reach of who rewrites this machine.",
            valueName: "syslog|file"))
    var checkpoints: String?
    @Option(name: .long, help: ArgumentHelp("For how long evidence is kept (default 400d).", valueName: "time"))
    var evidenceAge: Span?

    static let keys = ["checkpoints", "evidence-age", "evidence-key"]

    struct Choice {
        fileprivate var key: String?
        fileprivate var checkpoints: String?
        fileprivate var limits = Journal.Limits()

        /// Files that are written, beside the evidence itself.
        var files: [String] { checkpoints.map { $0 == "syslog" ? [] : [$0] } ?? [] }

        func open(in directory: String, log: Logger) throws(Failure) -> EvidenceLog {
            let journal: Journal
            do {
                journal = try Journal(
                    directory: directory, keyFile: key, host: Sinks.Host.current().name, limits: limits,
                    at: Clock.wall())
            } catch { throw Failure("\(error)") }
            return EvidenceLog(journal, elsewhere: checkpoints.map(CheckpointSink.init), log: log)
        }
    }

    func choice(_ settings: Settings) throws(Failure) -> Choice {
        var choice = Choice(
            key: try settings.value("evidence-key", flag: evidenceKey),
            checkpoints: try settings.value("checkpoints", flag: checkpoints))
        if let age: Span = try settings.value("evidence-age", flag: evidenceAge) {
            choice.limits.keptAge = Int64(age.seconds * 1e9)
        }
        return choice
    }
}
