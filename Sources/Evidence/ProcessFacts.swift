import Events
import Workloads

/// The process that would ask for an identity.
package struct ProcessFacts: Sendable, Hashable {
    package var uid: UInt32
    package var gid: UInt32
    package var user: String?
    package var group: String?
    package var supplementaryGroups: [UInt32] = []
    package var supplementaryNames: [String] = []
    package var executable: String?
    /// Hex, of the executable's content.
    package var sha256: String?

    package init(
        uid: UInt32, gid: UInt32, user: String? = nil, group: String? = nil, executable: String? = nil,
        sha256: String? = nil
    ) {
        self.uid = uid
        self.gid = gid
        self.user = user
        self.group = group
        self.executable = executable
        self.sha256 = sha256
    }
}

/// Finds out of processes what registration entries ask of them, and nothing else. Confined to one thread.
final class ProcessReader {
    private struct Key: Hashable {
        var process: ProcessName
        var exec: ExecID
        var uid: UInt32
        var gid: UInt32
    }
    private let asked: Set<String>
    private let names = UserNames()
    private let digester = Digester()
    private var known: [Key: ProcessFacts] = [:]
    /// Processes of a busy node that act.
    private static let capacity = 4096

    /// `asked`: the selectors that entries name: `unix:uid`, `unix:sha256`.
    init(asked: Set<String>) { self.asked = asked }

    /// What takes long, the digest of a program, is known at a later act only.
    func facts(of actor: Actor) -> ProcessFacts {
        let key = Key(process: actor.process, exec: actor.exec, uid: actor.uid, gid: actor.gid)
        if let facts = known[key] { return facts }
        var facts = ProcessFacts(uid: actor.uid, gid: actor.gid, executable: actor.executable.text)
        if asked.contains("unix:user") { facts.user = names.name(actor.uid) }
        if asked.contains("unix:group") { facts.group = names.group(actor.gid) }
        if asked.contains("unix:supplementary_gid") || asked.contains("unix:supplementary_group") {
            facts.supplementaryGroups = ProcessSnapshot.groups(of: actor.process)
            if asked.contains("unix:supplementary_group") {
                facts.supplementaryNames = facts.supplementaryGroups.compactMap { names.group($0) }
            }
        }
        if asked.contains("unix:sha256"), ProcessSnapshot.isRunning(actor.process) {
            switch digester.digest(of: "/proc/\(actor.process.pid)/exe") {
            case .known(let digest): facts.sha256 = String(digest.dropFirst("sha256:".utf8.count))
            case .pending: return facts
            case .none: break
            }
        }
        if known.count >= Self.capacity { known.removeAll(keepingCapacity: true) }
        known[key] = facts
        return facts
    }
}
