import Drift
import Events
import Workloads

/// Where a process comes from.
extension JSONWriter {
    /// Of a relative's words, the first so many are enough to know it by.
    private static let words = 16
    private static let bytes = 512

    mutating func ancestors(_ family: Family, _ entities: EntityIDs) {
        guard !family.ancestors.isEmpty else { return }
        key("ancestors")
        beginArray()
        // Without their words: those of shells and scripts are long, and the same in each line.
        for relative in family.ancestors { self.relative(relative, entities, words: false) }
        endArray()
    }

    mutating func entered(_ family: Family, _ entities: EntityIDs) {
        guard let entrant = family.entrant else { return }
        object("entered") { json in
            json.key("by")
            json.relative(entrant, entities)
        }
    }

    mutating func login(_ login: Lineage.Login, name: String?) {
        guard login != .nobody else { return }
        object("login") { json in
            if let session = login.session { json.keyword("session", session) }
            json.field("terminal", login.terminal)
            guard let uid = login.uid else { return }
            json.object("user") { json in
                json.keyword("id", uid)
                json.field("name", name)
            }
        }
    }

    mutating func entryLeader(_ family: Family, _ entities: EntityIDs) {
        guard let leader = family.leader else { return }
        key("entry_leader")
        relative(leader, entities)
    }

    private mutating func relative(_ relative: Relative, _ entities: EntityIDs, words: Bool = true) {
        beginObject()
        if words {
            var room = Self.bytes
            let first = relative.arguments.prefix(Self.words).prefix { word in
                room -= word.utf8.count
                return room >= 0
            }
            field("args", Array(first))
        }
        field("entity_id", relative.entity ?? entities.id(relative.process))
        field("executable", relative.executable)
        field("pid", relative.process.pid)
        endObject()
    }
}
