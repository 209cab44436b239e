import Events

/// Where a program was executed, for as long as that instance is known: what is remembered of a thousand execs must not
/// keep a thousand containers that are gone.
struct Homes {
    private struct Entry {
        weak var home: Instance?
    }
    private var entries = Recent<ExecID, Entry>()

    subscript(exec: ExecID) -> Instance? { entries[exec]?.home }

    mutating func set(_ exec: ExecID, _ home: Instance) { entries.set(exec, Entry(home: home)) }
}

/// The last exec of each process, in the same way.
struct NotedExecs {
    private struct Entry {
        var time: UInt64
        weak var home: Instance?
        var origin: Origin
    }
    private var entries = Recent<ProcessName, Entry>()

    subscript(process: ProcessName) -> NotedExec? {
        guard let entry = entries[process], let home = entry.home else { return nil }
        return NotedExec(time: entry.time, home: home, origin: entry.origin)
    }

    mutating func set(_ process: ProcessName, _ noted: NotedExec) {
        entries.set(process, Entry(time: noted.time, home: noted.home, origin: noted.origin))
    }
}
