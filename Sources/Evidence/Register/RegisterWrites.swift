import Baselines
import Workloads

/// What is new of identities and credentials, for the store.
extension Register {
    /// What is to be stored since the last call, of at most so many identities; with `all` also of those that were merely
    /// seen again. `facts` tells what else is known of a workload now, and that may be something to tell.
    package mutating func takeChanges(
        most: Int = .max, all: Bool = true, at now: Int64, facts: (Workload) -> IdentityFacts
    ) -> (writes: [StoreWrite], changes: [Change]) {
        for (id, privilege) in privileges?.take() ?? [:] {
            guard entries[id] != nil else { continue }
            entries[id]!.privilege = privilege
            entries[id]!.isChanged = true
        }
        var writes: [StoreWrite] = []
        var changes: [Change] = []
        var changed = entries.filter { $0.value.isChanged || $0.value.isLater && all }.map(\.value)
        // Who has waited for longest first, so that nobody waits for ever; where there are more than may be, all.
        if changed.count > most, entries.count <= Self.mostEntries {
            changed = Array(changed.sorted { $0.writtenAt < $1.writtenAt }.prefix(most))
        }
        for entry in changed {
            let said = facts(entry.workload)
            changes += findings(entry, said.ownership, at: now)
            writes.append(write(entry, said, at: now))
        }
        forget()
        writes += dropped.map { StoreWrite.dropCredential($0) }
        writes += changedCredentials.compactMap { credentials[$0] }.map { StoreWrite.credential($0) }
        dropped = []
        changedCredentials = []
        return (writes, changes)
    }

    /// Once of each, in each run of the monitor.
    private mutating func findings(_ entry: Entry, _ ownership: Ownership, at now: Int64) -> [Change] {
        let new = ownership.findings(at: now).filter { !entry.told.contains($0) }
        guard !new.isEmpty else { return [] }
        entries[entry.workload.id]!.told.formUnion(new)
        return new.compactMap { finding -> Change? in
            switch finding {
            case .expired: ownership.expires.map { Change.expired(entry.workload, day: $0) }
            case .unreviewed: ownership.reviewed.map { Change.overdue(entry.workload, reviewed: $0) }
            // That of who is new is said when it is registered.
            case .unowned: nil
            }
        }
    }

    private mutating func write(_ entry: Entry, _ facts: IdentityFacts, at now: Int64) -> StoreWrite {
        let id = entry.workload.id
        var row = StoredIdentity(workload: id, first: entry.first, last: entry.last)
        row.ended = entry.ended
        row.alerts = entry.alerts
        if facts != entry.written { row.facts = facts.json }
        if let privilege = entry.privilege, privilege != entry.writtenPrivilege { row.privilege = json(privilege) }
        let uses = entry.uses.map { StoredUse($0.key.sort, $0.key.name, first: $0.value.first, last: $0.value.last) }
        entries[id]!.uses = [:]
        entries[id]!.ended = 0
        entries[id]!.alerts = 0
        entries[id]!.isChanged = false
        entries[id]!.isLater = false
        entries[id]!.written = facts
        entries[id]!.writtenAt = now
        entries[id]!.writtenPrivilege = entry.privilege
        return .identity(row, uses)
    }

    /// Lets go of what has been idle for longest, half at once so that it is done rarely.
    private mutating func forget() {
        if entries.count > Self.mostEntries {
            let idle = entries.filter { !$0.value.isChanged && !$0.value.isLater }.sorted {
                $0.value.last < $1.value.last
            }
            for (id, _) in idle.prefix(Self.mostEntries / 2) { entries[id] = nil }
        }
        if credentials.count > Self.mostCredentials {
            let oldest = credentials.values.sorted { $0.last < $1.last }.prefix(Self.mostCredentials / 4).map(\.key)
            for key in oldest {
                credentials[key] = nil
                changedCredentials.remove(key)
            }
            dropped += oldest
            let gone = Set(oldest)
            files = files.filter { !gone.contains($0.value.credential) }
            repeats = repeats.filter { !gone.contains($0.value.credential) }
        }
        // The store lets go of the oldest; who comes back then is told once more.
        if known.count > 2 * Store.mostIdentities { known = Set(entries.keys) }
    }
}
