import Drift
import Events
import Probes
import Workloads

/// Knows with which words the processes of the node were started.
final class Processes {
    private let probe: Probe
    private var table = ProcessTable()

    init(probe: Probe) { self.probe = probe }

    /// Reads what runs already, and tells the kernel half which exec each process stands for.
    func snapshot(_ hierarchy: Hierarchy) {
        for process in ProcessSnapshot.take(hierarchy) {
            _ = table.record(process.exec, key: nil, process.words)
            try? probe.seed(SeededProcess(pid: process.pid, start: process.start, exec: process.exec, cgroup: 0))
        }
    }

    func record(_ event: Event) {
        // What the table lets go of, the kernel is to tell again when it happens again.
        for forgotten in table.record(event) {
            if let key = forgotten.key { _ = try? probe.forget(NoveltyKey(high: key.high, low: key.low)) }
        }
    }

    func ended(_ process: ProcessName) {
        try? probe.clearIncident(pid: process.pid)
    }

    func words(of exec: ExecID) -> ProcessWords? { table.words(of: exec) }

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
