import ArgumentParser
import Events
import Foundation
import Logging
import Probes

extension TierChoice: ExpressibleByArgument {}

/// What every command that watches the node takes.
struct WatchOptions: ParsableArguments {
    @Option(name: .long, help: "Settings file in YAML; default /etc/driftwatch/config.yaml if there.")
    var config: String?
    @Option(name: .long, help: ArgumentHelp("Only workloads that match (repeatable).", valueName: "glob"))
    var workload: [String] = []
    @Option(name: .long, help: "How opens are seen: auto takes the best that the kernel takes.")
    var tier: TierChoice?
    @Option(name: .long, help: ArgumentHelp("Where lines go; - is standard output.", valueName: "file"))
    var output: String?
    @Option(name: .long, help: "Lines for programs (ecs) or for people (text).")
    var format: Format?
    @Option(name: .long, help: ArgumentHelp("Created once every hook is attached.", valueName: "file"))
    var readyFile: String?
}

/// Logs to standard error, one line each.
func makeLog() -> Logger {
    var log = Logger(label: "driftwatch") { _ in PlainLog() }
    log.logLevel = .notice
    return log
}

private struct PlainLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.notice
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }
    func log(event: LogEvent) {
        Main.report("\(event.level == .notice ? "" : "\(event.level): ")\(event.message)")
    }
}
