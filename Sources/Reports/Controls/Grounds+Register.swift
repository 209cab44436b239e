import Evidence

/// What the register, the evidence itself and responses give.
extension Grounds {
    func ofIdentities(_ ground: Ground) -> Found? {
        let register = report.register
        let counts = register.counts
        guard counts.identities > 0 else { return nil }
        let present = counts.identities - register.count(.retired)
        func some(_ count: Int, _ what: String, more: String = "", lacks: String? = nil) -> Found? {
            let lacks = count < present ? "only \(count) of \(present) identities \(what)" : lacks
            return count == 0
                ? nil
                : Found(
                    "\(count) of \(present) identities \(what)\(more)", count, [], "driftwatch register", lacks: lacks)
        }
        switch ground {
        case .owners: return some(counts.owned, "have an owner")
        case .reviews:
            return some(
                counts.reviewed, "have a review interval", more: ", \(counts.overdue) overdue",
                lacks: counts.overdue > 0 ? "\(Words.count(counts.overdue, "review")) overdue" : nil)
        case .offboarding:
            let gone = [Inventory.State.expired, .orphaned, .dormant, .retired].map {
                "\(register.count($0)) \($0.rawValue)"
            }
            return Found(
                "of \(Words.count(counts.identities, "identity", "identities")): \(gone.joined(separator: ", "))",
                counts.identities, register.changes["identity-expired"].lines, "driftwatch register")
        case .attestation: return some(counts.attested, "carry a SPIFFE ID")
        case .scans: return some(counts.scanned, "run what a scanner has looked at")
        case .privilege:
            return some(
                counts.lookedAt, "were looked at for capabilities and mounts",
                more: ", \(counts.privileged) privileged",
                lacks: counts.usedKnown == 0 ? "which capabilities are used is not known" : nil
            )
        case .flows:
            return counts.withDestinations == 0
                ? nil
                : Found(
                    "destinations of \(Words.count(counts.withDestinations, "identity", "identities"))",
                    counts.withDestinations, [], "driftwatch register -o wide")
        default:
            let new = register.changes["identity-registered"]
            return Found(
                "\(Words.count(counts.identities, "identity", "identities")), \(new.count) first seen in the period",
                counts.identities, new.lines, "driftwatch register")
        }
    }

    func ofCredentials(_ ground: Ground) -> Found? {
        let register = report.register
        let counts = register.counts
        guard counts.credentials > 0 else { return nil }
        switch ground {
        case .sharing:
            return Found(
                "\(counts.shared) of \(counts.credentials) credentials were read by more than one workload",
                counts.shared, register.changes["credential-shared"].lines, "driftwatch register")
        case .people:
            return Found(
                "\(counts.peopleOnly) of \(counts.credentials) credentials were read by people only, \(counts.peopleToo) by people too",
                counts.peopleOnly + counts.peopleToo, register.changes["credential-human-use"].lines,
                "driftwatch register")
        default:
            let new = register.changes["credential-registered"]
            return Found(
                "\(Words.count(counts.credentials, "credential")) with their readers, \(counts.readInPeriod) read in the period",
                counts.credentials, new.lines, "driftwatch register")
        }
    }

    func ofEvidence(_ ground: Ground) -> Found? {
        let (proof, instances) = (report.proof, report.instances)
        switch ground {
        case .chain:
            guard proof.lines > 0 else { return nil }
            let proven = proof.proven.map { "proven up to line \($0.line)" } ?? "nothing of it proven"
            return Found(
                "\(proof.lines) lines chained and signed, \(proven)", Int(clamping: proof.lines), [],
                "driftwatch evidence verify")
        case .anchor:
            let given = [
                proof.keyGiven ? "the public key" : nil, proof.checkpointsGiven ? "checkpoints" : nil,
            ].compactMap(\.self)
            guard !given.isEmpty else { return nil }
            return Found(
                "held against \(Words.list(given)) kept elsewhere", given.count, [],
                "driftwatch evidence verify --public-key FILE --checkpoints FILE")
        case .year: return kept(365)
        case .quarter: return kept(90)
        case .lives:
            guard instances.ended > 0 else { return nil }
            return Found(
                "\(Words.count(instances.ended, "instance")) ended, each told with what it did", instances.ended,
                instances.signed.lines, "driftwatch evidence show | jq 'select(.event.action == \"workload-ended\")'")
        default:
            guard instances.signed.count > 0 else { return nil }
            return Found(
                "\(Words.count(instances.signed.count, "signed custody record")) of instances", instances.signed.count,
                instances.signed.lines, "driftwatch evidence custody",
                lacks: instances.forged.count + instances.unsigned > 0
                    ? "\(Words.count(instances.forged.count + instances.unsigned, "record")) without a signature of the key"
                    : nil)
        }
    }

    private func kept(_ days: Int) -> Found? {
        guard let since = report.proof.since else { return nil }
        let has = Int(max(0, report.made.nanoseconds - since.nanoseconds) / 86_400_000_000_000)
        return Found(
            "kept since \(since.text), \(Words.count(has, "day"))", has, [], "driftwatch evidence show | head -n 1",
            lacks: has < days ? "\(has) of \(days) days are there" : nil)
    }

    func ofResponses(_ ground: Ground) -> Found? {
        let responses = report.responses
        let show = "driftwatch evidence show | jq 'select(.event.action // \"\" | test(\"^response-\"))'"
        func done(_ what: String, _ actions: Set<String>) -> Found? {
            let pointer = responses.pointer(actions)
            return pointer.count == 0
                ? nil
                : Found("\(Words.count(pointer.count, "response")) that \(what)", pointer.count, pointer.lines, show)
        }
        switch ground {
        case .contained: return done("restricted, froze, ended or revoked something", ResponseChapter.containing)
        case .notified: return done("told somebody", ["notified"])
        default:
            guard responses.count > 0 else { return nil }
            return Found(
                "\(Words.count(responses.count, "decision")) recorded, \(responses.dry.count) in a dry run, \(responses.failed.count) failed",
                responses.count, Array(responses.latest.first.prefix(Pointer.most).map(\.line).sorted()), show,
                lacks: responses.failed.count > 0 ? "\(Words.count(responses.failed.count, "response")) failed" : nil)
        }
    }
}
