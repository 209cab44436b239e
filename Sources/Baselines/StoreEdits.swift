import GRDB

/// What people do to baselines by command; each edit is logged and reaches a running daemon.
extension Store {
    /// Ends the learning of a baseline, or arms a candidate: from now on what it does not know is an anomaly.
    package func approve(_ key: BaselineKey, who: String, why: String) throws(StateError) -> Baseline {
        try edit(key, Edit(action: .approve), who, why) { db in
            guard var row = try Self.find(key, db) else { return false }
            if row.state != .armed {
                let shapes = try Self.behaviours(key, db).filter { $0.quarantine == nil }.map(\.shape)
                row.spec = row.spec.union(Generaliser.spec(of: shapes))
                row.state = .armed
                row.armedAt = Self.now()
                row.learnedUntil = row.learnedUntil ?? row.armedAt
                try Self.save(row, db)
            }
            return true
        }
        return try known(key)
    }

    /// Lets in what is in quarantine, by entries that a person allowed: all but what is never normal, or those of the ids.
    package func release(_ key: BaselineKey, ids: Set<String>, who: String, why: String) throws(StateError)
        -> [StoredBehaviour]
    {
        let released = try quarantined(key).filter { row in
            ids.isEmpty ? row.quarantine?.isNeverNormal == false : ids.contains(row.id)
        }
        let unknown = ids.subtracting(released.map(\.id)).sorted()
        guard unknown.isEmpty else {
            throw StateError(
                "nothing in quarantine of \(key) is \(unknown.joined(separator: ", ")); driftwatch baseline show --quarantined shows what is"
            )
        }
        if !released.isEmpty { try allow(Generaliser.spec(of: released.map(\.shape)), for: key, who: who, why: why) }
        return released
    }

    /// Adds entries to what is normal; makes a baseline of only these where there is none.
    package func allow(_ spec: BaselineSpec, for key: BaselineKey, who: String, why: String) throws(StateError) {
        try edit(key, Edit(action: .allow, what: BaselineWriter.lists(spec), replaces: false), who, why) { db in
            var row =
                try Self.find(key, db) ?? StoredBaseline(key: key, state: .candidate, source: .allowed)
            row.allowed = row.allowed.union(spec)
            try Self.save(row, db, allowedToo: true)
            return true
        }
    }

    /// Forgets a baseline and what was observed for it; learning begins anew.
    package func reset(_ key: BaselineKey, who: String, why: String) throws(StateError) {
        try edit(key, Edit(action: .reset), who, why) { db in
            try db.execute(sql: "DELETE FROM baseline WHERE id = ?", arguments: [try Self.id(key, db)])
            return db.changesCount > 0
        }
    }

    /// Takes a reviewed baseline as the armed one, in place of what was there; its status is not taken.
    package func importBaseline(_ baseline: Baseline, who: String, why: String) throws(StateError) {
        try edit(baseline.key, Edit(action: .import, what: baseline.checksum), who, why) { db in
            var row =
                try Self.find(baseline.key, db) ?? StoredBaseline(key: baseline.key, state: .armed)
            row.image = baseline.image ?? row.image
            row.state = .armed
            row.source = .imported
            row.spec = baseline.spec.canonical
            row.allowed = BaselineSpec()
            row.armedAt = Self.now()
            try Self.save(row, db, allowedToo: true)
            return true
        }
    }

    /// Joins a baseline with the stored one, status too.
    package func merge(_ baseline: Baseline, who: String, why: String) throws(StateError) -> Baseline {
        try edit(baseline.key, Edit(action: .merge, what: baseline.checksum), who, why) { db in
            var row =
                try Self.find(baseline.key, db)
                ?? StoredBaseline(key: baseline.key, state: baseline.status.state ?? .armed, source: .imported)
            let status = row.status.merged(baseline.status)
            row.image = row.image ?? baseline.image
            row.spec = row.spec.union(baseline.spec)
            row.completeness = status.completeness
            row.seen = status.coverage?.seen ?? row.seen
            row.lost = status.coverage?.lost ?? row.lost
            row.gaps = status.gaps
            row.instances = status.instances ?? row.instances
            row.learnedFrom = status.learnedFrom
            row.learnedUntil = status.learnedUntil
            try Self.save(row, db)
            return true
        }
        return try known(baseline.key)
    }

    /// What is known so far, also of a baseline that is still learned.
    package func current(_ key: BaselineKey) throws(StateError) -> Baseline? {
        try look { db in
            guard let row = try Self.find(key, db) else { return nil }
            var baseline = row.baseline
            if row.state != .armed {
                let shapes = try Self.behaviours(key, db).filter { $0.quarantine == nil }.map(\.shape)
                baseline.spec = baseline.spec.union(Generaliser.spec(of: shapes))
            }
            return baseline
        }
    }

    private func known(_ key: BaselineKey) throws(StateError) -> Baseline {
        guard let row = try baseline(key) else { throw StateError("the baseline of \(key) was reset meanwhile") }
        return row.baseline
    }
}
