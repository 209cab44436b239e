import Baselines
import Drift
import Events
import Probes
import Sinks
import Workloads

/// What is done by the clock: counts of repeats, losses, quotas, arming, storing.
struct Sweep {
    /// Nanoseconds since boot at which it wants to be called.
    private(set) var due: UInt64
    private var nextCounts: UInt64
    private var nextVitals: UInt64 = 0
    private var nextTrim: UInt64
    private var nextLives: UInt64
    private var losses = Losses()

    private static let second: UInt64 = 1_000_000_000
    /// How old what `doctor` shows may be.
    private static let vitalsBeat = 5 * second
    /// What was freed goes back to the system: some milliseconds' work.
    private static let trimBeat = 60 * second
    /// What instances did is kept at once where it is new; mere counts of repeats less often.
    private static let livesBeat = 60 * second
    /// Repeats refresh their counts at this beat: reading 100,000 of them costs some 20 ms.
    private let countsBeat: UInt64

    /// `learning` is the time that workloads are learned, in seconds, if there is one: a short one wants its repeats
    /// counted more often, or all would look as if done once.
    init(now: UInt64, learning: Double?) {
        countsBeat = Self.second * UInt64(max(1, min(15, (learning ?? 300) / 20)))
        due = now + Self.second
        nextCounts = now + countsBeat
        nextTrim = now + Self.trimBeat
        nextLives = now + Self.livesBeat
    }

    /// Wants to be called at once.
    mutating func hurry() { due = 0 }

    mutating func callAsFunction(_ monitor: Monitor, _ now: UInt64) {
        due = now + Self.second
        let wall = Clock.wall()
        losses.tell(monitor, now, wall)
        for workload in monitor.resolver.forgetRemoved() { monitor.judge?.ended(workload) }
        monitor.printer.prove()
        if now >= nextTrim {
            nextTrim = now + Self.trimBeat
            Heap.trim()
        }
        guard let judge = monitor.judge else { return }
        if now >= nextCounts {
            nextCounts = now + countsBeat
            readCounts(monitor, judge, wall)
        }
        tellSaturated(monitor, judge, wall)
        for alert in judge.detector.tick(wall) { monitor.tell(alert) }
        for key in judge.detector.takeStale(at: wall) {
            _ = try? monitor.probe.forget(NoveltyKey(high: key.high, low: key.low))
        }
        for (workload, facts) in judge.tick(now: wall) {
            monitor.printer.state(.armed(workload, facts), at: wall)
        }
        for key in judge.takeForgettable(now: wall) {
            _ = try? monitor.probe.forget(NoveltyKey(high: key.high, low: key.low))
        }
        monitor.keepLives(all: now >= nextLives)
        monitor.keepRegister(all: now >= nextLives)
        if now >= nextLives { nextLives = now + Self.livesBeat }
        if now >= nextVitals {
            nextVitals = now + Self.vitalsBeat
            judge.leave(monitor.vitals())
        }
        if judge.takeChanged() {
            do { try monitor.probe.forgetAll() } catch { monitor.fail("\(error)") }
        }
    }

    /// When all is drained: the last counts and losses.
    mutating func last(_ monitor: Monitor, _ now: UInt64) {
        let wall = Clock.wall()
        losses.tell(monitor, now, wall, atRest: true)
        guard let judge = monitor.judge else { return }
        readCounts(monitor, judge, wall)
        tellSaturated(monitor, judge, wall, all: true)
    }

    private func readCounts(_ monitor: Monitor, _ judge: Judge, _ wall: Int64) {
        var probes: [(key: BehaviourKey, cgroup: UInt64)] = []
        try? monitor.probe.forEachNovelty { key, novelty in
            // Behaviours without repeats have told all they had with their record.
            guard novelty.count > 1 else { return }
            let key = BehaviourKey(high: key.high, low: key.low)
            monitor.registrar?.register.counted(
                key, count: novelty.count, last: monitor.clock.epoch(novelty.last))
            switch monitor.beats.counted(key, count: novelty.count, last: novelty.last) {
            case .regular?:
                // That a probe goes on is nothing to tell.
                judge.baselines.refresh(key, count: novelty.count, last: monitor.clock.epoch(novelty.last))
                return
            case .becameRegular?: probes.append((key, novelty.cgroup))
            case .irregular?, nil: break
            }
            let alert = judge.repeated(key, count: novelty.count, last: monitor.clock.epoch(novelty.last), now: wall)
            if let alert { monitor.tell(alert) }
        }
        monitor.retell(probes)
    }

    /// `all`: also what was told less than a minute ago, since nobody will tell it later.
    private func tellSaturated(_ monitor: Monitor, _ judge: Judge, _ wall: Int64, all: Bool = false) {
        try? monitor.probe.forEachQuota { cgroup, quota in
            guard quota.hasTurnedAway else { return }
            let workload =
                monitor.resolver.workload(of: cgroup)
                ?? Workload(id: "cgroup/#\(cgroup)", kind: .cgroup, instance: String(cgroup))
            guard monitor.options.filter.admits(workload.id) else { return }
            judge.detector.turnedAway(quota.turnedAway, by: workload, cgroup: cgroup)
        }
        for alert in judge.detector.saturated(at: wall, all: all, facts: judge.facts) { monitor.tell(alert) }
    }
}
