import ArgumentParser
import Baselines
import Evidence
import Foundation
import Probes

struct RecordCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Learn for a bounded time, write baselines, exit.",
        discussion: """
            Example:
              driftwatch record --for 5m --workload 'container/*' --out baselines/
            """)

    @OptionGroup var watch: WatchOptions
    @Option(name: .customLong("for"), help: ArgumentHelp("How long, as 5s, 10m, 24h.", valueName: "duration"))
    var duration: Span
    @Option(name: .long, help: ArgumentHelp("Where the files go; default ./baselines.", valueName: "dir"))
    var out = "baselines"
    @Option(
        name: .long, help: ArgumentHelp("Keep what was observed here too; by default it is not kept.", valueName: "dir")
    )
    var state: String?
    @OptionGroup var identity: IdentityOptions
    @OptionGroup var scans: ScanOptions

    func run() throws {
        try Wakeup.watchSignals()
        let settings = try Settings(config: watch.config)
        let log = makeLog()
        var options = Monitor.Options()
        options.tier = try settings.value("tier", flag: watch.tier, else: .auto)
        options.filter = WorkloadFilter(settings.values("workload", flags: watch.workload))
        options.duration = duration.seconds
        options.readyFile = try settings.value("ready-file", flag: watch.readyFile)
        options.showsProgress = true
        options.identity = try identity.choice(settings)
        let scans = try scans.choice(settings)
        try failing { try Kernel.check() }
        // Found out before the time is spent, not after.
        do { try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true) } catch {
            throw Failure("cannot create \(out): \(reason(errno)); choose a directory that can be written with --out")
        }
        guard access(out, W_OK) == 0 else {
            throw Failure("cannot write to \(out): \(reason(errno)); choose another directory with --out")
        }
        let archive: Archive? =
            if let state { try Archive(directory: state, log: log) } else { nil }
        // Longer than the recording, so that nothing is armed while it goes on.
        let learn = Learn.seconds(duration.seconds + 3600)
        let output = try settings.value("output", flag: watch.output, else: "-")
        let format = try settings.value("format", flag: watch.format, else: Format.ecs)
        let probe = try Monitor.attach(
            options, files: [output], directories: [out] + [state].compactMap(\.self), log: log)
        let printer = try Printer(
            output: output, format: format, dossiers: Dossiers(options.identity.sources))
        let monitor = try Monitor(options: options, probe: probe, printer: printer, log: log) {
            () throws(Failure) in
            try Judge(learn: learn, reviewed: [], archive: archive, scans: scans?.open(log), log: log)
        }
        try monitor.run()
        for baseline in monitor.judge?.recorded() ?? [] {
            try writeWhole(BaselineWriter.file(baseline), to: "\(out)/\(baseline.fileName).yaml")
        }
    }
}
