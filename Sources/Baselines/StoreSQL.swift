import Foundation
import GRDB

/// Rows to values and back.
extension Store {
    static func apply(_ write: StoreWrite, _ db: Database) throws {
        switch write {
        case .baseline(let row): try save(row, db)
        case .behaviours(let key, let rows):
            // What is never normal may be the first that is seen of a workload.
            if try id(key, db) == nil, rows.contains(where: { $0.quarantine != nil }) {
                try save(StoredBaseline(key: key, state: .learning), db)
            }
            guard let id = try id(key, db) else { return }
            let statement = try db.cachedStatement(
                sql: """
                    INSERT INTO behaviour(baseline, kind, executable, object, first, last, count, units, instances, origin,
                      quarantine, last_instance, starts)
                    VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT DO UPDATE SET first = min(first, excluded.first), last = max(last, excluded.last),
                      count = excluded.count, units = excluded.units, instances = excluded.instances,
                      origin = coalesce(origin, excluded.origin), quarantine = excluded.quarantine,
                      last_instance = excluded.last_instance, starts = excluded.starts
                    """)
            for row in rows {
                try statement.execute(arguments: [
                    id, row.shape.kind.rawValue, row.shape.executable, row.shape.storedObject, row.first, row.last,
                    row.count, row.units, row.instances, row.origin, row.quarantine?.text,
                    Int64(bitPattern: row.lastInstance), row.starts,
                ])
            }
        case .dropBehaviours(let key):
            guard let id = try id(key, db) else { return }
            try db.execute(sql: "DELETE FROM behaviour WHERE baseline = ? AND quarantine IS NULL", arguments: [id])
        case .amend(let key, let spec):
            guard let row = try find(key, db) else { return }
            try db.execute(
                sql: "UPDATE baseline SET spec = ? WHERE id = ?",
                arguments: [BaselineWriter.lists(row.spec.union(spec)), try id(key, db)])
        case .alert(let alert):
            try db.execute(
                sql: "INSERT OR REPLACE INTO alert VALUES(?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    alert.id, alert.time, alert.key.workload, alert.key.digest ?? "", alert.rule, alert.allow,
                    alert.json,
                ])
            // The lines themselves are kept by whoever takes them; this is for `allow` and for looking back.
            try db.execute(
                sql: "DELETE FROM alert WHERE id IN (SELECT id FROM alert ORDER BY time DESC LIMIT -1 OFFSET 10000)")
        case .meta(let name, let value): try setMeta(name, value, db)
        case .life(let home, let json?):
            try db.execute(sql: "INSERT OR REPLACE INTO life VALUES(?, ?)", arguments: [home, json])
        case .life(let home, nil): try db.execute(sql: "DELETE FROM life WHERE home = ?", arguments: [home])
        case .identity(let row, let uses): try apply(row, uses, db)
        case .credential(let row): try apply(row, db)
        case .dropCredential(let key): try drop(key, db)
        }
    }

    static func setMeta(_ name: String, _ value: String, _ db: Database) throws {
        try db.execute(sql: "INSERT OR REPLACE INTO meta VALUES(?, ?)", arguments: [name, value])
    }

    static func id(_ key: BaselineKey, _ db: Database) throws -> Int64? {
        try Int64.fetchOne(
            db, sql: "SELECT id FROM baseline WHERE workload = ? AND digest = ?",
            arguments: [key.workload, key.digest ?? ""])
    }

    static func find(_ key: BaselineKey, _ db: Database) throws -> StoredBaseline? {
        try Row.fetchOne(
            db, sql: "SELECT * FROM baseline WHERE workload = ? AND digest = ?",
            arguments: [key.workload, key.digest ?? ""]
        ).map(StoredBaseline.init(row:))
    }

    static func behaviours(_ key: BaselineKey, _ db: Database) throws -> [StoredBehaviour] {
        guard let id = try id(key, db) else { return [] }
        return try Row.fetchAll(db, sql: "SELECT * FROM behaviour WHERE baseline = ?", arguments: [id])
            .compactMap(StoredBehaviour.init(row:))
    }

    static func save(_ row: StoredBaseline, _ db: Database, allowedToo: Bool = false) throws {
        let lists = { (spec: BaselineSpec) in spec.isEmpty ? "" : BaselineWriter.lists(spec) }
        try db.execute(
            sql: """
                INSERT INTO baseline(workload, digest, image, state, source, spec, allowed, learned_for, learned_from,
                  learned_until, units, incidences, completeness, instances, seen, lost, gaps, replicas, starts, curve, armed_at)
                VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT(workload, digest) DO UPDATE SET image = coalesce(excluded.image, image),
                  state = excluded.state, source = excluded.source, spec = excluded.spec,
                  learned_for = excluded.learned_for, learned_from = excluded.learned_from,
                  learned_until = excluded.learned_until, units = excluded.units, incidences = excluded.incidences,
                  completeness = excluded.completeness, instances = excluded.instances, seen = excluded.seen,
                  lost = excluded.lost, gaps = excluded.gaps, replicas = excluded.replicas, starts = excluded.starts, curve = excluded.curve,
                  armed_at = excluded.armed_at
                """,
            arguments: [
                row.key.workload, row.key.digest ?? "", row.image, row.state.rawValue, row.source.rawValue,
                lists(row.spec), lists(row.allowed), row.learnedFor, row.learnedFrom, row.learnedUntil, row.units,
                row.incidences, row.completeness, row.instances, row.seen, row.lost, row.gaps, row.replicas, row.starts,
                row.curve,
                row.armedAt,
            ])
        if allowedToo {
            try db.execute(
                sql: "UPDATE baseline SET allowed = ? WHERE workload = ? AND digest = ?",
                arguments: [lists(row.allowed), row.key.workload, row.key.digest ?? ""])
        }
    }
}

extension BaselineKey {
    init(row: Row) {
        let digest: String = row["digest"]
        self.init(workload: row["workload"], digest: digest.isEmpty ? nil : digest)
    }
}

extension StoredBaseline {
    init(row: Row) throws {
        func spec(_ text: String) throws -> BaselineSpec {
            text.isEmpty ? BaselineSpec() : try BaselineFile.parseSpec(text, file: "stored spec")
        }
        self.init(
            key: BaselineKey(row: row), image: row["image"],
            state: BaselineStatus.State(rawValue: row["state"]) ?? .learning,
            source: Source(rawValue: row["source"]) ?? .learned, spec: try spec(row["spec"]),
            allowed: try spec(row["allowed"]), learnedFor: row["learned_for"], learnedFrom: row["learned_from"],
            learnedUntil: row["learned_until"], units: row["units"], incidences: row["incidences"],
            completeness: row["completeness"], instances: row["instances"], seen: row["seen"], lost: row["lost"],
            gaps: row["gaps"], replicas: row["replicas"], starts: row["starts"],
            curve: row["curve"], armedAt: row["armed_at"])
    }
}

extension StoredBehaviour {
    /// Nil where a row is not of this version.
    init?(row: Row) {
        guard let shape = Behaviour(kind: row["kind"], executable: row["executable"], storedObject: row["object"])
        else {
            return nil
        }
        let (quarantine, lastInstance): (String?, Int64) = (row["quarantine"], row["last_instance"])
        self.init(
            shape: shape, first: row["first"], last: row["last"], count: row["count"], units: row["units"],
            starts: row["starts"], instances: row["instances"], origin: row["origin"],
            quarantine: quarantine.map(Quarantine.init),
            lastInstance: UInt64(bitPattern: lastInstance))
    }
}

extension StoredAlert {
    init(row: Row) {
        self.init(
            id: row["id"], time: row["time"], key: BaselineKey(row: row), rule: row["rule"], allow: row["allow"],
            json: row["json"])
    }
}

extension StoredChange {
    init(row: Row) {
        self.init(
            id: row["id"], time: row["time"], who: row["who"], why: row["why"],
            action: Action(rawValue: row["action"]) ?? .import, what: row["what"], key: BaselineKey(row: row),
            undoes: row["undoes"], undoneBy: row["undone_by"], replaces: row["replaces"])
    }
}
