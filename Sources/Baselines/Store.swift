import Events
import Foundation
import GRDB

/// What the monitor knows between its runs: an SQLite file that the daemon writes and commands read and edit beside it.
package struct Store: Sendable {
    private let pool: DatabasePool
    package let path: String
    /// Which file was opened.
    private let inode: ino_t?

    /// Opens for the daemon, which holds the lock: a file that is corrupt is moved aside, and said so in `notice`.
    package static func open(directory: String) throws(StateError) -> (store: Store, notice: String?) {
        try StateDirectory.prepare(directory)
        let path = directory + "/driftwatch.db"
        do {
            return (try Store(path: path, checks: true), nil)
        } catch {
            guard error.isCorruption else { throw error.asStateError(path) }
        }
        let aside = path + ".corrupt-" + Timestamp.text(now()).replacingOccurrences(of: ":", with: "")
        for ending in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: path + ending) {
            guard rename(path + ending, aside + ending) == 0 else {
                throw StateError("\(path) is corrupt and cannot be moved aside: \(reason(errno))")
            }
        }
        do {
            return (
                try Store(path: path, checks: false),
                "\(path) was corrupt; it was moved to \(aside) and learning begins anew (export what you need from it by sqlite3 .recover)"
            )
        } catch {
            throw error.asStateError(path)
        }
    }

    /// Opens for a command, beside a daemon or without one; the file must be there.
    package static func attach(directory: String) throws(StateError) -> Store {
        let path = directory + "/driftwatch.db"
        guard FileManager.default.fileExists(atPath: path) else {
            throw StateError("no state in \(directory): run driftwatch first, or name its directory with --state")
        }
        do {
            return try Store(path: path, checks: false)
        } catch {
            throw error.asStateError(path)
        }
    }

    /// What a monitor left under names, read without taking part: nothing is made or changed. Nil where there is no state.
    package static func peek(_ names: [String], directory: String) throws(StateError) -> [String: String]? {
        let path = directory + "/driftwatch.db"
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        do {
            return try DatabaseQueue(path: path, configuration: configuration).read { db in
                try names.reduce(into: [:]) { $0[$1] = try meta($1, db) }
            }
        } catch {
            throw StoreFailure(error).asStateError(path)
        }
    }

    /// As `attach`, but makes an empty state where there is none; for import.
    package static func attachOrCreate(directory: String) throws(StateError) -> Store {
        try StateDirectory.prepare(directory)
        do {
            return try Store(path: directory + "/driftwatch.db", checks: false)
        } catch {
            throw error.asStateError(directory + "/driftwatch.db")
        }
    }

    /// False once the file that is written to is no longer the one of its name: nobody will find what is in it.
    package var isInPlace: Bool { inode == Self.inode(path) }

    private static func inode(_ path: String) -> ino_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_ino : nil
    }

    private init(path: String, checks: Bool) throws(StoreFailure) {
        self.path = path
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        // There from the start: one more that came later would look like a leak.
        configuration.maximumReaderCount = 1
        configuration.prepareDatabase { db in
            // With a write-ahead log this survives a kill; only a power cut may cost the last batches.
            try db.execute(sql: "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -1024; PRAGMA foreign_keys = ON")
        }
        let existed = FileManager.default.fileExists(atPath: path)
        do {
            // SQLite gives its log and index the mode of the file.
            if !existed { close(Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)) }
            pool = try DatabasePool(path: path, configuration: configuration)
            inode = Self.inode(path)
            let migrator = StoreSchema.migrator
            if try pool.read({ try migrator.hasBeenSuperseded($0) }) { throw StoreFailure.newer }
            try migrator.migrate(pool)
            if checks, existed, try pool.read({ try Self.meta("clean", $0) }) != "1" {
                let verdict = try pool.read { try String.fetchOne($0, sql: "PRAGMA quick_check(1)") }
                if verdict != "ok" { throw StoreFailure.corrupt }
            }
        } catch {
            throw StoreFailure(error)
        }
    }

    /// Writes all or nothing, but for baselines that people replaced after the revision that the writer knows: what he
    /// says of those was true of what they replaced.
    package func write(_ batch: [StoreWrite], knowing revision: Int = .max) throws(StateError) {
        guard !batch.isEmpty else { return }
        try change { db in
            let replaced = try Self.replaced(since: revision, db)
            for write in batch where write.key.map({ !replaced.contains($0) }) ?? true { try Self.apply(write, db) }
        }
    }

    /// Grows with each edit by a command; the daemon loads anew when it does.
    package func revision() throws(StateError) -> Int {
        try look { db in try Int.fetchOne(db, sql: "SELECT coalesce(max(id), 0) FROM change") ?? 0 }
    }

    package func meta(_ name: String) throws(StateError) -> String? {
        try look { try Self.meta(name, $0) }
    }

    /// What was kept of instances that ran, by whatever they were kept under.
    package func lives() throws(StateError) -> [(home: String, json: String)] {
        try look { db in
            try Row.fetchAll(db, sql: "SELECT home, json FROM life ORDER BY home").map { ($0["home"], $0["json"]) }
        }
    }

    package func baselines() throws(StateError) -> [StoredBaseline] {
        try look { db in
            try Row.fetchAll(db, sql: "SELECT * FROM baseline ORDER BY workload, digest").map(StoredBaseline.init(row:))
        }
    }

    /// Whose baselines there are and whether they are armed, those that were armed last first.
    func latestFirst() throws(StateError) -> [(key: BaselineKey, isArmed: Bool)] {
        try look { db -> [(key: BaselineKey, isArmed: Bool)] in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT workload, digest, state FROM baseline
                    ORDER BY armed_at IS NOT NULL, armed_at DESC, workload, digest
                    """)
            return rows.map { row in
                let state: String = row["state"]
                return (BaselineKey(row: row), state == BaselineStatus.State.armed.rawValue)
            }
        }
    }

    package func baselines(of workload: String) throws(StateError) -> [StoredBaseline] {
        try look { db in
            try Row.fetchAll(db, sql: "SELECT * FROM baseline WHERE workload = ?", arguments: [workload])
                .map(StoredBaseline.init(row:))
        }
    }

    /// When each workload was last seen to do something, nanoseconds since the epoch.
    package func lastSeen() throws(StateError) -> [String: Int64] {
        try look { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT workload, MAX(behaviour.last) AS last
                    FROM baseline JOIN behaviour ON behaviour.baseline = baseline.id GROUP BY workload
                    """)
            return Dictionary(uniqueKeysWithValues: rows.map { ($0["workload"], $0["last"]) })
        }
    }

    package func baseline(_ key: BaselineKey) throws(StateError) -> StoredBaseline? {
        try look { try Self.find(key, $0) }
    }

    /// What was observed for a baseline, quarantined behaviours too.
    package func behaviours(_ key: BaselineKey) throws(StateError) -> [StoredBehaviour] {
        try look { try Self.behaviours(key, $0) }
    }

    /// What of it is in quarantine and was not let in by a person, the latest first.
    package func quarantined(_ key: BaselineKey) throws(StateError) -> [StoredBehaviour] {
        let allowed = Set(try baseline(key)?.allowed.entryTexts ?? [])
        return try behaviours(key).filter {
            $0.quarantine != nil && !Generaliser.spec(of: [$0.shape]).entryTexts.allSatisfy(allowed.contains)
        }.sorted { ($1.last, $0.id) < ($0.last, $1.id) }
    }

    package func alert(_ id: String) throws(StateError) -> StoredAlert? {
        try look { db in
            try Row.fetchOne(db, sql: "SELECT * FROM alert WHERE id = ?", arguments: [id]).map(StoredAlert.init(row:))
        }
    }

    /// The latest, newest first.
    package func alerts(limit: Int = 100) throws(StateError) -> [StoredAlert] {
        try look { db in
            try Row.fetchAll(db, sql: "SELECT * FROM alert ORDER BY time DESC LIMIT ?", arguments: [limit])
                .map(StoredAlert.init(row:))
        }
    }

    // MARK: Inside

    func look<Value>(_ body: (Database) throws -> Value) throws(StateError) -> Value {
        do { return try pool.read(body) } catch { throw StoreFailure(error).asStateError(path) }
    }

    func change<Value>(_ body: (Database) throws -> Value) throws(StateError) -> Value {
        do { return try pool.write(body) } catch { throw StoreFailure(error).asStateError(path) }
    }

    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    static func meta(_ name: String, _ db: Database) throws -> String? {
        try String.fetchOne(db, sql: "SELECT value FROM meta WHERE name = ?", arguments: [name])
    }
}

/// What went wrong below: told apart only where something different is to be done.
enum StoreFailure: Error {
    case corrupt, newer
    case notKept(Int)
    case other(String)

    init(_ error: any Error) {
        if let failure = error as? StoreFailure {
            self = failure
        } else if let error = error as? DatabaseError {
            switch error.resultCode {
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .corrupt
            case .SQLITE_FULL: self = .other("the disk is full; free some space")
            case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM:
                self = .other(
                    "cannot be written (\(error.message ?? "no reason given")); choose another directory with --state")
            case .SQLITE_BUSY: self = .other("is in use for more than 5 s; try again")
            default: self = .other(error.message ?? "\(error.resultCode)")
            }
        } else {
            self = .other("\(error)")
        }
    }

    var isCorruption: Bool { if case .corrupt = self { true } else { false } }

    func asStateError(_ path: String) -> StateError {
        switch self {
        case .corrupt: StateError("\(path) is corrupt; the next run moves it aside and begins anew")
        case .newer:
            StateError("\(path) was made by a newer driftwatch; use that one, or another directory with --state")
        case .notKept(let id):
            StateError(
                "what was there before change \(id) is not kept any more; import an exported file instead")
        case .other(let text): StateError("\(path): \(text.split(separator: "\n").joined(separator: " "))")
        }
    }
}
