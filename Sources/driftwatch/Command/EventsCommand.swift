import ArgumentParser
import Events
import Evidence

struct EventsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Stream raw behaviours; nothing is learned.",
        discussion: """
            Example:
              driftwatch events --kind exec --format text
            """)

    @OptionGroup var watch: WatchOptions
    @Option(name: .long, help: "Only these kinds (repeatable).")
    var kind: [Kind] = []
    @Option(name: .customLong("for"), help: ArgumentHelp("How long, as 5s, 10m, 24h.", valueName: "duration"))
    var duration: Span?
    @Flag(name: .long, help: "Each behaviour once, and not its repeats.")
    var firstSeen = false
    @Flag(name: .long, help: "First what runs, listens and is open already, marked as such.")
    var snapshot = false
    @OptionGroup var identity: IdentityOptions

    func run() throws {
        try Wakeup.watchSignals()
        let settings = try Settings(config: watch.config)
        var options = Monitor.Options()
        options.tier = try settings.value("tier", flag: watch.tier, else: .auto)
        options.firstSeen = firstSeen
        options.filter = WorkloadFilter(settings.values("workload", flags: watch.workload))
        if !kind.isEmpty { options.kinds = Set(kind) }
        options.shown = .all
        options.showsSnapshot = snapshot
        options.duration = duration?.seconds
        options.identity = try identity.choice(settings)
        options.readyFile = try settings.value("ready-file", flag: watch.readyFile)
        let output = try settings.value("output", flag: watch.output, else: "-")
        let format = try settings.value("format", flag: watch.format, else: Format.ecs)
        let log = makeLog()
        let probe = try Monitor.attach(options, files: [output], log: log)
        let printer = try Printer(
            output: output, format: format, dossiers: Dossiers(options.identity.sources))
        try Monitor(options: options, probe: probe, printer: printer, log: log).run()
    }
}
