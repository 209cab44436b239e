import ArgumentParser
import Foundation
import Probes

/// What went wrong, in one line: what failed, why, what to do.
struct Failure: Error, CustomStringConvertible {
    /// Exit codes that scripts rely on.
    enum Code: Int32 {
        case failed = 1
        case usage = 2
        case found = 3
    }
    var description: String
    var code: Code

    init(_ description: String, code: Code = .failed) {
        self.description = description
        self.code = code
    }
}

struct Driftwatch: ParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "driftwatch",
        abstract: "Learns what each workload of this node normally does, and says when one drifts.",
        discussion: """
            Example:
              driftwatch run --learn 10m
            """,
        version: version,
        subcommands: [
            RunCommand.self, RecordCommand.self, CheckCommand.self, EventsCommand.self, WorkloadsCommand.self,
            BaselineCommand.self, DoctorCommand.self, RegisterCommand.self, EvidenceCommand.self,
            ResponseCommand.self, ReportCommand.self,
        ])
}

@main
enum Main {
    static func main() {
        // A reader that goes away is an error to report, not a reason to die.
        signal(SIGPIPE, SIG_IGN)
        Heap.settle()
        StandardFiles.fill()
        do {
            var command = try Driftwatch.parseAsRoot()
            try command.run()
            try StandardFiles.flushOutput()
        } catch let failure as Failure {
            report(failure.description)
            exit(failure.code.rawValue)
        } catch let code as ExitCode {
            exit(code.rawValue)
        } catch {
            switch Driftwatch.exitCode(for: error) {
            case .success:
                print(Driftwatch.fullMessage(for: error))
                exit(0)
            case .validationFailure:
                report("\(Driftwatch.message(for: error)) (see driftwatch --help)")
                exit(Failure.Code.usage.rawValue)
            default:
                report("\(error)")
                exit(Failure.Code.failed.rawValue)
            }
        }
    }

    /// One line on standard error, whatever the text holds.
    static func report(_ text: String) { StandardFiles.report(text) }
}
