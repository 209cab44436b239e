import Events
import Foundation

/// One run of a workload: everything below one cgroup.
final class Instance {
    /// The topmost cgroup that is its own.
    let cgroup: UInt64
    let path: String
    var workload: Workload
    var isContainer: Bool { workload.isContainer }
    /// It ran before the monitor did.
    var hasRun = false
    /// Its processes that the monitor found running, with their start in clock ticks.
    var oldProcesses: [UInt32: UInt64] = [:]
    /// Of a container: what is known of it so far.
    var facts: ContainerFacts?
    var mountNamespace: UInt32 = 0
    var pidNamespace: UInt32 = 0

    private enum Digest {
        case unasked
        case pending(String)
        case done
    }
    private var digest: Digest = .unasked

    init(cgroup: UInt64, path: String, workload: Workload) {
        self.cgroup = cgroup
        self.path = path
        self.workload = workload
        if workload.kind != .unit { digest = .done }
    }

    /// False while the digest of a unit's executable is being computed.
    func isSettled(_ resolver: Resolver) -> Bool {
        switch digest {
        case .done: return true
        case .unasked:
            guard let executable = mainExecutable(resolver) else {
                digest = .done
                return true
            }
            return look(executable, resolver)
        case .pending(let executable): return look(executable, resolver)
        }
    }

    private func look(_ executable: String, _ resolver: Resolver) -> Bool {
        switch resolver.digester.digest(of: executable) {
        case .known(let found):
            if !found.isEmpty { workload.digest = found }
            digest = .done
        case .none: digest = .done
        case .pending:
            digest = .pending(executable)
            return false
        }
        return true
    }

    func giveUpDigest() { digest = .done }

    /// For a command that prints once and has nothing else to do meanwhile.
    func waitForDigest(_ resolver: Resolver) {
        guard !isSettled(resolver), case .pending(let executable) = digest else { return }
        if case .known(let found) = resolver.digester.digest(of: executable, wait: true), !found.isEmpty {
            workload.digest = found
        }
        digest = .done
    }

    /// What the unit's file says runs; else its first program, else what its first process runs now.
    private func mainExecutable(_ resolver: Resolver) -> String? {
        if let name = path.split(separator: "/").last.map(String.init), let command = SystemdUnit.command(of: name) {
            return command
        }
        if let first = resolver.firstPrograms[cgroup] { return first }
        for id in resolver.tree.subtree(of: cgroup) {
            if let pid = resolver.tree.processes(in: id).first { return "/proc/\(pid)/exe" }
        }
        return nil
    }
}

/// Who made a cgroup.
struct Maker {
    var process: ProcessName
    var uid: UInt32
    var cgroup: UInt64
    var mountNamespace: UInt32
    var time: UInt64
    var path: String
    var exec: ExecID
    var executable: String
    var workingDirectory: String
    /// How a runtime was called, once that is known.
    var call: RuntimeCall?
    /// A runtime by its name, of whose words nothing is known yet.
    var isUndecided: Bool

    init(_ change: CgroupChange) {
        process = change.actor.process
        uid = change.actor.uid
        cgroup = change.actor.cgroup
        mountNamespace = change.actor.mountNamespace
        time = change.time
        path = change.path
        exec = change.actor.exec
        executable = change.actor.executable.text
        workingDirectory = change.actor.workingDirectory.text
        isUndecided = false
    }
}

/// What was last said of each key; the oldest keys are forgotten.
struct Recent<Key: Hashable, Value> {
    private var values: [Key: Value] = [:]
    private var order: [Key] = []
    private var next = 0
    /// Processes and programs of a busy node that still act: as many as there are words known of.
    private let capacity = ProcessTable.capacity

    subscript(key: Key) -> Value? { values[key] }

    /// Its place among the oldest stays taken until its turn comes.
    mutating func remove(_ key: Key) { values[key] = nil }

    mutating func set(_ key: Key, _ value: Value) {
        if values.updateValue(value, forKey: key) != nil { return }
        if order.count < capacity {
            order.append(key)
        } else {
            values[order[next]] = nil
            order[next] = key
            next = (next + 1) % capacity
        }
    }
}
