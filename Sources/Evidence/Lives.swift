import Drift
import Events
import Workloads

/// The lives of all instances that run, by the topmost cgroup of each. Confined to one thread.
package struct Lives: Sendable {
    private struct Entry {
        var life: Life
        /// Cgroups of its own whose accounts are still open.
        var acting: Set<UInt64> = []
        /// When its topmost cgroup was removed.
        var ended: Int64?
        /// Processes that the instance began with: a container with one, a unit perhaps with several.
        var firsts = 0
        var first: ProcessName?
        /// Not as it was when it was last kept.
        var isChanged = true
        /// It was there at the sweep before: what lives for less than a second need not be kept.
        var isSettled = false
    }

    private var running: [UInt64: Entry] = [:]
    /// The homes of first processes.
    private var firsts: [ProcessName: UInt64] = [:]
    /// Of which something is kept that is to be forgotten.
    private var kept: Set<UInt64> = []
    private var forgotten: [UInt64] = []

    package init() {}

    package var count: Int { running.count }

    /// An act of an instance; `home` is its topmost cgroup, `isOwn` whether the act was done in or below it.
    package mutating func acted(
        _ observation: Observation, home: UInt64, isOwn: Bool = true, isPreExisting: @autoclosure () -> Bool
    ) {
        let workload = observation.workload
        var entry: Entry
        if let known = take(home) {
            entry = known
        } else {
            entry = Entry(life: Life(workload, began: workload.started ?? observation.time))
            entry.life.isPreExisting = isPreExisting()
        }
        // What was first known by its path alone may have been vouched for since.
        entry.life.workload = workload
        entry.life.acted(observation)
        if isOwn { entry.acting.insert(observation.event.actor.cgroup) }
        if observation.event.kind == .exec, observation.origin == .entrypoint {
            began(&entry, home, observation.event.actor.process)
        }
        entry.isChanged = true
        running[home] = entry
    }

    /// A process of an instance that ran before the monitor did; `isFirst`: its parent is not of the instance.
    package mutating func found(_ observation: Observation, home: UInt64, isFirst: Bool) {
        let workload = observation.workload
        let actor = observation.event.actor
        let start = observation.time &- Int64(bitPattern: observation.event.time &- actor.process.start)
        var entry = take(home) ?? Entry(life: Life(workload, began: workload.started ?? start))
        if workload.started == nil { entry.life.began = min(entry.life.began, start) }
        entry.life.isPreExisting = true
        entry.life.ran(actor.executable.text)
        if isFirst { began(&entry, home, actor.process) }
        entry.isChanged = true
        running[home] = entry
    }

    /// An instance that an earlier monitor has kept, and that still runs.
    package mutating func resume(_ life: Life, home: UInt64) {
        kept.insert(home)
        guard running[home] == nil else { return }
        var entry = Entry(life: life)
        entry.life.isPreExisting = true
        running[home] = entry
    }

    package mutating func alerted(_ alert: Anomaly? = nil, home: UInt64) {
        running[home]?.life.alerts += 1
        if let alert { running[home]?.life.custody?.note(Custody.Alert(alert)) }
        running[home]?.isChanged = true
    }

    /// What was done about an alert of the instance.
    package mutating func decided(_ decision: String, about alert: UInt64, home: UInt64) {
        running[home]?.life.custody?.decide(decision, about: alert)
        running[home]?.isChanged = true
    }

    /// What is known of an instance at its start, where that was not asked yet.
    package mutating func began(home: UInt64, _ custody: () -> Custody) {
        if running[home] != nil, running[home]!.life.custody == nil { running[home]!.life.custody = custody() }
    }

    package mutating func read(_ read: Custody.Read, home: UInt64) {
        running[home]?.life.custody?.note(read)
        running[home]?.isChanged = true
    }

    /// The end of a process, with the status that wait(2) would give.
    package mutating func exited(_ process: ProcessName, status: UInt32) {
        guard let home = firsts.removeValue(forKey: process.inTicks) else { return }
        // Of several nobody can say which one was meant.
        if running[home]?.firsts == 1 { running[home]?.life.exit = status }
    }

    /// The topmost cgroup of an instance is gone. Records of it may still be on the way.
    package mutating func removed(_ home: UInt64, at time: Int64) {
        guard let entry = running[home], entry.ended == nil else { return }
        running[home]!.ended = max(time, entry.life.last)
    }

    /// The last count of one of an instance's cgroups.
    package mutating func closed(_ cgroup: UInt64, home: UInt64, ledger: Ledger, of workload: Workload, at time: Int64)
    {
        var entry = take(home) ?? Entry(life: Life(workload, began: workload.started ?? time))
        entry.acting.remove(cgroup)
        entry.life.account.add(ledger)
        entry.isChanged = true
        running[home] = entry
    }

    /// Those that have ended and of which all is told; `isGone` is asked of topmost cgroups. `said`: when their runtimes say
    /// that they ended, which is believed between the last act and the removal. `atRest`: nothing more comes, and `ledger`
    /// gives the account of a cgroup.
    package mutating func takeEnded(
        at now: Int64, isGone: (UInt64) -> Bool, said: (UInt64) -> Int64? = { _ in nil }, atRest: Bool = false,
        ledger: (UInt64) -> Ledger = { _ in Ledger() }
    ) -> [(life: Life, ended: Int64)] {
        var ended: [(life: Life, ended: Int64)] = []
        for (home, entry) in running {
            guard let time = entry.ended ?? (isGone(home) ? now : nil) else { continue }
            guard entry.acting.isEmpty || atRest else {
                running[home]!.ended = time
                continue
            }
            let life = whole(entry, ledger)
            ended.append((life, max(min(said(home) ?? time, time), life.last)))
            running[home] = nil
            if let first = entry.first { firsts[first] = nil }
            if kept.remove(home) != nil { forgotten.append(home) }
        }
        return ended.sorted { ($0.ended, $0.life.workload.instance) < ($1.ended, $1.life.workload.instance) }
    }

    /// What is to be kept for the next monitor, should this one end; nil: no more. `all`: also what has not changed but
    /// for its counts.
    package mutating func takeChanges(all: Bool, ledger: (UInt64) -> Ledger) -> [(home: UInt64, life: Life?)] {
        var changes: [(home: UInt64, life: Life?)] = forgotten.map { ($0, nil) }
        forgotten = []
        for (home, entry) in running where entry.ended == nil && entry.life.workload.kind != .host {
            if all || entry.isSettled && entry.isChanged {
                changes.append((home, whole(entry, ledger)))
                kept.insert(home)
                running[home]!.isChanged = false
            }
            if !entry.isSettled { running[home]!.isSettled = true }
        }
        return changes
    }

    /// With the counts of cgroups that are still open.
    private func whole(_ entry: Entry, _ ledger: (UInt64) -> Ledger) -> Life {
        var life = entry.life
        for cgroup in entry.acting { life.account.add(ledger(cgroup)) }
        return life
    }

    private mutating func began(_ entry: inout Entry, _ home: UInt64, _ process: ProcessName) {
        let process = process.inTicks
        guard entry.first != process else { return }
        entry.firsts += 1
        if let earlier = entry.first { firsts[earlier] = nil }
        entry.first = process
        firsts[process] = home
    }

    /// Out of the dictionary, so that it is changed in place.
    private mutating func take(_ home: UInt64) -> Entry? { running.removeValue(forKey: home) }
}
