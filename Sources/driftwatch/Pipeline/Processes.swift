import Drift
import Events
import Probes
import Workloads

/// Knows with which words the processes of the node were started.
final class Processes {
    private let probe: Probe
    private var table = ProcessTable()
    private var tree = ProcessTree()
    /// What ran already at the start.
    private(set) var running: [RunningProcess] = []

    init(probe: Probe) { self.probe = probe }

    /// Reads what runs already, and tells the kernel half which exec each process stands for.
    func snapshot(_ hierarchy: Hierarchy) {
        running = ProcessSnapshot.take(hierarchy)
        tree.note(running)
        for process in running {
            _ = table.record(process.exec, key: nil, process.words)
            try? probe.seed(SeededProcess(pid: process.pid, start: process.start, exec: process.exec, cgroup: 0))
        }
    }

    func record(_ event: Event) {
        tree.note(event)
        // What the table lets go of, the kernel is to tell again when it happens again.
        for forgotten in table.record(event) {
            if let key = forgotten.key { _ = try? probe.forget(NoveltyKey(high: key.high, low: key.low)) }
        }
    }

    func ended(_ process: ProcessName) {
        try? probe.clearIncident(pid: process.pid)
    }

    func words(of exec: ExecID) -> ProcessWords? { table.words(of: exec) }

    /// The parent first, then those above it; and the person at the start.
    func above(_ event: Event) -> (relatives: [Relative], login: Lineage.Login) {
        let actor = event.actor
        var chain: [Lineage.Ancestor]
        let login: Lineage.Login
        if case .exec(let exec) = event.act, !exec.lineage.ancestors.isEmpty {
            chain = [Lineage.Ancestor(process: actor.parent, exec: actor.parentExec, cgroup: actor.parentCgroup)]
            chain = actor.parent.pid == 0 ? [] : chain + exec.lineage.ancestors
            login = exec.lineage.login
        } else {
            chain = tree.above(actor)
            login = tree.login(actor, above: chain)
        }
        let relatives = chain.map { ancestor in
            let words = table.words(of: ancestor.exec) ?? ProcessSnapshot.words(of: ancestor.process)
            return Relative(
                process: ancestor.process, cgroup: ancestor.cgroup, exec: ancestor.exec,
                executable: words?.executable ?? "", arguments: words?.arguments ?? [])
        }
        return (relatives, login)
    }

    /// Whether the words of the process and its parent are known, or cannot be.
    func knows(_ actor: Actor) -> Bool {
        (actor.exec == 0 || table.words(of: actor.exec) != nil)
            && (actor.parentExec == 0 || table.words(of: actor.parentExec) != nil)
    }

    /// The words around an act; says in the event which of them are not whole or not UTF-8.
    func words(around event: inout Event) -> CommandLines {
        let own = event.kind == .exec ? nil : table.words(of: event.actor.exec)
        let parent = table.words(of: event.actor.parentExec)
        event.note(own, as: "process.args")
        event.note(parent, as: "process.parent.args")
        return CommandLines(
            arguments: own?.arguments ?? [], argumentCount: own?.argumentCount, parentArguments: parent?.arguments ?? []
        )
    }
}

extension Event {
    fileprivate mutating func note(_ words: ProcessWords?, as field: String) {
        guard let words else { return }
        if words.isTruncated { truncated.append(field) }
        if words.isLossy { lossyFields.append(field) }
    }
}
