import Foundation
import GRDB

/// A baseline as its rows were before a person changed it, whatever columns they had.
struct Kept: Codable {
    /// Nil: there was none.
    var baseline: [String: Cell]?
    /// Nil: they were not touched.
    var behaviours: [[String: Cell]]?

    enum Cell: Codable, Equatable {
        case null
        case integer(Int64)
        case real(Double)
        case text(String)
    }

    init(_ key: BaselineKey, _ db: Database, behavioursToo: Bool) throws {
        guard let id = try Store.id(key, db) else { return }
        baseline = try Row.fetchOne(db, sql: "SELECT * FROM baseline WHERE id = ?", arguments: [id]).map(Self.cells)
        if behavioursToo {
            behaviours = try Row.fetchAll(db, sql: "SELECT * FROM behaviour WHERE baseline = ?", arguments: [id])
                .map(Self.cells)
        }
    }

    init?(_ json: String?) {
        guard let json, let kept = try? JSONDecoder().decode(Kept.self, from: Data(json.utf8)) else { return nil }
        self = kept
    }

    var json: String {
        // Numbers and texts always encode.
        String(decoding: (try? JSONEncoder().encode(self)) ?? Data("{}".utf8), as: UTF8.self)
    }

    /// What people had allowed, as YAML.
    var allowed: String {
        if case .text(let yaml)? = baseline?["allowed"] { yaml } else { "" }
    }

    /// Puts the rows back in place of what is there.
    func restore(_ key: BaselineKey, _ db: Database) throws {
        guard var row = baseline else {
            try db.execute(
                sql: "DELETE FROM baseline WHERE workload = ? AND digest = ?",
                arguments: [key.workload, key.digest ?? ""])
            return
        }
        row["id"] = nil
        if let id = try Store.id(key, db) {
            let columns = row.keys.sorted()
            try db.execute(
                sql:
                    "UPDATE baseline SET \(columns.map { $0.quotedDatabaseIdentifier + " = ?" }.joined(separator: ", ")) WHERE id = ?",
                arguments: StatementArguments(columns.map { row[$0]!.databaseValue } + [id.databaseValue]))
        } else {
            try Self.insert(row, into: "baseline", db)
        }
        guard let behaviours, let id = try Store.id(key, db) else { return }
        try db.execute(sql: "DELETE FROM behaviour WHERE baseline = ?", arguments: [id])
        for var behaviour in behaviours {
            behaviour["baseline"] = .integer(id)
            try Self.insert(behaviour, into: "behaviour", db)
        }
    }

    private static func cells(_ row: Row) -> [String: Cell] {
        Dictionary(uniqueKeysWithValues: row.map { ($0, Cell($1)) })
    }

    private static func insert(_ row: [String: Cell], into table: String, _ db: Database) throws {
        let columns = row.keys.sorted()
        let names = columns.map(\.quotedDatabaseIdentifier).joined(separator: ", ")
        let marks = columns.map { _ in "?" }.joined(separator: ", ")
        try db.cachedStatement(sql: "INSERT INTO \(table)(\(names)) VALUES(\(marks))")
            .execute(arguments: StatementArguments(columns.map { row[$0]!.databaseValue }))
    }
}

extension Kept.Cell: DatabaseValueConvertible {
    init(_ value: DatabaseValue) {
        self =
            switch value.storage {
            case .null, .blob: .null
            case .int64(let number): .integer(number)
            case .double(let number): .real(number)
            case .string(let text): .text(text)
            }
    }

    var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let number): number.databaseValue
        case .real(let number): number.databaseValue
        case .text(let text): text.databaseValue
        }
    }

    static func fromDatabaseValue(_ value: DatabaseValue) -> Self? { Self(value) }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let number = try? container.decode(Int64.self) {
            self = .integer(number)
        } else if let number = try? container.decode(Double.self) {
            self = .real(number)
        } else {
            self = .text(try container.decode(String.self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .integer(let number): try container.encode(number)
        case .real(let number): try container.encode(number)
        case .text(let text): try container.encode(text)
        }
    }
}
