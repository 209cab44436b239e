import Events
import Evidence

/// What an instance did until it ended.
extension JSONWriter {
    mutating func life(_ life: Life, ended: Int64) {
        object("life") { json in
            json.object("acts") { json in
                for kind in Kind.byName { json.field(kind.key, life.account.seen[Int(kind.wireNumber) - 1]) }
            }
            json.field("alerts", life.alerts)
            if let time = life.askedForIdentity { json.time("asked_for_identity", time) }
            json.time("began", life.began)
            json.field("credentials", life.credentials)
            json.field("destinations", life.destinations)
            json.time("ended", ended)
            if let alive = life.lastKnownAlive {
                json.object("ended_between") { json in
                    json.time("from", alive)
                    json.time("to", ended)
                }
            }
            if let status = life.exit {
                json.object("exit") { json in
                    if status & 0x7f == 0 {
                        json.field("code", status >> 8 & 0xff)
                    } else {
                        json.field("signal", status & 0x7f)
                    }
                }
            }
            json.field("lost", life.account.unseen)
            json.field("pre_existing", life.isPreExisting)
            json.field("programs", life.programs)
        }
    }

    /// How many different ones, and the first of them by name.
    private mutating func field(_ name: StaticString, _ seldom: Life.Seldom) {
        object(name) { json in
            json.field("count", seldom.count)
            json.field("first", seldom.names)
        }
    }
}
