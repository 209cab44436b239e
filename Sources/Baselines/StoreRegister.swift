import GRDB

/// What is stored of the register of non-human identities. All times are nanoseconds since the epoch.
package struct StoredIdentity: Sendable, Equatable {
    package var workload: String
    package var first: Int64
    package var last: Int64
    /// Instances that have ended; to be written: those since the last time.
    package var ended = 0
    /// The same of alerts.
    package var alerts = 0
    /// JSON of what is known of it; to be written: nil where that is as it was.
    package var facts: String?
    package var privilege: String?

    package init(workload: String, first: Int64, last: Int64) {
        self.workload = workload
        self.first = first
        self.last = last
    }
}

/// Something that an identity used: a program, a destination, a user id, a port.
package struct StoredUse: Sendable, Equatable {
    package enum Sort: String, Sendable, CaseIterable { case program, destination, listen, uid, capability }

    package var sort: Sort
    package var name: String
    package var first: Int64
    package var last: Int64

    package init(_ sort: Sort, _ name: String, first: Int64, last: Int64) {
        self.sort = sort
        self.name = name
        self.first = first
        self.last = last
    }
}

/// A secret that was read, with all who read it.
package struct StoredCredential: Sendable, Equatable {
    package struct Key: Sendable, Hashable {
        /// `tls-key`, `service-account-token`, or a class of the user's own.
        package var sort: String
        /// As its first reader called it.
        package var path: String
        /// The container whose file it is; empty: the node's.
        package var owner: String

        package init(sort: String, path: String, owner: String) {
            self.sort = sort
            self.path = path
            self.owner = owner
        }
    }

    package struct Reader: Sendable, Equatable {
        package var workload: String
        package var program: String
        /// As this reader called it.
        package var path: String
        /// By an exec session or a login, not by the workload itself.
        package var isPerson: Bool
        package var first: Int64
        package var last: Int64
        package var count: Int

        package init(
            workload: String, program: String, path: String, isPerson: Bool, first: Int64, last: Int64, count: Int
        ) {
            self.workload = workload
            self.program = program
            self.path = path
            self.isPerson = isPerson
            self.first = first
            self.last = last
            self.count = count
        }
    }

    package var key: Key
    /// As a sentence names it: `a TLS private key`.
    package var what: String
    package var first: Int64
    package var last: Int64
    package var readers: [Reader] = []

    package init(key: Key, what: String, first: Int64, last: Int64) {
        self.key = key
        self.what = what
        self.first = first
        self.last = last
    }
}

extension Store {
    /// Identities that are kept; those not seen for longest are forgotten beyond that.
    package static let mostIdentities = 8192
    /// Of each sort, of one identity; what comes later is left out.
    package static let mostUses = 64

    package func identities() throws(StateError) -> [StoredIdentity] {
        try look { db in
            try Row.fetchAll(db, sql: "SELECT * FROM identity ORDER BY workload").map(StoredIdentity.init(row:))
        }
    }

    /// Only who is known, for a start that has no time for more.
    package func identityNames() throws(StateError) -> [String] {
        try look { db in try String.fetchAll(db, sql: "SELECT workload FROM identity") }
    }

    /// What identities used, by their ids; the latest first.
    package func uses() throws(StateError) -> [String: [StoredUse]] {
        try look { db in
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT workload, sort, name, used.first AS first, used.last AS last
                    FROM used JOIN identity ON identity.id = used.identity ORDER BY used.last DESC, name
                    """)
            var uses: [String: [StoredUse]] = [:]
            while let row = try rows.next() {
                guard let sort = StoredUse.Sort(rawValue: row["sort"]) else { continue }
                let use = StoredUse(sort, row["name"], first: row["first"], last: row["last"])
                uses[row["workload"], default: []].append(use)
            }
            return uses
        }
    }

    package func credentials() throws(StateError) -> [StoredCredential] {
        try look { db in
            let readers = Dictionary(
                grouping: try Row.fetchAll(db, sql: "SELECT * FROM reader ORDER BY workload, program"),
                by: { $0["credential"] as Int64 })
            return try Row.fetchAll(db, sql: "SELECT * FROM credential ORDER BY sort, path, owner").map { row in
                let key = StoredCredential.Key(sort: row["sort"], path: row["path"], owner: row["owner"])
                var credential = StoredCredential(
                    key: key, what: row["what"], first: row["first"], last: row["last"])
                credential.readers = (readers[row["id"]] ?? []).map(StoredCredential.Reader.init(row:))
                return credential
            }
        }
    }

    /// Who armed each baseline, where a person did; the last of several.
    package func approvals() throws(StateError) -> [BaselineKey: StoredChange] {
        let changes = try changes(limit: .max).filter {
            [.approve, .import, .merge].contains($0.action) && $0.undoneBy == nil
        }
        return Dictionary(changes.map { ($0.key, $0) }, uniquingKeysWith: { later, _ in later })
    }

    static func apply(_ identity: StoredIdentity, _ uses: [StoredUse], _ db: Database) throws {
        let id = try add(identity, db)
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO used(identity, sort, name, first, last) SELECT ?1, ?2, ?3, ?4, ?5
                WHERE (SELECT count(*) FROM used WHERE identity = ?1 AND sort = ?2) < ?6
                  OR EXISTS (SELECT 1 FROM used WHERE identity = ?1 AND sort = ?2 AND name = ?3)
                ON CONFLICT DO UPDATE SET first = min(first, excluded.first), last = max(last, excluded.last)
                """)
        for use in uses {
            try statement.execute(arguments: [id, use.sort.rawValue, use.name, use.first, use.last, mostUses])
        }
    }

    private static func add(_ identity: StoredIdentity, _ db: Database) throws -> Int64 {
        let known = try Int64.fetchOne(
            db, sql: "SELECT id FROM identity WHERE workload = ?", arguments: [identity.workload])
        if let known {
            try db.execute(
                sql: """
                    UPDATE identity SET first = min(first, ?2), last = max(last, ?3), ended = ended + ?4,
                      alerts = alerts + ?5, facts = coalesce(?6, facts), privilege = coalesce(?7, privilege)
                    WHERE id = ?1
                    """,
                arguments: [
                    known, identity.first, identity.last, identity.ended, identity.alerts, identity.facts,
                    identity.privilege,
                ])
            return known
        }
        // Room first, so that the new one is never the one that goes.
        try db.execute(
            sql: "DELETE FROM identity WHERE id IN (SELECT id FROM identity ORDER BY last DESC LIMIT -1 OFFSET ?)",
            arguments: [mostIdentities - 1])
        try db.execute(
            sql: """
                INSERT INTO identity(workload, first, last, ended, alerts, facts, privilege)
                VALUES(?, ?, ?, ?, ?, coalesce(?, '{}'), ?)
                """,
            arguments: [
                identity.workload, identity.first, identity.last, identity.ended, identity.alerts, identity.facts,
                identity.privilege,
            ])
        return db.lastInsertedRowID
    }

    static func apply(_ credential: StoredCredential, _ db: Database) throws {
        let key = credential.key
        try db.execute(
            sql: """
                INSERT INTO credential(sort, path, owner, what, first, last) VALUES(?, ?, ?, ?, ?, ?)
                ON CONFLICT(sort, path, owner) DO UPDATE SET what = excluded.what, first = min(first, excluded.first),
                  last = max(last, excluded.last)
                """,
            arguments: [key.sort, key.path, key.owner, credential.what, credential.first, credential.last])
        let found = try Int64.fetchOne(
            db, sql: "SELECT id FROM credential WHERE sort = ? AND path = ? AND owner = ?",
            arguments: [key.sort, key.path, key.owner])
        guard let id = found else { return }
        for reader in credential.readers {
            try db.execute(
                sql: """
                    INSERT INTO reader(credential, workload, program, path, person, first, last, count)
                    VALUES(?, ?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT DO UPDATE SET path = excluded.path, first = min(first, excluded.first),
                      last = max(last, excluded.last), count = max(count, excluded.count)
                    """,
                arguments: [
                    id, reader.workload, reader.program, reader.path, reader.isPerson, reader.first, reader.last,
                    reader.count,
                ])
        }
    }

    static func drop(_ key: StoredCredential.Key, _ db: Database) throws {
        try db.execute(
            sql: "DELETE FROM credential WHERE sort = ? AND path = ? AND owner = ?",
            arguments: [key.sort, key.path, key.owner])
    }
}

extension StoredIdentity {
    fileprivate init(row: Row) {
        self.init(workload: row["workload"], first: row["first"], last: row["last"])
        ended = row["ended"]
        alerts = row["alerts"]
        facts = row["facts"]
        privilege = row["privilege"]
    }

    /// About how many bytes it takes in memory.
    func footprint(with uses: [StoredUse]) -> Int {
        let own = 128 + workload.utf8.count + (facts?.utf8.count ?? 0) + (privilege?.utf8.count ?? 0)
        return uses.reduce(own) { $0 + 64 + $1.name.utf8.count }
    }
}

extension StoredCredential {
    var footprint: Int {
        readers.reduce(256 + key.path.utf8.count) {
            $0 + 128 + $1.workload.utf8.count + $1.program.utf8.count + $1.path.utf8.count
        }
    }
}

extension StoredCredential.Reader {
    fileprivate init(row: Row) {
        self.init(
            workload: row["workload"], program: row["program"], path: row["path"], isPerson: row["person"],
            first: row["first"], last: row["last"], count: row["count"])
    }
}
