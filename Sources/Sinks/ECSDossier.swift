import Evidence

/// Whose a workload is. What nobody has said is null, so that it can be asked for.
extension JSONWriter {
    mutating func owner(_ ownership: Ownership, at now: Int64) {
        object("owner") { json in
            json.field("contact", orNull: ownership.contact)
            json.field("documentation", ownership.documentation)
            json.field("expires", ownership.expires)
            let findings = ownership.findings(at: now)
            if !findings.isEmpty { json.field("findings", findings.map(\.rawValue)) }
            json.field("name", orNull: ownership.owner)
            json.field("pipeline", ownership.pipeline)
            json.field("purpose", orNull: ownership.purpose)
            json.field("repository", orNull: ownership.repository)
            if let review = ownership.review { json.field("review_days", UInt64(review)) }
            json.field("reviewed", ownership.reviewed)
            json.field("revision", ownership.revision)
            json.field("source", ownership.source)
        }
    }
}
