import ArgumentParser
import Baselines
import Evidence
import Foundation
import Probes
import Workloads

struct RunCommand: ParsableCommand {
    static let defaultState = "/var/lib/driftwatch"

    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Watch this node: learn, then stream anomalies.",
        discussion: """
            Example:
              driftwatch run --learn 10m --baselines /etc/driftwatch/baselines
            """)

    @OptionGroup var watch: WatchOptions
    @Option(name: .long, help: ArgumentHelp("Where what was observed is kept.", valueName: "dir"))
    var state: String?
    @Option(name: .long, help: ArgumentHelp("Reviewed baselines (repeatable).", valueName: "dir"))
    var baselines: [String] = []
    @OptionGroup var identity: IdentityOptions
    @OptionGroup var scans: ScanOptions
    @OptionGroup var credentials: CredentialOptions
    @Option(
        name: .long,
        help: ArgumentHelp(
            "How long a workload is learned: auto, off, or a time from its first behaviour.", valueName: "auto|off|time"
        ))
    var learn: Learn?
    @OptionGroup var proof: ProofOptions
    @Option(
        name: .long,
        help: ArgumentHelp(
            "With --learn auto: how much of what a workload does must be known before it is judged; default 99.5%.",
            valueName: "percent"))
    var learnTarget: Percentage?
    @Option(name: .long, help: "Which behaviours are printed beside the alerts.")
    var events: Shown?

    func run() throws {
        try Wakeup.watchSignals()
        let settings = try Settings(config: watch.config)
        let log = makeLog()
        var options = Monitor.Options()
        options.tier = try settings.value("tier", flag: watch.tier, else: .auto)
        options.shown = try settings.value("events", flag: events, else: .none)
        options.firstSeen = options.shown != .all
        options.showsSnapshot = options.shown != .none
        options.filter = WorkloadFilter(settings.values("workload", flags: watch.workload))
        options.readyFile = try settings.value("ready-file", flag: watch.readyFile)
        options.showsProgress = true
        let scans = try scans.choice(settings)
        options.identity = try identity.choice(settings)
        options.register = try credentials.classes(settings)
        try failing { try Kernel.check() }
        let directory = try settings.value("state", flag: state, else: Self.defaultState)
        let output = try settings.value("output", flag: watch.output, else: "-")
        let format = try settings.value("format", flag: watch.format, else: Format.ecs)
        let learn: Learn = try settings.value("learn", flag: learn, else: .auto)
        let target = try settings.value("learn-target", flag: learnTarget)?.share ?? Learner.defaultTarget
        let reviewed = settings.values("baselines", flags: baselines)
        for path in reviewed { try requireExistence(path) }
        let proof = try proof.choice(settings)
        let policy = try ResponseOptions.policy(settings)
        let archive = try Archive(directory: directory, log: log)
        let left = ResponseOptions.leftovers(in: directory, log)
        options.acts = ResponseOptions.rights(policy, left)
        let probe = try Monitor.attach(options, files: [output] + proof.files, directories: [directory], log: log)
        let printer = try Printer(
            output: output, format: format, dossiers: Dossiers(options.identity.sources),
            evidence: proof.open(in: EvidenceCommand.directory(in: directory), log: log))
        let responder = try ResponseOptions.responder(policy, left, directory, probe, log)
        let monitor = try Monitor(options: options, probe: probe, printer: printer, log: log, responder: responder) {
            () throws(Failure) in
            try Judge(
                learn: learn, target: target, reviewed: reviewed, archive: archive, scans: scans?.open(log), log: log)
        }
        try monitor.run()
    }
}

func requireExistence(_ path: String) throws(Failure) {
    guard FileManager.default.fileExists(atPath: path) else {
        throw Failure("--baselines \(path) is not there; name a directory or file with baselines")
    }
}

func requireDirectory(_ path: String, for flag: String) throws(Failure) {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue else {
        throw Failure("\(flag) \(path) is no directory; create it or name another")
    }
}
