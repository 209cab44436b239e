import Baselines
import Evidence

/// What is known of a node in a time: one model, which is written as a page, as text, or as JSON.
package struct Report: Encodable, Sendable {
    /// Raised when fields change their meaning.
    let format = 1
    var host: String
    var version: String
    var made: Moment
    var from: Moment
    var to: Moment
    /// In plain words.
    var summary: [String] = []
    /// What somebody has to see to.
    var waiting: [Waiting] = []
    var proof: ProofChapter
    var coverage: CoverageChapter
    var alerts: AlertChapter
    var responses: ResponseChapter
    var baselines: BaselineChapter
    var register: RegisterChapter
    var instances: InstanceChapter
    var controls: [ControlResult] = []

    /// What is read beside the evidence.
    package struct Sources {
        package var store: Store
        package var inventory: Inventory
        /// The last sign of life of a monitor, nanoseconds since the epoch.
        package var alive: Int64?
        /// The account of the one that runs.
        package var account: [String: [String: UInt64]]?

        package init(
            store: Store, inventory: Inventory, alive: Int64? = nil, account: [String: [String: UInt64]]? = nil
        ) {
            (self.store, self.inventory, self.alive, self.account) = (store, inventory, alive, account)
        }
    }

    /// The evidence, and what it is held against.
    package struct Proof {
        package var directory: String
        package var key: VerifyingKey
        /// Whether the key was kept elsewhere.
        package var keyGiven: Bool
        /// What was sent elsewhere, a line each; nil: none was given.
        package var checkpoints: [UInt8]?

        package init(directory: String, key: VerifyingKey, keyGiven: Bool = false, checkpoints: [UInt8]? = nil) {
            (self.directory, self.key, self.keyGiven) = (directory, key, keyGiven)
            self.checkpoints = checkpoints
        }
    }

    /// Reads the evidence once, verifying it on the way. `now`: when it is made; nothing is told of what is later.
    package init(
        of period: Period, from proof: Proof, _ sources: Sources, host: String, version: String, now: Int64
    ) throws {
        var gathering = Gathering(period, key: proof.key)
        let verification = try Verification(
            directory: proof.directory, key: proof.key, checkpoints: proof.checkpoints ?? []
        ) { gathering.take($0, $1) }
        self.host = gathering.host ?? host
        self.version = version
        made = Moment(now)
        (from, to) = (Moment(period.from), Moment(period.to))
        self.proof = ProofChapter(
            verification, gathering, keyGiven: proof.keyGiven, checkpointsGiven: proof.checkpoints != nil)
        coverage = gathering.coverage.chapter(
            alive: sources.alive, account: sources.account, first: gathering.first?.time, now: now)
        alerts = gathering.alerts
        responses = gathering.responses
        instances = gathering.instances
        baselines = try BaselineChapter(sources.store, period)
        register = RegisterChapter(sources.inventory, period, changes: gathering.changes)
        let grounds = Grounds(report: self)
        controls = Controls.all.map { $0.result(grounds) }
        summary = Summary.sentences(of: self)
        waiting = Waiting.all(of: self)
    }

    /// Nothing of the evidence was changed.
    package var isWhole: Bool { proof.whole }
    /// Whether there is any.
    package var hasEvidence: Bool { proof.segments > 0 || !proof.whole }
}
