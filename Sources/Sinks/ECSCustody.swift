import Drift
import Events
import Evidence

/// What an auditor asks of an instance that ended.
extension JSONWriter {
    mutating func custody(_ custody: Custody) {
        object("custody") { json in
            json.key("alerts")
            json.beginArray()
            for alert in custody.alerts {
                json.beginObject()
                json.field("decision", alert.decision)
                json.identifier("id", alert.id)
                json.field("rule", alert.rule)
                json.field("severity", alert.severity)
                json.time("time", alert.time)
                json.endObject()
            }
            json.endArray()
            json.key("credentials")
            json.beginArray()
            for read in custody.reads {
                json.beginObject()
                json.field("by", read.isPerson ? "person" : "workload")
                json.field("class", read.sort)
                json.time("first", read.first)
                json.time("last", read.last)
                json.field("path", read.path)
                json.field("program", read.program)
                json.endObject()
            }
            json.endArray()
            json.policy(custody.policy)
            json.scan(custody.scan)
        }
    }

    private mutating func policy(_ policy: Custody.Policy?) {
        object("policy") { json in
            json.time("approved_at", orNull: policy?.approvedAt)
            json.field("approved_by", orNull: policy?.approvedBy)
            json.field("checksum", orNull: policy?.checksum)
            json.field("digest", orNull: policy?.digest)
            json.field("file", policy?.file)
            json.field("state", policy?.state ?? "none")
        }
    }
}
