import Events

/// A process of somebody's family, as far as it is known.
package struct Relative: Sendable, Equatable {
    package var process: ProcessName
    /// 0: not known.
    package var cgroup: UInt64
    /// 0: not known.
    package var exec: ExecID
    /// Empty where nobody can say any more.
    package var executable: String
    package var arguments: [String]
    /// What a recording calls it; nil where it is watched.
    package var entity: String?

    package init(
        process: ProcessName, cgroup: UInt64 = 0, exec: ExecID = 0, executable: String = "", arguments: [String] = []
    ) {
        self.process = process
        self.cgroup = cgroup
        self.exec = exec
        self.executable = executable
        self.arguments = arguments
    }
}

/// Who started whom, as execs have told and as /proc showed at the start; the oldest are forgotten.
package struct ProcessTree {
    private struct Link {
        var parent: ProcessName
        var exec: ExecID
        var cgroup: UInt64
        /// Nil where only somebody's ancestor was told.
        var login: Lineage.Login?
    }

    /// A fork bomb's children tell nothing more.
    package static let depth = 17

    private var links = Recent<ProcessName, Link>()

    package init() {}

    /// Takes over what an exec tells of its family; other events tell less.
    package mutating func note(_ event: Event) {
        guard case .exec(let exec) = event.act else { return }
        let actor = event.actor
        let lineage = exec.lineage
        set(
            actor.process,
            Link(parent: actor.parent, exec: actor.exec, cgroup: actor.cgroup, login: lineage.login))
        var child = Lineage.Ancestor(process: actor.parent, exec: actor.parentExec, cgroup: actor.parentCgroup)
        for ancestor in lineage.ancestors {
            add(child, below: ancestor.process)
            child = ancestor
        }
        // The kernel tells of no more than so many: then those above are looked for where else they may be told of.
        if lineage.ancestors.count < Self.depth - 1 { add(child, below: .none) }
    }

    /// Takes over what ran before.
    package mutating func note(_ processes: [RunningProcess]) {
        let starts = Dictionary(processes.map { ($0.pid, $0.start) }) { first, _ in first }
        for process in processes {
            let parent = starts[process.parent].map { ProcessName(pid: process.parent, start: $0) } ?? .none
            set(
                ProcessName(pid: process.pid, start: process.start),
                Link(parent: parent, exec: process.exec, cgroup: 0, login: process.login))
        }
    }

    /// The parent first, then those above it; those that nothing has told of are looked up in /proc.
    package func above(_ actor: Actor) -> [Lineage.Ancestor] {
        var chain: [Lineage.Ancestor] = []
        var next = Lineage.Ancestor(process: actor.parent, exec: actor.parentExec, cgroup: actor.parentCgroup)
        while next.process.pid != 0, chain.count < Self.depth {
            chain.append(next)
            guard let parent = parent(of: next.process) else { break }
            let known = links[parent.inTicks]
            next = Lineage.Ancestor(process: parent, exec: known?.exec ?? 0, cgroup: known?.cgroup ?? 0)
        }
        return chain
    }

    /// As whom a process acts that never executed since it was forked, is told by those above it.
    package func login(_ actor: Actor, above chain: [Lineage.Ancestor]) -> Lineage.Login {
        for process in [actor.process] + chain.map(\.process) {
            if let login = links[process.inTicks]?.login { return login }
        }
        return .nobody
    }

    private func parent(of process: ProcessName) -> ProcessName? {
        if let link = links[process.inTicks] { return link.parent.pid == 0 ? nil : link.parent }
        guard let stat = ProcessSnapshot.Stat(pid: process.pid), stat.start == process.inTicks.start,
            stat.parent != 0, let above = ProcessSnapshot.Stat(pid: stat.parent)
        else { return nil }
        return ProcessName(pid: stat.parent, start: above.start)
    }

    private mutating func add(_ child: Lineage.Ancestor, below parent: ProcessName) {
        // Its own exec has told more.
        let login = links[child.process.inTicks]?.login
        set(child.process, Link(parent: parent, exec: child.exec, cgroup: child.cgroup, login: login))
    }

    private mutating func set(_ process: ProcessName, _ link: Link) {
        if process.pid != 0 { links.set(process.inTicks, link) }
    }
}
