import Foundation
import GRDB

/// podman's SQLite database, of version 4.8 and later: one row per container, with its configuration as JSON.
enum PodmanDatabase {
    enum Answer: Equatable {
        case found([UInt8])
        /// podman is just writing.
        case busy
        /// No database, or nothing in it.
        case none
        /// It is no database, or a newer one.
        case broken
    }

    /// Reads without waiting and writes nothing, not even a journal. SQLite opens whatever lies there, a pipe too, and a
    /// view may have no end: so what other users can put there is not opened.
    static func config(of id: String, path: String) -> Answer {
        guard let path = Files.unsharedFile(path) else { return .none }
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .immediateError
        configuration.maximumReaderCount = 1
        do {
            let text = try DatabaseQueue(path: path, configuration: configuration).read { database in
                try String.fetchOne(
                    database, sql: "SELECT JSON FROM ContainerConfig WHERE ID = ? AND length(JSON) <= ?",
                    arguments: [id, Files.limit])
            }
            return text.map { .found(Array($0.utf8)) } ?? .none
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY || error.resultCode == .SQLITE_LOCKED
        {
            return .busy
        } catch {
            return .broken
        }
    }
}
