import GRDB

/// The log of what people did to baselines, and the way back.
extension Store {
    /// Of so many standing changes of one baseline what was there before is kept, and of so many undos; older ones are
    /// told, but cannot be undone.
    static let undoable = 64

    /// The latest changes, newest first; of one workload where it is named.
    package func changes(of workload: String? = nil, limit: Int = 100) throws(StateError) -> [StoredChange] {
        try look { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM change WHERE ?1 IS NULL OR workload = ?1 ORDER BY id DESC LIMIT ?2",
                arguments: [workload, limit]
            ).map(StoredChange.init(row:))
        }
    }

    /// Takes one change back; gives back what it was. The monitor's own learning since then stays, where it can.
    package func undo(_ id: Int, who: String, why: String) throws(StateError) -> StoredChange {
        let log = try changes(limit: .max)
        guard let change = log.first(where: { $0.id == id }) else {
            throw StateError("no change \(id); driftwatch baseline history shows those that were made")
        }
        if let by = change.undoneBy { throw StateError("change \(id) is undone already, by change \(by)") }
        // What came later was made on top of it, unless it is taken back itself.
        let later = log.filter { $0.key == change.key && $0.id > id && $0.undoneBy == nil && ($0.undoes ?? 0) <= id }
        if let last = later.first {
            throw StateError("change \(id) of \(change.key) was followed by change \(last.id); undo that first")
        }
        let scope = Self.root(of: change, in: log).action
        let undo = Edit(action: .undo, what: "\(id) (\(change.action.rawValue))", undoes: id, replaces: change.replaces)
        try edit(change.key, undo, who, why) { db in
            let text = try String.fetchOne(db, sql: "SELECT before FROM change WHERE id = ?", arguments: [id])
            guard let before = Kept(text) else { throw StoreFailure.notKept(id) }
            if scope == .allow {
                try Self.restoreAllowed(before, change.key, db)
            } else {
                try before.restore(change.key, db)
            }
            if let first = change.undoes {
                try db.execute(sql: "UPDATE change SET undone_by = NULL WHERE id = ?", arguments: [first])
            }
            return true
        }
        return change
    }

    /// Takes the latest change of a workload back that is not taken back yet.
    package func undoLatest(of workload: String, digest: (String?) -> Bool, who: String, why: String)
        throws(StateError) -> StoredChange
    {
        let latest = try changes(of: workload, limit: .max)
            .first { $0.action != .undo && $0.undoneBy == nil && digest($0.key.digest) }
        guard let latest else { throw StateError("nothing was changed about \(workload) that could be undone") }
        return try undo(latest.id, who: who, why: why)
    }

    /// What people changed since a revision beyond what they allowed: what the monitor knows of these is out of date.
    func replaced(since revision: Int) throws(StateError) -> Set<BaselineKey> {
        try look { try Self.replaced(since: revision, $0) }
    }

    /// Whose baselines people changed since a revision.
    func changed(since revision: Int) throws(StateError) -> Set<BaselineKey> {
        try look { db in
            Set(
                try Row.fetchAll(
                    db, sql: "SELECT DISTINCT workload, digest FROM change WHERE id > ?", arguments: [revision]
                ).map(BaselineKey.init(row:)))
        }
    }

    static func replaced(since revision: Int, _ db: Database) throws -> Set<BaselineKey> {
        Set(
            try Row.fetchAll(
                db, sql: "SELECT workload, digest FROM change WHERE id > ? AND replaces", arguments: [revision]
            ).map(BaselineKey.init(row:)))
    }

    /// A change to be made and logged.
    struct Edit {
        var action: StoredChange.Action
        var what = ""
        var undoes: Int?
        /// Whether more than what people allow is changed.
        var replaces = true
    }

    /// Logs the change with what was there before it; where the body finds nothing to change, nothing is done.
    func edit(
        _ key: BaselineKey, _ edit: Edit, _ who: String, _ why: String, _ body: (Database) throws -> Bool
    ) throws(StateError) {
        let done = try change { db -> Bool in
            // What is forgotten as a whole must come back as a whole, and so must what took its place.
            let whole = edit.action == .reset || edit.undoes != nil && edit.replaces
            let before = try Kept(key, db, behavioursToo: whole)
            guard try body(db) else { return false }
            try db.execute(
                sql: """
                    INSERT INTO change(time, who, why, what, workload, digest, action, before, replaces, undoes)
                    VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    Self.now(), who, why, edit.what, key.workload, key.digest ?? "", edit.action.rawValue, before.json,
                    edit.replaces, edit.undoes,
                ])
            if let undone = edit.undoes {
                try db.execute(
                    sql: "UPDATE change SET undone_by = ? WHERE id = ?", arguments: [db.lastInsertedRowID, undone])
            }
            try db.execute(
                sql: """
                    UPDATE change SET before = NULL
                    WHERE workload = ?1 AND digest = ?2 AND before IS NOT NULL AND (undoes IS NOT NULL) = ?4 AND id <=
                      (SELECT id FROM change WHERE workload = ?1 AND digest = ?2 AND (undoes IS NOT NULL) = ?4
                       ORDER BY id DESC LIMIT 1 OFFSET ?3)
                    """,
                arguments: [key.workload, key.digest ?? "", Self.undoable, edit.undoes != nil])
            return true
        }
        guard done else {
            throw StateError("no baseline of \(key); driftwatch baseline list shows those that are there")
        }
    }

    /// What was done first, of an undo of an undo.
    private static func root(of change: StoredChange, in log: [StoredChange]) -> StoredChange {
        var change = change
        while let id = change.undoes, let earlier = log.first(where: { $0.id == id }) { change = earlier }
        return change
    }

    private static func restoreAllowed(_ before: Kept, _ key: BaselineKey, _ db: Database) throws {
        guard let row = try find(key, db) else { return }
        if before.baseline == nil, row.source == .allowed {
            try before.restore(key, db)
        } else {
            try db.execute(
                sql: "UPDATE baseline SET allowed = ? WHERE workload = ? AND digest = ?",
                arguments: [before.allowed, key.workload, key.digest ?? ""])
        }
    }
}
