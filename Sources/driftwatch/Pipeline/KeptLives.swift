import Baselines
import Evidence
import Foundation
import Sinks
import Workloads

/// An instance that ran when a monitor last said so, for the next one.
struct KeptLife: Codable {
    var life: Life
    /// Its topmost cgroup, in that start of the machine.
    var home: UInt64
    var bootID: String
}

extension Judge {
    /// All that earlier monitors left.
    func keptLives() -> [KeptLife] {
        guard let archive else { return [] }
        let rows: [(home: String, json: String)]
        do { rows = try archive.store.lives() } catch {
            archive.log.error("\(error)")
            return []
        }
        return rows.compactMap { row in
            if let life = try? JSONDecoder().decode(KeptLife.self, from: Data(row.json.utf8)) { return life }
            archive.log.warning("what was kept of an instance (\(row.home)) cannot be read; it is forgotten")
            archive.write([.life(home: row.home, json: nil)])
            return nil
        }
    }

    func keep(_ changes: [(home: UInt64, life: Life?)]) {
        archive?.write(
            changes.map { home, life in
                .life(home: String(home), json: life.map { json(KeptLife(life: $0, home: home, bootID: Boot.id)) })
            })
    }

    /// Until when an earlier monitor watched, and by when at the latest had ended what ran in an earlier start of the
    /// machine; nanoseconds since the epoch.
    func lastWatch() -> (until: Int64, endOfEarlierBoot: Int64)? {
        guard let last = archive?.lastHeartbeat else { return nil }
        let now = Clock.heartbeat()
        let gap = last.downtime(until: now)
        return (gap.from, max(gap.from, min(gap.to, now.wall - Int64(now.boot))))
    }

    /// When the last monitor of this start of the machine last lived, nanoseconds since boot; nil: there was none.
    var watchedUntil: UInt64? {
        guard let last = archive?.lastHeartbeat, last.age(at: Clock.heartbeat()) != nil else { return nil }
        return last.boot
    }
}

extension Monitor {
    /// Goes on with instances that still run, and tells of those that ended while nobody watched.
    func resumeLives() {
        guard let judge, let watch = judge.lastWatch() else { return }
        let now = Clock.wall()
        for kept in judge.keptLives() where options.filter.admits(kept.life.workload.id) {
            if kept.bootID == Boot.id, resolver.tree.exists(kept.home) {
                lives.resume(kept.life, home: kept.home)
                continue
            }
            var life = kept.life
            life.lastKnownAlive = max(watch.until, life.last)
            let end = max(kept.bootID == Boot.id ? now : watch.endOfEarlierBoot, life.lastKnownAlive!)
            tellEnd(life, at: end)
            judge.keep([(kept.home, nil)])
        }
    }

    /// Leaves for the next monitor what runs now.
    func keepLives(all: Bool = false) {
        guard let judge else { return }
        let changes = lives.takeChanges(all: all) { accounts[$0] }
        if !changes.isEmpty { judge.keep(changes) }
    }
}
