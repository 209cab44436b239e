import Drift
import Events
import Evidence
import Foundation
import Logging
import Synchronization
import Workloads

/// What ran when the monitor started: read in the background, told and judged in the pauses between the acts.
struct Snapshot {
    /// What the reading thread hands over.
    private final class Mailbox: Sendable {
        private let found = Mutex<(processes: [FoundProcess], isDone: Bool)>(([], false))

        func put(_ process: FoundProcess) { found.withLock { $0.processes.append(process) } }
        func finish() { found.withLock { $0.isDone = true } }
        func take() -> (processes: [FoundProcess], isDone: Bool) {
            found.withLock { found in
                defer { found.processes = [] }
                return found
            }
        }
    }

    /// Of a turn of the main loop, so that no ring waits longer.
    private static let patience: UInt64 = 5_000_000
    /// Longer than any wait for an identity.
    private static let deadline: UInt64 = 8_000_000_000
    /// Several times the processes of a large node.
    private static let most = 32768

    private let withFiles: Bool
    private let log: Logger
    private let mailbox = Mailbox()
    private var pending: [FoundProcess] = []
    private var cgroups: [String: UInt64] = [:]
    private var homes: [ProcessName: UInt64] = [:]
    /// Containers whose first process was found: who else came from outside is no part of them.
    private var begun: Set<UInt64> = []
    private var cut = 0
    private var started: UInt64 = 0
    private var isReading = false

    init(withFiles: Bool, log: Logger) {
        self.withFiles = withFiles
        self.log = log
    }

    /// Whether there is more to do soon.
    var waits: Bool { isReading || !pending.isEmpty }

    mutating func start(_ processes: [RunningProcess], hierarchy: Hierarchy) {
        let (mailbox, withFiles) = (mailbox, withFiles)
        let own = UInt32(getpid())
        started = Clock.boot()
        isReading = true
        // Parents first: who is in a container is told by them.
        let processes = processes.filter { $0.pid != own }.sorted { ($0.start, $0.pid) < ($1.start, $1.pid) }
        if processes.count > Self.most {
            log.warning("\(processes.count) processes run: the snapshot is of the first \(Self.most)")
        }
        let thread = Thread {
            var reader = ProcessReader(processes, withFiles: withFiles)
            for process in processes.prefix(Self.most) {
                if let found = reader.read(process) { mailbox.put(found) }
            }
            mailbox.finish()
            Wakeup.wake()
        }
        thread.name = "snapshot"
        thread.start()
    }

    /// Goes on for a few milliseconds.
    mutating func step(_ monitor: Monitor, _ now: UInt64) {
        guard waits else { return }
        if isReading {
            let (found, isDone) = mailbox.take()
            pending += found
            isReading = !isDone
        }
        if cgroups.isEmpty {
            for id in monitor.resolver.tree.ids {
                if let path = monitor.resolver.tree.path(of: id) { cgroups[path] = id }
            }
        }
        let isLate = now > started + Self.deadline
        var left: [FoundProcess] = []
        for (index, process) in pending.enumerated() {
            if Clock.boot() > now + Self.patience {
                left += pending[index...]
                break
            }
            if !tell(process, monitor, isLate: isLate) { left.append(process) }
        }
        pending = left
        if !waits { finish() }
    }

    private mutating func finish() {
        if cut > 0 {
            log.warning("\(cut) processes have more open than the snapshot looks at: it is not whole")
        }
        cgroups = [:]
        homes = [:]
        begun = []
    }

    /// False: whose it is will be known later.
    private mutating func tell(_ found: FoundProcess, _ monitor: Monitor, isLate: Bool) -> Bool {
        guard let cgroup = found.running.cgroup.flatMap({ cgroups[$0] }), monitor.resolver.tree.exists(cgroup) else {
            return true
        }
        guard let workload = monitor.resolver.identify(cgroup) ?? (isLate ? monitor.resolver.workload(of: cgroup) : nil)
        else { return isLate }
        guard monitor.options.filter.admits(workload.id), let home = monitor.resolver.home(of: cgroup) else {
            return true
        }
        var actor = found.actor
        actor.cgroup = cgroup
        homes[actor.process] = home
        let isFromOutside = homes[actor.parent] != home
        var origin: Origin = workload.kind == .host ? .host : isFromOutside ? .entrypoint : .child
        if isFromOutside, workload.isContainer, !begun.insert(home).inserted { origin = .injected }
        if let parent = found.parent?.cgroup { actor.parentCgroup = cgroups[parent] ?? 0 }
        if found.isCut { cut += 1 }
        let time = Clock.boot()
        let acts = [Act.exec(found.exec)] + found.listens.map(Act.listen) + found.files.map(Act.open)
        for act in acts {
            var event = Event(time: time, key: BehaviourKey(high: 0, low: 0), actor: actor, act: act)
            let words = monitor.processes.words(around: &event)
            var observation = Observation(
                event: event, workload: workload, origin: origin, time: monitor.clock.epoch(time), words: words)
            observation.isSnapshot = true
            if event.kind == .exec {
                monitor.lives.found(observation, home: home, isFirst: origin == .entrypoint)
                if let judge = monitor.judge { monitor.lives.began(home: home) { judge.custody(of: observation) } }
                if let registrar = monitor.registrar {
                    monitor.tell(registrar.register.found(observation), at: observation.time)
                }
            }
            monitor.found(observation, isGone: found.isGone)
        }
        return true
    }
}

extension Monitor {
    /// A fact of the time before the start: shown where behaviours are, and judged.
    fileprivate func found(_ observation: Observation, isGone: Bool) {
        var observation = observation
        guard options.kinds.contains(observation.event.kind) else { return }
        if options.showsSnapshot {
            if observation.event.kind == .exec { observation.family = family(of: observation) }
            printer.behaviour(observation)
        }
        guard let verdict = judge?.judge(found: observation, isGone: isGone) else { return }
        if let mark = verdict.mark {
            try? probe.markIncident(mark.incident, pid: mark.process.pid, start: mark.process.start)
        }
        if let alert = verdict.alert {
            resolver.home(of: observation.event.actor.cgroup).map { lives.alerted(alert, home: $0) }
            tell(alert)
        }
    }
}
