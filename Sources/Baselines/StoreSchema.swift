import GRDB

/// The tables, as steps that are never changed once released.
enum StoreSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { db in
            try db.execute(
                sql: """
                    CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
                    INSERT INTO meta VALUES('revision', '0');
                    -- A baseline, or one on the way; digest is '' where there is none.
                    CREATE TABLE baseline(
                        id INTEGER PRIMARY KEY,
                        workload TEXT NOT NULL,
                        digest TEXT NOT NULL,
                        image TEXT,
                        state TEXT NOT NULL,
                        source TEXT NOT NULL,      -- learned | imported | allowed
                        spec TEXT NOT NULL,        -- YAML of the spec; of one that is learned, what was collapsed so far
                        allowed TEXT NOT NULL,     -- YAML of what a person allowed on top
                        learned_for REAL NOT NULL, -- seconds of learning that were observed
                        learned_from INTEGER,      -- nanoseconds since the epoch, as all times here
                        learned_until INTEGER,
                        units INTEGER NOT NULL,
                        incidences INTEGER NOT NULL,
                        completeness REAL,
                        instances INTEGER NOT NULL,
                        seen INTEGER NOT NULL,
                        lost INTEGER NOT NULL,
                        armed_at INTEGER,
                        UNIQUE(workload, digest));
                    CREATE TABLE behaviour(
                        baseline INTEGER NOT NULL REFERENCES baseline(id) ON DELETE CASCADE,
                        kind TEXT NOT NULL,
                        executable TEXT NOT NULL,
                        object TEXT NOT NULL,      -- JSON list of the rest of its identity
                        first INTEGER NOT NULL,
                        last INTEGER NOT NULL,
                        count INTEGER NOT NULL,
                        units INTEGER NOT NULL,
                        instances INTEGER NOT NULL,
                        origin TEXT,
                        quarantine TEXT,           -- why it is not learned
                        PRIMARY KEY(baseline, kind, executable, object)) WITHOUT ROWID;
                    CREATE TABLE alert(
                        id TEXT PRIMARY KEY,
                        time INTEGER NOT NULL,
                        workload TEXT NOT NULL,
                        digest TEXT NOT NULL,
                        rule TEXT NOT NULL,
                        allow TEXT,
                        json TEXT NOT NULL) WITHOUT ROWID;
                    CREATE INDEX alert_time ON alert(time);
                    CREATE TABLE change(
                        id INTEGER PRIMARY KEY,
                        time INTEGER NOT NULL,
                        who TEXT NOT NULL,
                        why TEXT NOT NULL,
                        what TEXT NOT NULL,
                        workload TEXT NOT NULL,
                        digest TEXT NOT NULL);
                    """)
        }
        migrator.registerMigration("2") { db in
            // How often it was not watched, or not wholly, while it was learned.
            try db.execute(sql: "ALTER TABLE baseline ADD COLUMN gaps INTEGER NOT NULL DEFAULT 0")
        }
        registerHistory(&migrator)
        migrator.registerMigration("replicas") { db in
            // Which instances were watched, and which of them did it: what only one did is not learned.
            try db.execute(
                sql: """
                    ALTER TABLE baseline ADD COLUMN replicas TEXT NOT NULL DEFAULT '';
                    ALTER TABLE behaviour ADD COLUMN last_instance INTEGER NOT NULL DEFAULT 0;
                    ALTER TABLE behaviour ADD COLUMN of_start INTEGER NOT NULL DEFAULT 0; -- until "starts"
                    """)
        }
        migrator.registerMigration("lives") { db in
            // Instances that ran when the monitor last said so, by their topmost cgroup.
            try db.execute(sql: "CREATE TABLE life(home TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID")
        }
        registerStarts(&migrator)
        registerIdentities(&migrator)
        return migrator
    }

    /// Starts of instances are counted apart from units of time. Of what was learned before, as many are known as some
    /// behaviour of starts was seen in. `of_start` stays for rows that an undo brings back.
    private static func registerStarts(_ migrator: inout DatabaseMigrator) {
        migrator.registerMigration("starts") { db in
            try db.execute(
                sql: """
                    ALTER TABLE baseline ADD COLUMN starts INTEGER NOT NULL DEFAULT 0;
                    ALTER TABLE baseline ADD COLUMN curve TEXT NOT NULL DEFAULT ''; -- behaviours known after so many units
                    ALTER TABLE behaviour ADD COLUMN starts INTEGER NOT NULL DEFAULT 0;
                    UPDATE behaviour SET starts = units, units = 0 WHERE of_start;
                    UPDATE baseline SET starts =
                        coalesce((SELECT max(behaviour.starts) FROM behaviour WHERE behaviour.baseline = baseline.id), 0);
                    UPDATE baseline SET units = max(0, units - starts);
                    """)
        }
    }

    private static func registerIdentities(_ migrator: inout DatabaseMigrator) {
        migrator.registerMigration("register") { db in
            try db.execute(
                sql: """
                    CREATE TABLE identity(
                        id INTEGER PRIMARY KEY,
                        workload TEXT NOT NULL UNIQUE,
                        first INTEGER NOT NULL,
                        last INTEGER NOT NULL,
                        ended INTEGER NOT NULL,    -- instances
                        alerts INTEGER NOT NULL,
                        facts TEXT NOT NULL,       -- JSON of whose it is and what it runs
                        privilege TEXT);           -- JSON of what it may do
                    CREATE INDEX identity_last ON identity(last);
                    CREATE TABLE used(
                        identity INTEGER NOT NULL REFERENCES identity(id) ON DELETE CASCADE,
                        sort TEXT NOT NULL,        -- program | destination | listen | uid
                        name TEXT NOT NULL,
                        first INTEGER NOT NULL,
                        last INTEGER NOT NULL,
                        PRIMARY KEY(identity, sort, name)) WITHOUT ROWID;
                    CREATE TABLE credential(
                        id INTEGER PRIMARY KEY,
                        sort TEXT NOT NULL,
                        path TEXT NOT NULL,
                        owner TEXT NOT NULL,       -- the container whose file it is; '' where it is the node's
                        what TEXT NOT NULL,
                        first INTEGER NOT NULL,
                        last INTEGER NOT NULL,
                        UNIQUE(sort, path, owner));
                    CREATE TABLE reader(
                        credential INTEGER NOT NULL REFERENCES credential(id) ON DELETE CASCADE,
                        workload TEXT NOT NULL,
                        program TEXT NOT NULL,
                        person INTEGER NOT NULL,   -- an exec session or a login
                        path TEXT NOT NULL,        -- as this reader calls it
                        first INTEGER NOT NULL,
                        last INTEGER NOT NULL,
                        count INTEGER NOT NULL,
                        PRIMARY KEY(credential, workload, program, person)) WITHOUT ROWID;
                    """)
        }
    }

    private static func registerHistory(_ migrator: inout DatabaseMigrator) {
        migrator.registerMigration("history") { db in
            try db.execute(
                sql: """
                    ALTER TABLE change ADD COLUMN action TEXT NOT NULL DEFAULT '';
                    ALTER TABLE change ADD COLUMN before TEXT;       -- JSON of what was there; NULL where it is not kept
                    ALTER TABLE change ADD COLUMN replaces INTEGER NOT NULL DEFAULT 1; -- more than what people allow
                    ALTER TABLE change ADD COLUMN undoes INTEGER;    -- the change that was taken back
                    ALTER TABLE change ADD COLUMN undone_by INTEGER;
                    UPDATE change SET action = substr(what, 1, instr(what || ' ', ' ') - 1);
                    UPDATE change SET what = trim(substr(what, length(action) + 2));
                    UPDATE change SET replaces = 0 WHERE action = 'allow';
                    CREATE INDEX change_workload ON change(workload, digest, id);
                    """)
        }
    }
}
