import Baselines
import Foundation
import Logging
import Probes
import Responses

/// What is to be done about alerts; of the settings' file alone, since it is much, and nothing for a command line.
enum ResponseOptions {
    static let key = "response"

    /// Nil where nothing is asked for.
    static func policy(_ settings: Settings) throws(Failure) -> ResponsePolicy? {
        guard let section = settings.sections[key] else { return nil }
        try requireOwn(settings.path)
        do { return try PolicyReader.policy(section) } catch { throw Failure("\(error)") }
    }

    /// Whoever can change the file says what is run as root.
    private static func requireOwn(_ path: String) throws(Failure) {
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        let byGroup = status.st_mode & 0o020 != 0 && status.st_gid != 0
        guard status.st_uid == 0 || status.st_uid == geteuid(), status.st_mode & 0o002 == 0, !byGroup else {
            throw Failure("others may change \(path), which says what root does: chown it to root, chmod go-w it")
        }
    }

    /// What an earlier monitor, that died, left in force.
    static func leftovers(in directory: String, _ log: Logger) -> Book? {
        do { return try Book.read(in: directory) } catch {
            log.error("\(error)")
            return nil
        }
    }

    /// Also to thaw what was frozen by a policy that is gone.
    static func rights(_ policy: ResponsePolicy?, _ left: Book?) -> [SelfProtection.Capability] {
        var rights: [SelfProtection.Capability] = []
        if policy?.enforces(.freeze) == true || policy?.enforces(.kill) == true || left?.hasFrozen == true {
            rights.append(SelfProtection.forFreezing)
        }
        if policy?.enforces(.kill) == true { rights.append(SelfProtection.forKilling) }
        return rights
    }

    /// Nil where there is nothing to be done, and nothing to be undone.
    static func responder(
        _ policy: ResponsePolicy?, _ left: Book?, _ directory: String, _ probe: Probe, _ log: Logger
    ) throws(Failure) -> Responder? {
        guard policy != nil || left?.hasLeftovers == true else { return nil }
        if let policy, policy.mode == .dryRun {
            log.notice(
                "responses are a dry run: what would be done is said, and nothing is done (response: mode: enforce)")
        }
        return try Responder(
            policy ?? ResponsePolicy(), left: left, directory: directory, restricting: KernelRestricting(probe: probe),
            log: log)
    }
}
